// Captures of subgraphs; the contract is in subgraphs.h.
#include "core/graph/subgraphs.h"

#include <algorithm>
#include <unordered_map>

#include "core/base/sort_order.h"
#include "core/graph/edit.h"

namespace halftone {
namespace {

void collect_captures(const Graph& graph, std::unordered_set<std::string_view>& names) {
  for (const Value& v : graph.values) {
    if (v.from_outer_scope) names.insert(v.name);
  }
  std::unordered_set<std::string_view> inner;
  for (const Node& node : graph.nodes) {
    for_each_subgraph(node, [&](const Graph& g) { collect_captures(g, inner); });
  }
  if (inner.empty()) return;
  // What the graph defines itself stops here.
  for (const Value& v : graph.values) {
    if (!v.from_outer_scope) inner.erase(v.name);
  }
  names.insert(inner.begin(), inner.end());
}

std::unordered_map<std::string_view, ValueId> ids_by_name(const Graph& graph) {
  std::unordered_map<std::string_view, ValueId> ids;
  ids.reserve(graph.values.size());
  for (size_t i = 0; i < graph.values.size(); ++i) ids.emplace(graph.values[i].name, static_cast<ValueId>(i));
  return ids;
}

// Both names may be captured already: then one value takes over the other's uses.
void rename_own_capture(Graph& graph, const std::string& from, const std::string& to) {
  const ValueId old = graph.find_value(from), present = graph.find_value(to);
  if (old == kNoValue || !graph.value(old).from_outer_scope) return;
  if (present == kNoValue) {
    graph.value(old).name = to;
    return;
  }
  for (Node& node : graph.nodes) std::replace(node.inputs.begin(), node.inputs.end(), old, present);
  std::replace(graph.outputs.begin(), graph.outputs.end(), old, present);
  compact(graph);
}

GraphPtr renamed(const GraphPtr& graph, const std::string& from, const std::string& to) {
  if (!graph) return graph;
  std::unordered_set<std::string_view> names;
  collect_captures(*graph, names);
  if (!names.contains(from)) return graph;
  auto copy = std::make_shared<Graph>(*graph);
  for (Node& node : copy->nodes) rename_capture(node, from, to);
  rename_own_capture(*copy, from, to);
  return copy;
}

}  // namespace

std::unordered_set<std::string_view> captured_names(const Node& node) {
  std::unordered_set<std::string_view> names;
  for_each_subgraph(node, [&](const Graph& g) { collect_captures(g, names); });
  return names;
}

ClosedGraph close_graph(const Graph& inner, const Graph& outer) {
  ClosedGraph closed{inner, {}};
  std::unordered_set<std::string_view> captured;
  collect_captures(inner, captured);
  std::vector<std::string_view> names(captured.begin(), captured.end());
  sort_list(names);
  const auto inside = ids_by_name(inner), outside = ids_by_name(outer);
  for (const std::string_view name : names) {
    const auto from = outside.find(name);
    if (from == outside.end()) continue;  // verify() has refused such a graph
    const Value& source = outer.value(from->second);
    const auto own = inside.find(name);
    ValueId id = static_cast<ValueId>(closed.graph.values.size());
    if (own != inside.end()) {
      id = own->second;
    } else {
      closed.graph.values.emplace_back().name = name;
    }
    Value& value = closed.graph.value(id);
    value.from_outer_scope = false;
    value.dtype = source.dtype;
    value.shape = source.shape;
    value.type_opaque = source.type_opaque;
    value.constant = source.constant;
    if (value.is_constant()) continue;
    closed.graph.inputs.push_back(id);
    closed.captures.push_back(from->second);
  }
  return closed;
}

std::vector<std::vector<ValueId>> captured_values(const Graph& graph) {
  std::vector<std::vector<ValueId>> captured(graph.nodes.size());
  std::unordered_map<std::string_view, ValueId> ids;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (graph.nodes[n].removed) continue;
    const auto names = captured_names(graph.nodes[n]);
    if (names.empty()) continue;
    if (ids.empty()) ids = ids_by_name(graph);
    for (const std::string_view name : names) {
      if (const auto it = ids.find(name); it != ids.end()) captured[n].push_back(it->second);
    }
    sort_list(captured[n]);
  }
  return captured;
}

void collect_subgraph_names(const Graph& graph, std::unordered_set<std::string_view>& names) {
  for (const Node& node : graph.nodes) {
    for_each_subgraph(node, [&](const Graph& g) {
      for (const Value& v : g.values) names.insert(v.name);
      collect_subgraph_names(g, names);
    });
  }
}

void rename_capture(Node& node, const std::string& from, const std::string& to) {
  for (auto& [key, attribute] : node.attributes) {
    if (auto* one = std::get_if<GraphPtr>(&attribute.value)) {
      *one = renamed(*one, from, to);
    } else if (auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
      for (GraphPtr& graph : *many) graph = renamed(graph, from, to);
    }
  }
}

}  // namespace halftone
