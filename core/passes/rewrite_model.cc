// See the header.
#include "core/passes/rewrite_model.h"

#include <algorithm>
#include <string>

namespace halftone {
namespace {

// A rewrite may let an output be another value: give it its name back.
void restore_output_names(Graph& graph, const std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i) {
    const ValueId id = graph.outputs[i];
    if (graph.value(id).name == names[i]) continue;
    const bool twice = std::count(graph.outputs.begin(), graph.outputs.end(), id) > 1;
    const UseMap uses(graph);
    if (uses.producer(id) >= 0 && !twice && graph.find_value(names[i]) == kNoValue) {
      graph.value(id).name = names[i];
      continue;
    }
    Node node;
    node.op_type = "Identity";
    node.name = graph.unique_node_name(names[i] + "_Identity");
    node.inputs = {id};
    const SymShape shape = graph.value(id).shape;
    const ValueId output = graph.add_value(names[i], graph.value(id).dtype, shape);
    node.outputs = {output};
    graph.outputs[i] = output;
    graph.nodes.push_back(std::move(node));
  }
}

}  // namespace

Result<std::vector<RewriteStats>> rewrite_model(Model& model, std::span<const RewriteRule* const> rules) {
  std::vector<std::string> outputs;
  for (ValueId id : model.graph.outputs) outputs.push_back(model.graph.value(id).name);
  constexpr int kMaxSweeps = 64;  // chains shrink by one link a sweep at worst
  HT_ASSIGN(std::vector<RewriteStats> stats, apply_rules(model.graph, model.opset(), rules, kMaxSweeps));
  restore_output_names(model.graph, outputs);
  for (Value& value : model.graph.values) {
    value.stands_for.clear();
    value.stands_for_first.clear();
    value.quant.reset();  // what a program notes of its integers: in a model the nodes say it
  }
  return stats;
}

}  // namespace halftone
