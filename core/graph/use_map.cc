// Producers and uses of a graph's values, laid out flat: maps are built after every rewrite, so no list per value.
#include <algorithm>

#include "core/graph/edit.h"
#include "core/graph/subgraphs.h"

namespace halftone {
namespace {

// Calls visit(value, use) for every use, in the order of nodes, then graph outputs.
template <typename Visit>
void for_each_use(const Graph& graph, const std::vector<std::vector<ValueId>>& captured, Visit&& visit) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (node.removed) continue;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != kNoValue) visit(node.inputs[i], Use{static_cast<int32_t>(n), static_cast<int32_t>(i)});
    }
    for (const ValueId id : captured[n]) visit(id, Use{static_cast<int32_t>(n), -1});
  }
  for (size_t i = 0; i < graph.outputs.size(); ++i) visit(graph.outputs[i], Use{-1, static_cast<int32_t>(i)});
}

}  // namespace

UseMap::UseMap(const Graph& graph) : producer_(graph.values.size(), -1), first_(graph.values.size() + 1, 0) {
  const auto captured = captured_values(graph);
  for_each_use(graph, captured, [&](ValueId id, const Use&) { ++first_[static_cast<size_t>(id) + 1]; });
  for (size_t v = 1; v < first_.size(); ++v) first_[v] += first_[v - 1];
  uses_.resize(static_cast<size_t>(first_.back()));
  std::vector<int32_t> next(first_.begin(), first_.end() - 1);
  for_each_use(graph, captured,
               [&](ValueId id, const Use& use) { uses_[static_cast<size_t>(next[static_cast<size_t>(id)]++)] = use; });
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (graph.nodes[n].removed) continue;
    for (const ValueId id : graph.nodes[n].outputs) {
      if (id != kNoValue) producer_[static_cast<size_t>(id)] = static_cast<int32_t>(n);
    }
  }
}

bool UseMap::is_graph_output(ValueId id) const {
  const auto all = uses(id);
  return std::any_of(all.begin(), all.end(), [](const Use& use) { return use.node < 0; });
}

}  // namespace halftone
