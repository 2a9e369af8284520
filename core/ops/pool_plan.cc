// Shapes and geometry of pools; see the header.
#include "core/ops/pool_plan.h"

#include "core/kernels/pool/pool_channels_last.h"
#include "core/ops/infer_util.h"
#include "core/ops/window.h"

namespace halftone {
namespace {

Result<SymShape> pool_shape(const Node& node, const SymShape& x) {
  if (!x.has_rank()) return SymShape();
  HT_ASSIGN(Window window, read_window(node, x.rank() - 2, {}));
  const int64_t first = node.has(kChannelsLastAttr) ? 1 : 2;
  SymShape shape = x;
  for (int64_t i = 0; i < window.rank; ++i) {
    HT_ASSIGN(shape[first + i], window_output(window, window.axis(i), x[first + i]));
  }
  return shape;
}

// Batch, channels and the first spatial axis; output_dims as the input's.
PoolPlan start_plan(const Node& node, std::span<const int64_t> x) {
  PoolPlan plan;
  plan.channels_last = node.has(kChannelsLastAttr);
  plan.channels = plan.channels_last ? x.back() : x[1];
  plan.output_dims.assign(x.begin(), x.end());
  return plan;
}

}  // namespace

Status infer_pool(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, pool_shape(ctx.node(), ctx.shape(0)));
  if (ctx.node().output(1) != kNoValue) ctx.set_output(1, DType::kInt64, shape);
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

Result<PoolPlan> plan_pool(const Node& node, std::span<const int64_t> x) {
  HT_ASSIGN(Window window, read_window(node, static_cast<int64_t>(x.size()) - 2, {}));
  PoolPlan plan = start_plan(node, x);
  PoolGeometry& g = plan.geometry;
  g.planes = plan.channels_last ? x[0] : x[0] * x[1];
  for (int64_t i = 0; i < window.rank; ++i) {
    const size_t a = window.axis(i), axis = static_cast<size_t>(i) + (plan.channels_last ? 1 : 2);
    g.in[a] = x[axis];
    HT_ASSIGN(g.out[a], resolve_window(window, a, g.in[a]));
    plan.output_dims[axis] = g.out[a];
  }
  g.kernel = window.kernel;
  g.stride = window.stride;
  g.dilation = window.dilation;
  g.pad = window.pad_begin;
  g.pad_end = window.pad_end;
  return plan;
}

Status infer_global_pool(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  if (x.has_rank() && x.rank() < 2) return invalid_model("a global pool needs batch and channel axes");
  SymShape shape = x;
  const int64_t first = ctx.node().has(kChannelsLastAttr) ? 1 : 2;
  for (int64_t i = 2; i < x.rank(); ++i) shape[first + i - 2] = Dim(1);
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

Result<PoolPlan> plan_global(const Node& node, std::span<const int64_t> x) {
  if (x.size() < 2) return invalid_model("a global pool needs batch and channel axes");
  PoolPlan plan = start_plan(node, x);
  const size_t first = plan.channels_last ? 1 : 2;
  int64_t size = 1;
  for (size_t axis = first; axis < first + x.size() - 2; ++axis) {
    size *= x[axis];
    plan.output_dims[axis] = 1;
  }
  if (size == 0) return invalid_model("a global pool over an empty plane " + to_string(x));
  plan.geometry = global_geometry(plan.channels_last ? x[0] : x[0] * x[1], size);
  return plan;
}

}  // namespace halftone
