// Tile and Expand: a tensor repeated along its axes, one strided copy that reads places again.
// Source: ONNX operator specification, Tile-1/6/13, Expand-8/13.
#include <string>

#include "core/base/checked.h"
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// Repeats per axis; opset 1 names one axis and how often.
Result<IntsArgument> repeats(const InferContext& ctx, int64_t rank) {
  const Tensor* first = ctx.constant(1);
  if (first == nullptr) return IntsArgument();
  HT_ASSIGN(auto counts, int_elements(*first));
  if (ctx.opset() < 6) {
    const Tensor* second = ctx.constant(2);
    if (second == nullptr) return IntsArgument();
    HT_ASSIGN(auto axes, int_elements(*second));
    if (counts.size() != 1 || axes.size() != 1) return invalid_model("tiles and axis must be one number each");
    HT_ASSIGN(const int64_t axis, axis_in_rank(axes[0], rank));
    std::vector<int64_t> all(static_cast<size_t>(rank), 1);
    all[static_cast<size_t>(axis)] = counts[0];
    counts = std::move(all);
  }
  if (static_cast<int64_t>(counts.size()) != rank) return invalid_model("repeats do not match the input's rank");
  for (int64_t count : counts) {
    if (count < 0) return invalid_model("a negative number of repeats");
  }
  return IntsArgument{true, true, std::move(counts)};
}

Status infer_tile(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  if (!in.has_rank()) {
    ctx.set_output(0, ctx.dtype(0), {});
    return ok_status();
  }
  HT_ASSIGN(IntsArgument counts, repeats(ctx, in.rank()));
  SymShape out = SymShape::unknown_dims(in.rank());
  for (int64_t i = 0; counts.known && i < in.rank(); ++i) {
    const int64_t count = counts.values[static_cast<size_t>(i)];
    if (count == 1) {
      out[i] = in[i];
    } else if (in[i].known()) {
      auto product = checked_mul(in[i].value, count);
      if (!product) return invalid_model("the tiled size overflows");
      out[i] = Dim(*product);
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_tile(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_tile));
  if (y.size() == 0) return ok_status();
  // y as [repeats0, dim0, repeats1, dim1, ...], where x does not move along the repeats.
  const Dims strides = row_major_strides(x.dims);
  Dims dims;
  Place from;
  for (size_t i = 0; i < x.dims.size(); ++i) {
    dims.insert(dims.end(), {y.dims[i] / x.dims[i], x.dims[i]});
    from.strides.insert(from.strides.end(), {0, strides[i]});
  }
  return move_elements(y, dense_place(dims), x, from, dims);
}

Status infer_expand(InferContext& ctx) {
  SymShape target;
  if (auto contents = ctx.shape_contents(1)) {
    for (Dim& dim : *contents) {
      if (!dim.known() && content_literal(dim)) return invalid_model("the shape to expand to holds a negative size");
    }
    target = SymShape(*std::move(contents));
  } else if (ctx.shape(1).has_rank() && ctx.shape(1).rank() == 1 && ctx.shape(1)[0].known() &&
             ctx.shape(1)[0].value <= kMaxRank) {
    target = SymShape::unknown_dims(ctx.shape(1)[0].value);
  }
  HT_ASSIGN(SymShape out, broadcast_shapes(ctx.shape(0), target));
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_expand(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_expand));
  const Dims strides = row_major_strides(x.dims);
  Place from{0, Dims(y.dims.size(), 0)};
  const size_t lead = y.dims.size() - x.dims.size();
  for (size_t i = 0; i < x.dims.size(); ++i) from.strides[lead + i] = x.dims[i] == 1 ? 0 : strides[i];
  return move_elements(y, dense_place(y.dims), x, from, y.dims);
}

}  // namespace

std::span<const OpDef> tile_ops() {
  static constexpr OpDef kOps[] = {
      move_row("Tile", {2, 3, 1, 1}, infer_tile, run_tile),
      move_row("Expand", {2, 2, 1, 1}, infer_expand, run_expand),
  };
  return kOps;
}

}  // namespace halftone
