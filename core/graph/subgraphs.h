// Graphs inside of attributes (If, Loop, Scan) and what they take from outside. A subgraph refers to values of the
// graphs around it by name: those are its values with from_outer_scope. A graph between the two that only passes a
// name on need not list it. Subgraphs are shared, so whoever changes one changes a copy.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/graph/graph.h"

namespace halftone {

// Calls visit(const Graph&) for every graph that the node's attributes hold (not for those inside of these).
template <typename Visit>
void for_each_subgraph(const Node& node, Visit&& visit) {
  for (const auto& [key, attribute] : node.attributes) {
    if (const auto* one = std::get_if<GraphPtr>(&attribute.value)) {
      if (*one) visit(**one);
    } else if (const auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
      for (const GraphPtr& graph : *many) {
        if (graph) visit(*graph);
      }
    }
  }
}

// Names that the node's subgraphs, at any depth, take from the graph that the node is in or from further out.
std::unordered_set<std::string_view> captured_names(const Node& node);

// A subgraph as a graph of its own: what it takes from `outer` became a constant where that is one, else an input after
// its own inputs. A name that only graphs inside of it use is taken as well.
struct ClosedGraph {
  Graph graph;
  std::vector<ValueId> captures;  // values of `outer` for the inputs added, in order
};
ClosedGraph close_graph(const Graph& inner, const Graph& outer);

// For every node of the graph, in order: which of the graph's values its subgraphs capture, ascending.
std::vector<std::vector<ValueId>> captured_values(const Graph& graph);

// Names of all values of all subgraphs of the graph, at any depth. ONNX wants names unique across nested graphs.
void collect_subgraph_names(const Graph& graph, std::unordered_set<std::string_view>& names);

// The node's subgraphs capture `to` where they captured `from`; the changed ones are copied.
void rename_capture(Node& node, const std::string& from, const std::string& to);

}  // namespace halftone
