// Before:     y = If(constant) {then_branch, else_branch}
// After:      the nodes of the branch that is taken, in the graph around it
// Conditions: everything the branch takes from outside is a value of this graph.
// Formula:    y is what the branch gives.
#include <utility>

#include "core/compile/match.h"
#include "core/compile/resolve_constants.h"
#include "core/compile/rewrites/rules.h"
#include "core/graph/subgraphs.h"

namespace halftone {
namespace {

// Values of the branch as values of the graph; nullopt where one is out of reach. Shapes are to be inferred again: in a
// branch, files may declare what holds for the other one.
std::optional<std::vector<ValueId>> import_values(Graph& graph, const Graph& branch) {
  std::vector<ValueId> ids(branch.values.size(), kNoValue);
  for (size_t i = 0; i < branch.values.size(); ++i) {
    const Value& value = branch.values[i];
    if (!value.from_outer_scope) continue;
    ids[i] = graph.find_value(value.name);
    if (ids[i] == kNoValue) return std::nullopt;
  }
  for (size_t i = 0; i < branch.values.size(); ++i) {
    const Value& value = branch.values[i];
    if (value.from_outer_scope) continue;
    ids[i] =
        value.is_constant() ? graph.add_constant(value.name, value.constant) : graph.add_value(value.name, value.dtype);
  }
  return ids;
}

void import_nodes(Graph& graph, const Graph& branch, const std::vector<ValueId>& ids) {
  std::vector<std::pair<std::string, std::string>> renamed;
  for (size_t i = 0; i < ids.size(); ++i) {
    const std::string& now = graph.value(ids[i]).name;
    if (now != branch.values[i].name) renamed.emplace_back(branch.values[i].name, now);
  }
  for (const Node& inner : branch.nodes) {
    if (inner.removed) continue;
    Node node = inner;
    for (auto* list : {&node.inputs, &node.outputs}) {
      for (ValueId& id : *list) id = id == kNoValue ? kNoValue : ids[static_cast<size_t>(id)];
    }
    for (const auto& [from, to] : renamed) rename_capture(node, from, to);
    graph.nodes.push_back(std::move(node));
  }
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const Node before = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(before, "If")) return false;
  const Tensor* condition = constant_of(graph, before.input(0));
  if (condition == nullptr || condition->dtype() != DType::kBool || condition->size() != 1) return false;
  const GraphPtr branch = before.graph_attr(condition->data<bool>()[0] ? "then_branch" : "else_branch");
  if (!branch || branch->outputs.size() < before.outputs.size()) return false;
  const auto ids = import_values(graph, *branch);
  if (!ids) return false;
  import_nodes(graph, *branch, *ids);
  graph.nodes[static_cast<size_t>(context.node)].removed = true;
  for (size_t i = 0; i < before.outputs.size(); ++i) {
    if (before.outputs[i] == kNoValue) continue;
    take_over(graph, before.outputs[i], (*ids)[static_cast<size_t>(branch->outputs[i])]);
  }
  resolve_constants(graph);
  return true;
}

}  // namespace

const RewriteRule kInlineIf = {"inline_if", "A choice that is known already is taken when the program is made.", apply};

}  // namespace halftone
