// Redirecting uses, and sweeping up what nothing uses.
#include "core/graph/edit.h"

#include <algorithm>

#include "core/graph/subgraphs.h"

namespace halftone {
namespace {

size_t index(ValueId id) { return static_cast<size_t>(id); }

// Marks nodes from which no graph output is reached as removed.
void remove_dead_nodes(Graph& graph) {
  const UseMap uses(graph);
  const auto captured = captured_values(graph);
  std::vector<char> live(graph.nodes.size(), 0);
  std::vector<int32_t> todo;
  const auto reach = [&](ValueId id) {
    const int32_t n = id == kNoValue ? -1 : uses.producer(id);
    if (n < 0 || live[static_cast<size_t>(n)]) return;
    live[static_cast<size_t>(n)] = 1;
    todo.push_back(n);
  };
  for (const ValueId id : graph.outputs) reach(id);
  while (!todo.empty()) {
    const auto n = static_cast<size_t>(todo.back());
    todo.pop_back();
    for (const ValueId id : graph.nodes[n].inputs) reach(id);
    for (const ValueId id : captured[n]) reach(id);
  }
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!live[n]) graph.nodes[n].removed = true;
  }
}

std::vector<char> used_values(const Graph& graph) {
  std::vector<char> used(graph.values.size(), 0);
  const auto mark = [&](const std::vector<ValueId>& ids) {
    for (const ValueId id : ids) {
      if (id != kNoValue) used[index(id)] = 1;
    }
  };
  const auto captured = captured_values(graph);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    mark(graph.nodes[n].inputs);
    mark(graph.nodes[n].outputs);
    mark(captured[n]);
  }
  mark(graph.inputs);
  mark(graph.outputs);
  return used;
}

}  // namespace

void replace_uses(Graph& graph, ValueId from, ValueId to) {
  if (from == to) return;
  const std::string from_name = graph.value(from).name, to_name = graph.value(to).name;
  for (Node& node : graph.nodes) {
    if (node.removed) continue;
    std::replace(node.inputs.begin(), node.inputs.end(), from, to);
    rename_capture(node, from_name, to_name);
  }
  std::replace(graph.outputs.begin(), graph.outputs.end(), from, to);
}

std::vector<ValueId> compact(Graph& graph) {
  remove_dead_nodes(graph);
  std::erase_if(graph.nodes, [](const Node& node) { return node.removed; });

  const std::vector<char> used = used_values(graph);
  std::vector<ValueId> renumbered(graph.values.size(), kNoValue);
  std::vector<Value> kept;
  for (size_t v = 0; v < graph.values.size(); ++v) {
    if (!used[v]) continue;
    renumbered[v] = static_cast<ValueId>(kept.size());
    kept.push_back(std::move(graph.values[v]));
  }
  graph.values = std::move(kept);
  const auto renumber = [&](std::vector<ValueId>& ids) {
    for (ValueId& id : ids) id = id == kNoValue ? kNoValue : renumbered[index(id)];
  };
  for (Node& node : graph.nodes) {
    renumber(node.inputs);
    renumber(node.outputs);
  }
  renumber(graph.inputs);
  renumber(graph.outputs);
  renumber(graph.initializer_inputs);
  std::erase(graph.initializer_inputs, kNoValue);
  return renumbered;
}

}  // namespace halftone
