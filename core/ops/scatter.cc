// ScatterElements (Scatter), ScatterND: a copy of the data with some elements replaced, or combined with updates.
// Source: ONNX operator specification, Scatter-9/11, ScatterElements-11/13/16/18, ScatterND-11/13/16/18.
#include <string>

#include "core/ops/binary_run.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/index_util.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"

namespace halftone {
namespace {

// How an update meets the element at its place; nullopt: it replaces it.
Result<std::optional<Binary>> combination(const Node& node) {
  const std::string name = node.string_attr("reduction", "none");
  if (name == "none") return std::optional<Binary>();
  if (name == "add") return std::optional(Binary::kAdd);
  if (name == "mul") return std::optional(Binary::kMul);
  if (name == "max") return std::optional(Binary::kMax);
  if (name == "min") return std::optional(Binary::kMin);
  return invalid_model("reduction is " + name);
}

// Writes `count` elements of updates from place `from` to place `to` of y, both dense.
Status put(const std::optional<Binary>& how, const MutView& y, int64_t to, const View& updates, int64_t from,
           int64_t count) {
  const Dims dims = {count};
  if (!how) return move_elements(y, {to, {1}}, updates, {from, {1}}, dims);
  HT_ASSIGN(const int64_t bytes, element_bytes(y.dtype));
  const MutView target{y.dtype, dims, y.bytes() + to * bytes};
  return apply_binary(*how, target, View{updates.dtype, dims, updates.bytes() + from * bytes}, target);
}

Status run_scatter_elements(RunContext& ctx) {
  const View &x = ctx.input(0), &updates = ctx.input(2);
  const Dims& dims = ctx.input(1).dims;
  if (updates.dims != dims || static_cast<int64_t>(dims.size()) != x.rank() || updates.dtype != x.dtype) {
    return invalid_model("indices and updates must have one shape, of the data's rank, and updates the data's type");
  }
  HT_ASSIGN(const auto how, combination(ctx.node()));
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), x.rank()));
  for (size_t k = 0; k < dims.size(); ++k) {
    if (static_cast<int64_t>(k) != axis && dims[k] > x.dims[k]) return invalid_model("indices reach beyond the data");
  }
  HT_ASSIGN(auto indices, indices_below(ctx, 1, x.dims[static_cast<size_t>(axis)]));
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  HT_TRY(move_elements(y, dense_place(y.dims), x, dense_place(x.dims), x.dims));
  const Dims strides = row_major_strides(x.dims);
  Dims at(dims.size(), 0);
  for (size_t i = 0; i < indices.size(); ++i, next_index(at, dims)) {
    int64_t to = indices[i] * strides[static_cast<size_t>(axis)];
    for (size_t k = 0; k < at.size(); ++k) to += static_cast<int64_t>(k) == axis ? 0 : at[k] * strides[k];
    HT_TRY(put(how, y, to, updates, static_cast<int64_t>(i), 1));
  }
  return ok_status();
}

Status run_scatter_nd(RunContext& ctx) {
  const View &x = ctx.input(0), &indices = ctx.input(1), &updates = ctx.input(2);
  if (indices.dtype != DType::kInt64 || indices.rank() < 1) return invalid_model("indices must be int64, of rank 1 up");
  if (updates.dtype != x.dtype) return invalid_model("updates must have the data's type");
  const int64_t depth = indices.dims.back();
  if (depth < 0 || depth > x.rank()) return invalid_model("indices are longer than the data's rank");
  const Dims slice_dims(x.dims.begin() + depth, x.dims.end());
  Dims expected(indices.dims.begin(), indices.dims.end() - 1);
  const int64_t tuples = *element_count(expected), slice = *element_count(slice_dims);
  expected.insert(expected.end(), slice_dims.begin(), slice_dims.end());
  if (updates.dims != expected) {
    return invalid_model("updates have shape " + to_string(updates.dims) + ", expected " + to_string(expected));
  }
  HT_ASSIGN(const auto how, combination(ctx.node()));
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  HT_TRY(move_elements(y, dense_place(y.dims), x, dense_place(x.dims), x.dims));
  const Dims strides = row_major_strides(x.dims);
  for (int64_t t = 0; t < tuples; ++t) {
    int64_t to = 0;
    for (int64_t k = 0; k < depth; ++k) {
      HT_ASSIGN(const int64_t index, index_below(indices.as<int64_t>()[t * depth + k], x.dims[static_cast<size_t>(k)]));
      to += index * strides[static_cast<size_t>(k)];
    }
    HT_TRY(put(how, y, to, updates, t * slice, slice));
  }
  return ok_status();
}

constexpr OpDef scatter_op(std::string_view name, RunFn run) {
  return {.name = name, .schema = {3, 3, 1, 1}, .infer = infer_like, .run = run, .cost = move_cost};
}

}  // namespace

std::span<const OpDef> scatter_ops() {
  static constexpr OpDef kOps[] = {
      scatter_op("Scatter", in_float<run_scatter_elements>),
      scatter_op("ScatterElements", in_float<run_scatter_elements>),
      scatter_op("ScatterND", in_float<run_scatter_nd>),
  };
  return kOps;
}

}  // namespace halftone
