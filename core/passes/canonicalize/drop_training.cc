// Training forms as inference; the contract is in drop_training.h.
#include "core/passes/canonicalize/drop_training.h"

#include <algorithm>
#include <memory>

#include "core/graph/edit.h"

namespace halftone {
namespace {

bool is_training(const Node& node) {
  if (node.removed || !node.domain.empty()) return false;
  if (node.op_type == "Dropout") return node.input(2) != kNoValue;
  return node.op_type == "BatchNormalization" && node.int_attr("training_mode", 0) != 0;
}

bool mentions_training(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    if (is_training(node)) return true;
    return std::any_of(node.attributes.begin(), node.attributes.end(), [](const auto& entry) {
      const auto* inner = std::get_if<GraphPtr>(&entry.second.value);
      return inner != nullptr && *inner && mentions_training(**inner);
    });
  });
}

bool are_read(const UseMap& uses, const Node& node) {
  for (size_t i = 1; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != kNoValue && !uses.uses(node.outputs[i]).empty()) return true;
  }
  return false;
}

void drop_in(Graph& graph) {
  const UseMap uses(graph);
  for (Node& node : graph.nodes) {
    for (auto& [key, attribute] : node.attributes) {
      auto* inner = std::get_if<GraphPtr>(&attribute.value);
      if (inner == nullptr || !*inner || !mentions_training(**inner)) continue;
      auto copy = std::make_shared<Graph>(**inner);
      drop_in(*copy);
      *inner = std::move(copy);
    }
    if (!is_training(node)) continue;
    if (node.op_type == "Dropout") {
      node.inputs.resize(2);
    } else if (!are_read(uses, node)) {
      node.attributes.erase("training_mode");
      node.outputs.resize(1);
    }
  }
}

}  // namespace

void drop_training(Model& model) {
  if (!mentions_training(model.graph)) return;
  drop_in(model.graph);
  compact(model.graph);
}

}  // namespace halftone
