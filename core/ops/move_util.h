// Operators that only move elements: one mover for every element type (strings included), the rule that quantized
// values may move unchanged, and what such an operator costs.
#pragma once

#include <span>

#include "core/ops/op_def.h"

namespace halftone {

// A strided place in an array: element offset and strides.
struct Place {
  int64_t offset = 0;
  Dims strides;
};

// Bytes of one element. Error: kUnsupportedOperator for types below 8 bits, naming the type.
Result<int64_t> element_bytes(DType type);

// Copies `dims` elements from one place of `src` to another of `dst`; both views have the same type.
Status move_elements(const MutView& dst, const Place& to, const View& src, const Place& from,
                     std::span<const int64_t> dims);

// Dense place of a tensor of these dims.
Place dense_place(std::span<const int64_t> dims);

// An integer kernel that moves elements needs the parameters of output and (all) inputs to be the same.
bool same_quant(const PrepareContext& ctx);

inline constexpr QuantRule kPassThroughRule{.kind = QuantKind::kPassThrough};
inline constexpr QuantRule kElementwiseRule{.kind = QuantKind::kElementwise};

// Elements of all outputs, a symbol counting as one.
Cost elementwise_cost(const CostContext& ctx);
// No arithmetic.
Cost move_cost(const CostContext& ctx);

// The row of an operator that picks, repeats or reorders input 0's elements and makes none: the same function runs it
// on any type, on quantized values too.
constexpr OpDef move_row(std::string_view name, OpSchema schema, InferFn infer, RunFn run) {
  return {.name = name,
          .schema = schema,
          .infer = infer,
          .run = run,
          .quant = kPassThroughRule,
          .run_int8 = run,
          .int8_applies = same_quant,
          .cost = move_cost};
}

}  // namespace halftone
