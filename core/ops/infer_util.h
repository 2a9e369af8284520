// What most operators' infer functions need: errors, axes, broadcasting that keeps symbols, and integer
// arguments that are an attribute in old opsets and an input in new ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ops/op_def.h"

namespace halftone {

// Errors without `where`: whoever walks the graph adds the node.
Failure invalid_model(std::string message, std::string hint = {});
Failure unsupported(std::string message, std::string hint = {});
// The same for the usual message that is fixed text: less code where it is called.
Failure invalid_model(const char* message);
Failure unsupported(const char* message);

// axis in [-rank, rank) as [0, rank). Error: kInvalidModel naming both.
Result<int64_t> axis_in_rank(int64_t axis, int64_t rank);
// The same for a list; twice the same axis is an error.
Result<Dims> axes_in_rank(Dims axes, int64_t rank);

// Multidirectional broadcasting of what is known: equal symbols stay, a known size above 1 wins over an unknown
// one, an unknown rank makes the result's unknown. Error: kInvalidModel where two known sizes disagree.
Result<SymShape> broadcast_shapes(const SymShape& a, const SymShape& b);
// The same over all inputs of a node, none of which may be absent.
Result<SymShape> broadcast_inputs(const InferContext& ctx);

// The shape of input `b` as opset < 7 aligns it with input `a`: attribute `axis` says where b's first dim goes.
// Unchanged where the node has no `axis`, or b's rank is not below a's.
SymShape legacy_aligned(const Node& node, int64_t opset, const SymShape& a, const SymShape& b);

// Integers that attribute `name` gives (opset < input_since) or constant input `i` (from then on).
struct IntsArgument {
  bool present = false;  // given at all
  bool known = false;    // false while present: an input whose contents are not known yet
  Dims values;
};
// Error: kInvalidModel where the input is not a list of int32 or int64.
Result<IntsArgument> ints_argument(const InferContext& ctx, std::string_view name, size_t i, int64_t input_since);

// Elements of an int32 or int64 tensor. Error: kInvalidModel.
Result<Dims> int_elements(const Tensor& tensor);

// The element type that an integer attribute names (Cast's `to`); `fallback` without the attribute.
Result<DType> dtype_attribute(const Node& node, std::string_view name, DType fallback);

// Contents of shape tensors: a size, a symbol, or a negative number, which is written as a symbol that spells it.
Dim content_dim(int64_t literal);
std::optional<int64_t> content_literal(const Dim& dim);

// Shape of a Dim list as a 1-D tensor's contents, or one per scalar: both have rank 0 or 1.
inline bool is_list(const SymShape& shape) { return shape.has_rank() && shape.rank() <= 1; }

// Output 0 has input 0's type and shape.
Status infer_like(InferContext& ctx);
// Output 0 is input 0, the contents of shape tensors too.
Status infer_same(InferContext& ctx);
// Output 0 has input 0's type and the broadcast shape of all inputs.
Status infer_broadcast(InferContext& ctx);

}  // namespace halftone
