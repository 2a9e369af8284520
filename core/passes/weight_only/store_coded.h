// Puts a weight that became indices into levels into the graph: the nodes that look it up.
#pragma once

#include "core/passes/quantize/new_nodes.h"
#include "core/passes/weight_only/code_weight.h"

namespace halftone {

// type: of the stored codes. The weight's readers read the result. Returns the bytes of codes, levels and scales.
Result<int64_t> store_coded(Graph& graph, NewNodes& made, const WeightOf& weight, const WeightGroups& groups,
                            const CodedWeight& coded, DType type);

}  // namespace halftone
