// Shape and Size: a tensor's sizes as contents, which is where symbols enter arithmetic.
// Source: ONNX operator specification, Shape-1/13/15, Size-1/13.
#include <algorithm>

#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// The dims [start, end) that Shape hands out, both clamped into the rank.
std::pair<int64_t, int64_t> shape_range(const Node& node, int64_t rank) {
  const auto clamped = [rank](int64_t v) { return std::clamp<int64_t>(v < 0 ? v + rank : v, 0, rank); };
  const int64_t start = clamped(std::max(node.int_attr("start", 0), -rank));
  const int64_t end = node.has("end") ? clamped(std::max(node.int_attr("end", 0), -rank)) : rank;
  return {start, std::max(start, end)};
}

Status infer_shape(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  if (!in.has_rank()) {
    ctx.set_output(0, DType::kInt64, SymShape::unknown_dims(1));
    return ok_status();
  }
  const auto [start, end] = shape_range(ctx.node(), in.rank());
  ctx.set_output(0, DType::kInt64, SymShape({Dim(end - start)}));
  ctx.set_output_contents(0, {in.dims().begin() + start, in.dims().begin() + end});
  return ok_status();
}

Status run_shape(RunContext& ctx) {
  const View& x = ctx.input(0);
  const auto [start, end] = shape_range(ctx.node(), x.rank());
  const Dims dims = {end - start};
  HT_ASSIGN(MutView y, ctx.output(0, DType::kInt64, dims));
  std::copy(x.dims.begin() + start, x.dims.begin() + end, y.as<int64_t>());
  return ok_status();
}

Status infer_size(InferContext& ctx) {
  ctx.set_output(0, DType::kInt64, SymShape::of({}));
  if (auto dims = ctx.shape(0).concrete()) {
    if (auto count = element_count(*dims)) ctx.set_output_contents(0, {Dim(*count)});
  }
  return ok_status();
}

Status run_size(RunContext& ctx) {
  HT_ASSIGN(MutView y, ctx.output(0, DType::kInt64, {}));
  *y.as<int64_t>() = ctx.input(0).size();
  return ok_status();
}

}  // namespace

std::span<const OpDef> shape_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "Shape", .infer = infer_shape, .run = run_shape, .cost = move_cost},
      {.name = "Size", .infer = infer_size, .run = run_size, .cost = move_cost},
  };
  return kOps;
}

}  // namespace halftone
