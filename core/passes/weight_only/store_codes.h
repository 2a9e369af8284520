// Puts weights that became codes into the graph.
// Forms: "dequantize_linear"  w = DequantizeLinear(codes, scales, zero points), by tensor, by axis, or by blocks (opset
//                             21); a blocked convolution's codes are a matrix, and a Reshape gives the weight its axes
//        "matmul_nbits"       MatMul(x, w) becomes com.microsoft MatMulNBits(x, codes, scales, zero points)
// Before: readers of w. After: readers of what DequantizeLinear gives (at the front of the node list: all is constant).
#pragma once

#include "core/passes/quantize/new_nodes.h"
#include "core/passes/weight_only/group_codes.h"

namespace halftone {

struct StoredCodes {
  std::string form;
  int64_t bytes = 0;  // codes, scales and zero points
};

// The ai.onnx opset that DequantizeLinear needs for these.
int64_t opset_for_codes(DType type, bool blocked);

// Whether DequantizeLinear takes these groups block by block: blocks, or channels that one axis cannot tell apart.
bool needs_blocks(const MatrixForm& form, const WeightGroups& groups);

// Whether the readers can become MatMulNBits with codes of this many bits and blocks of this length.
bool takes_nbits(const Graph& graph, const WeightOf& weight, int bits, const WeightGroups& groups);

// type: of the codes (bit patterns where it is a small float). scale_type: float32, or float8e8m0, which a Cast makes
// float32; then scales are powers of two.
Result<StoredCodes> store_dequantized(Graph& graph, NewNodes& made, const WeightOf& weight, const WeightGroups& groups,
                                      DType type, const GroupedCodes& codes, DType scale_type = DType::kFloat);
Result<StoredCodes> store_nbits(Graph& graph, NewNodes& made, const WeightOf& weight, const WeightGroups& groups,
                                const Grid& grid, const GroupedCodes& codes);

// Every reader of the weight reads `now` instead.
void redirect(Graph& graph, const WeightOf& weight, ValueId now);

// `made` goes to the front of the node list: its nodes depend on constants only.
void put_first(Graph& graph, NewNodes& made);

}  // namespace halftone
