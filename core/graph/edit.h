// Editing and querying a Graph: uses, producers, order, cleaning up, checking.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace halftone {

struct Use {
  int32_t node;   // index into Graph::nodes; -1: a graph output
  int32_t input;  // index into the node's inputs, or into Graph::outputs
};

// Producers and uses of every value, built once and then kept by the caller; edits of the graph do not reach it.
// Ids must be in range (verify()). Captures of subgraph attributes count as uses of the node that holds the subgraph
// (input = -1). Uses come in the order of nodes and inputs, then graph outputs; erased nodes have none.
class UseMap {
 public:
  explicit UseMap(const Graph& graph);
  // Index of the node that produces the value; -1: graph input, constant, outer scope.
  int32_t producer(ValueId id) const { return producer_[static_cast<size_t>(id)]; }
  // As long as this map lives.
  std::span<const Use> uses(ValueId id) const {
    const auto begin = static_cast<size_t>(first_[static_cast<size_t>(id)]);
    const auto end = static_cast<size_t>(first_[static_cast<size_t>(id) + 1]);
    return std::span<const Use>(uses_).subspan(begin, end - begin);
  }
  bool single_use(ValueId id) const { return uses(id).size() == 1; }
  bool is_graph_output(ValueId id) const;

 private:
  std::vector<int32_t> producer_;
  std::vector<int32_t> first_;  // by value: where its uses start in uses_; one more at the end
  std::vector<Use> uses_;
};

// Points every use of `from` (node inputs, graph outputs, captures in subgraphs) to `to`. Subgraphs that change are
// copied. The node that produces `from` stays.
void replace_uses(Graph& graph, ValueId from, ValueId to);

// Orders nodes so that producers come first, keeping the given order where it allows (stable). Ids must be in range.
// Error: kInvalidModel naming a node on the cycle; the graph is unchanged then.
Status sort_topologically(Graph& graph);

// Removes erased nodes, nodes from which no graph output is reached, then values that nothing mentions; ids are
// renumbered, order stays. Graph inputs and outputs stay. Returns old id -> new id (kNoValue: dropped).
std::vector<ValueId> compact(Graph& graph);

// Every invariant of a Graph: ids in range, one producer per value, no producer for inputs and constants, unique
// names, topological order, outputs produced, constants agree with declared type and shape, captures of subgraphs
// (which are checked too) defined around them by then. Error: `code` (kInvalidModel after reading, kInternal after a
// pass), where = the node or value.
Status verify(const Graph& graph, ErrorCode code);

// One line per node, for tests and debugging: "%y = Conv(%x, %w) {strides=[2, 2]}".
std::string print(const Graph& graph);

}  // namespace halftone
