// Uses, order, cleaning up and checking of a Graph.
#include "core/graph/edit.h"

#include <algorithm>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace halftone {
namespace {

size_t index(ValueId id) { return static_cast<size_t>(id); }

// Calls visit(graph) for every graph that the node's attributes hold.
template <typename Visit>
void for_each_subgraph(const Node& node, Visit&& visit) {
  for (const auto& [key, attribute] : node.attributes) {
    if (const auto* one = std::get_if<GraphPtr>(&attribute.value)) {
      if (*one) visit(**one);
    } else if (const auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
      for (const GraphPtr& g : *many) {
        if (g) visit(*g);
      }
    }
  }
}

// Names that a subgraph takes from enclosing graphs. Nested graphs list theirs as captures of their
// parent's names; those that the parent defines itself stop there.
void collect_captures(const Graph& graph, std::unordered_set<std::string_view>& names) {
  std::unordered_set<std::string_view> inner, own;
  for (const Value& v : graph.values) {
    if (v.from_outer_scope) {
      names.insert(v.name);
    } else {
      own.insert(v.name);
    }
  }
  for (const Node& node : graph.nodes) {
    for_each_subgraph(node, [&](const Graph& g) { collect_captures(g, inner); });
  }
  for (std::string_view name : inner) {
    if (!own.contains(name)) names.insert(name);
  }
}

std::unordered_set<std::string_view> captures_of(const Node& node) {
  std::unordered_set<std::string_view> names;
  for_each_subgraph(node, [&](const Graph& g) { collect_captures(g, names); });
  return names;
}

std::unordered_map<std::string_view, ValueId> names_of(const Graph& graph) {
  std::unordered_map<std::string_view, ValueId> names;
  names.reserve(graph.values.size());
  for (size_t i = 0; i < graph.values.size(); ++i) names.emplace(graph.values[i].name, static_cast<ValueId>(i));
  return names;
}

// For every node, the values its subgraphs capture; built only when some node has a subgraph.
std::vector<std::vector<ValueId>> captured_values(const Graph& graph) {
  std::vector<std::vector<ValueId>> captured(graph.nodes.size());
  std::unordered_map<std::string_view, ValueId> names;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (graph.nodes[n].removed) continue;
    const auto wanted = captures_of(graph.nodes[n]);
    if (wanted.empty()) continue;
    if (names.empty()) names = names_of(graph);
    for (std::string_view name : wanted) {
      if (const auto it = names.find(name); it != names.end()) captured[n].push_back(it->second);
    }
    std::sort(captured[n].begin(), captured[n].end());
  }
  return captured;
}

GraphPtr rename_capture(const GraphPtr& graph, const std::string& from, const std::string& to);

// Renames a captured name in the node's subgraphs (copied: they are shared).
void rename_capture_in(Node& node, const std::string& from, const std::string& to) {
  for (auto& [key, attribute] : node.attributes) {
    if (auto* one = std::get_if<GraphPtr>(&attribute.value)) {
      *one = rename_capture(*one, from, to);
    } else if (auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
      for (GraphPtr& g : *many) g = rename_capture(g, from, to);
    }
  }
}

GraphPtr rename_capture(const GraphPtr& graph, const std::string& from, const std::string& to) {
  if (!graph) return graph;
  std::unordered_set<std::string_view> names;
  collect_captures(*graph, names);
  if (!names.contains(from)) return graph;
  auto copy = std::make_shared<Graph>(*graph);
  for (Value& v : copy->values) {
    if (v.from_outer_scope && v.name == from) v.name = to;
  }
  for (Node& node : copy->nodes) rename_capture_in(node, from, to);
  return copy;
}

}  // namespace

UseMap::UseMap(const Graph& graph) : producer_(graph.values.size(), -1), uses_(graph.values.size()) {
  const auto captured = captured_values(graph);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    if (node.removed) continue;
    const auto number = static_cast<int32_t>(n);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != kNoValue) uses_[index(node.inputs[i])].push_back({number, static_cast<int32_t>(i)});
    }
    for (ValueId id : captured[n]) uses_[index(id)].push_back({number, -1});
    for (ValueId id : node.outputs) {
      if (id != kNoValue) producer_[index(id)] = number;
    }
  }
  for (size_t i = 0; i < graph.outputs.size(); ++i) {
    uses_[index(graph.outputs[i])].push_back({-1, static_cast<int32_t>(i)});
  }
}

bool UseMap::is_graph_output(ValueId id) const {
  return std::any_of(uses(id).begin(), uses(id).end(), [](const Use& use) { return use.node < 0; });
}

void replace_uses(Graph& graph, ValueId from, ValueId to) {
  const std::string from_name = graph.value(from).name;
  const std::string to_name = graph.value(to).name;
  for (Node& node : graph.nodes) {
    if (node.removed) continue;
    std::replace(node.inputs.begin(), node.inputs.end(), from, to);
    rename_capture_in(node, from_name, to_name);
  }
  std::replace(graph.outputs.begin(), graph.outputs.end(), from, to);
}

Status sort_topologically(Graph& graph) {
  const UseMap uses(graph);
  const size_t count = graph.nodes.size();
  std::vector<int32_t> waiting(count, 0);
  std::vector<std::vector<int32_t>> followers(count);
  for (size_t v = 0; v < graph.values.size(); ++v) {
    const int32_t producer = uses.producer(static_cast<ValueId>(v));
    if (producer < 0) continue;
    for (const Use& use : uses.uses(static_cast<ValueId>(v))) {
      if (use.node < 0) continue;
      followers[static_cast<size_t>(producer)].push_back(use.node);
      ++waiting[static_cast<size_t>(use.node)];
    }
  }
  // The smallest ready index first: the given order is kept wherever it is valid.
  std::priority_queue<int32_t, std::vector<int32_t>, std::greater<>> ready;
  for (size_t n = 0; n < count; ++n) {
    if (waiting[n] == 0) ready.push(static_cast<int32_t>(n));
  }
  std::vector<int32_t> order;
  order.reserve(count);
  while (!ready.empty()) {
    const int32_t n = ready.top();
    ready.pop();
    order.push_back(n);
    for (int32_t f : followers[static_cast<size_t>(n)]) {
      if (--waiting[static_cast<size_t>(f)] == 0) ready.push(f);
    }
  }
  if (order.size() != count) {
    const auto stuck = std::find_if(waiting.begin(), waiting.end(), [](int32_t w) { return w > 0; });
    const Node& node = graph.nodes[static_cast<size_t>(stuck - waiting.begin())];
    return Error{ErrorCode::kInvalidModel, "the graph has a cycle: a node needs its own output",
                 node_label(graph, node), "export the model again; ONNX graphs must not have cycles"};
  }
  if (std::is_sorted(order.begin(), order.end())) return ok_status();
  std::vector<Node> sorted;
  sorted.reserve(count);
  for (int32_t n : order) sorted.push_back(std::move(graph.nodes[static_cast<size_t>(n)]));
  graph.nodes = std::move(sorted);
  return ok_status();
}

namespace {

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
  for (ValueId id : graph.outputs) reach(id);
  while (!todo.empty()) {
    const auto n = static_cast<size_t>(todo.back());
    todo.pop_back();
    for (ValueId id : graph.nodes[n].inputs) reach(id);
    for (ValueId id : captured[n]) reach(id);
  }
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!live[n]) graph.nodes[n].removed = true;
  }
}

std::vector<char> used_values(const Graph& graph) {
  std::vector<char> used(graph.values.size(), 0);
  const auto mark = [&](ValueId id) {
    if (id != kNoValue) used[index(id)] = 1;
  };
  const auto captured = captured_values(graph);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (ValueId id : graph.nodes[n].inputs) mark(id);
    for (ValueId id : graph.nodes[n].outputs) mark(id);
    for (ValueId id : captured[n]) mark(id);
  }
  for (ValueId id : graph.inputs) mark(id);
  for (ValueId id : graph.outputs) mark(id);
  // What a subgraph captures is known by name even where its producer is outside: keep those as well.
  for (size_t v = 0; v < graph.values.size(); ++v) {
    if (graph.values[v].from_outer_scope && used[v]) mark(static_cast<ValueId>(v));
  }
  return used;
}

}  // namespace

std::vector<ValueId> compact(Graph& graph) {
  std::erase_if(graph.nodes, [](const Node& node) { return node.removed; });
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
