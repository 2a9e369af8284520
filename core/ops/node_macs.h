// What running a node costs, by its operator's row.
#pragma once

#include "core/graph/graph.h"

namespace halftone {

// Multiply-accumulates, symbolic dims counting as 1; 0 where the operator has no cost or shapes are not known.
int64_t node_macs(const Model& model, const Graph& graph, const Node& node);

}  // namespace halftone
