// Editing and querying a Graph: uses, producers, order, cleaning up, checking.
#pragma once

#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace halftone {

struct Use {
  int32_t node;   // index into Graph::nodes; -1: a graph output
  int32_t input;  // index into the node's inputs, or into Graph::outputs
};

// Producers and uses of every value, built once and then kept by the caller. Captures of subgraph
// attributes count as uses of the node that holds the subgraph (input = -1).
class UseMap {
 public:
  explicit UseMap(const Graph& graph);
  // Index of the node that produces the value; -1: graph input, constant, outer scope.
  int32_t producer(ValueId id) const { return producer_[static_cast<size_t>(id)]; }
  const std::vector<Use>& uses(ValueId id) const { return uses_[static_cast<size_t>(id)]; }
  bool single_use(ValueId id) const { return uses(id).size() == 1; }
  bool is_graph_output(ValueId id) const;

 private:
  std::vector<int32_t> producer_;
  std::vector<std::vector<Use>> uses_;
};

// Points every use of `from` (node inputs, graph outputs, captures in subgraphs) to `to`.
void replace_uses(Graph& graph, ValueId from, ValueId to);

// Orders nodes so that producers come first, keeping the given order where it allows (stable).
// Error: kInvalidModel naming a node on the cycle.
Status sort_topologically(Graph& graph);

// Removes erased nodes, then nodes whose outputs nobody uses, then unused values; ids are renumbered.
// Graph inputs and outputs stay. Returns old id -> new id (kNoValue: dropped).
std::vector<ValueId> compact(Graph& graph);

// Every invariant of a Graph: ids in range, one producer per value, no producer for inputs/constants,
// unique names, topological order, outputs produced, constants agree with declared type and shape.
// `code` is what a violation is reported as: kInvalidModel after reading, kInternal after a pass.
Status verify(const Graph& graph, ErrorCode code);

// One line per node, for tests and debugging: "%y = Conv(%x, %w) {strides=[2, 2]}".
std::string print(const Graph& graph);

}  // namespace halftone
