// MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool (ONNX opset 1 to 22), float and integer.
// Formulas: core/kernels/pool/pool.h; windows: window.h. Maxima take integers as they are (output and input share
// their parameters); averages requantize.
#include "core/kernels/pool/pool.h"

#include <array>
#include <string>

#include "core/base/checked.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"
#include "core/ops/move_util.h"
#include "core/ops/window.h"

namespace halftone {
namespace {

// A window holds at most so many elements in integer mode: sums of 9-bit terms stay below 2^31.
constexpr int64_t kMaxIntegerWindow = int64_t{1} << 22;

Result<SymShape> pool_shape(const Node& node, const SymShape& x) {
  if (!x.has_rank()) return SymShape();
  HT_ASSIGN(Window window, read_window(node, x.rank() - 2, {}));
  std::vector<Dim> dims{x[0], x[1]};
  for (int64_t i = 0; i < window.rank; ++i) {
    HT_ASSIGN(Dim out, window_output(window, window.axis(i), x[i + 2]));
    dims.push_back(std::move(out));
  }
  return SymShape(std::move(dims));
}

Status infer_pool(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, pool_shape(ctx.node(), ctx.shape(0)));
  if (ctx.node().output(1) != kNoValue) ctx.set_output(1, DType::kInt64, shape);
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

struct PoolPlan {
  PoolGeometry geometry;
  Dims output_dims;
};

Result<PoolPlan> plan_pool(const Node& node, std::span<const int64_t> x) {
  HT_ASSIGN(Window window, read_window(node, static_cast<int64_t>(x.size()) - 2, {}));
  PoolPlan plan;
  PoolGeometry& g = plan.geometry;
  g.planes = x[0] * x[1];
  plan.output_dims = {x[0], x[1]};
  for (int64_t i = 0; i < window.rank; ++i) {
    const size_t a = window.axis(i);
    g.in[a] = x[static_cast<size_t>(i) + 2];
    HT_ASSIGN(g.out[a], resolve_window(window, a, g.in[a]));
    plan.output_dims.push_back(g.out[a]);
  }
  g.kernel = window.kernel;
  g.stride = window.stride;
  g.dilation = window.dilation;
  g.pad = window.pad_begin;
  g.pad_end = window.pad_end;
  return plan;
}

template <typename T>
Status max_pool_as(RunContext& ctx, const PoolPlan& plan) {
  const View& x = ctx.input(0);
  if (ctx.wants_output(0)) {
    HT_ASSIGN(MutView y, ctx.output(0, x.dtype, plan.output_dims));
    max_pool(plan.geometry, x.as<T>(), y.as<T>());
  }
  if (ctx.output_count() > 1 && ctx.wants_output(1)) {
    HT_ASSIGN(MutView indices, ctx.output(1, DType::kInt64, plan.output_dims));
    max_pool_indices(plan.geometry, x.as<T>(), ctx.node().int_attr("storage_order", 0) != 0, indices.as<int64_t>());
  }
  return ok_status();
}

Status run_max_pool(RunContext& ctx) {
  HT_ASSIGN(PoolPlan plan, plan_pool(ctx.node(), ctx.input(0).dims));
  switch (ctx.input(0).dtype) {
    case DType::kFloat:
      return max_pool_as<float>(ctx, plan);
    case DType::kDouble:
      return max_pool_as<double>(ctx, plan);
    case DType::kInt8:
      return max_pool_as<int8_t>(ctx, plan);
    case DType::kUint8:
      return max_pool_as<uint8_t>(ctx, plan);
    default:
      return unsupported("MaxPool on " + std::string(dtype_name(ctx.input(0).dtype)));
  }
}

Status need_float(const RunContext& ctx) {
  const DType type = ctx.input(0).dtype;
  if (type == DType::kFloat) return ok_status();
  return unsupported(ctx.node().op_type + " on " + std::string(dtype_name(type)));
}

Status run_average_pool(RunContext& ctx) {
  HT_TRY(need_float(ctx));
  HT_ASSIGN(PoolPlan plan, plan_pool(ctx.node(), ctx.input(0).dims));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
  average_pool_f32(plan.geometry, ctx.input(0).as<float>(), ctx.node().int_attr("count_include_pad", 0) != 0,
                   y.as<float>());
  return ok_status();
}

// --- global pools -----------------------------------------------------------------------------

Status infer_global_pool(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  if (x.has_rank() && x.rank() < 2) return invalid_model("a global pool needs batch and channel axes");
  SymShape shape = x;
  for (int64_t i = 2; i < x.rank(); ++i) shape[i] = Dim(1);
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

struct GlobalPlan {
  int64_t planes, size;
  Dims output_dims;
};

Result<GlobalPlan> plan_global(const View& x) {
  if (x.rank() < 2) return invalid_model("a global pool needs batch and channel axes");
  GlobalPlan plan{x.dims[0] * x.dims[1], 1, x.dims};
  for (size_t i = 2; i < x.dims.size(); ++i) {
    plan.size *= x.dims[i];
    plan.output_dims[i] = 1;
  }
  if (plan.size == 0) return invalid_model("a global pool over an empty plane " + to_string(x.dims));
  return plan;
}

Status run_global_average(RunContext& ctx) {
  HT_TRY(need_float(ctx));
  HT_ASSIGN(GlobalPlan plan, plan_global(ctx.input(0)));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
  global_average_f32(plan.planes, plan.size, ctx.input(0).as<float>(), y.as<float>());
  return ok_status();
}

template <typename T>
Status global_max_as(RunContext& ctx) {
  HT_ASSIGN(GlobalPlan plan, plan_global(ctx.input(0)));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.input(0).dtype, plan.output_dims));
  global_max(plan.planes, plan.size, ctx.input(0).as<T>(), y.as<T>());
  return ok_status();
}

Status run_global_max(RunContext& ctx) {
  switch (ctx.input(0).dtype) {
    case DType::kFloat:
      return global_max_as<float>(ctx);
    case DType::kInt8:
      return global_max_as<int8_t>(ctx);
    case DType::kUint8:
      return global_max_as<uint8_t>(ctx);
    default:
      return need_float(ctx);
  }
}

// --- integer mode -----------------------------------------------------------------------------

bool max_int8_applies(const PrepareContext& ctx) {
  return is_int8_per_tensor(ctx.input_quant(0)) && same_quant(ctx) && ctx.node().outputs.size() == 1;
}

bool average_int8_applies(const PrepareContext& ctx) {
  return is_int8_per_tensor(ctx.input_quant(0)) && is_int8_per_tensor(ctx.output_quant(0));
}

PoolRequant pool_requant(const RunContext& ctx) {
  const QuantParams &x = *ctx.input_quant(0), &y = *ctx.output_quant(0);
  return {x.scale[0] / y.scale[0], x.zero_point[0], y.zero_point[0]};
}

// Calls f(x, y) with pointers of the integers' types.
template <typename F>
void with_int8_types(const View& x, const MutView& y, F f) {
  const bool sx = x.dtype == DType::kInt8, sy = y.dtype == DType::kInt8;
  if (sx && sy) return f(x.as<int8_t>(), y.as<int8_t>());
  if (sx) return f(x.as<int8_t>(), y.as<uint8_t>());
  if (sy) return f(x.as<uint8_t>(), y.as<int8_t>());
  return f(x.as<uint8_t>(), y.as<uint8_t>());
}

Status check_integer_window(std::span<const int64_t> window) {
  const auto elements = checked_product(window);
  if (elements && *elements < kMaxIntegerWindow) return ok_status();
  return unsupported("integer pooling over a window of " + to_string(window), "Leave this node out of quantization.");
}

Status run_average_pool_int8(RunContext& ctx) {
  HT_ASSIGN(PoolPlan plan, plan_pool(ctx.node(), ctx.input(0).dims));
  const PoolGeometry& g = plan.geometry;
  HT_TRY(check_integer_window(g.kernel));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, plan.output_dims));
  HT_ASSIGN(void* scratch, ctx.scratch(g.out[2] * static_cast<int64_t>(sizeof(int32_t))));
  with_int8_types(ctx.input(0), y, [&](auto* from, auto* to) {
    average_pool_int8(g, from, ctx.node().int_attr("count_include_pad", 0) != 0, pool_requant(ctx), to,
                      static_cast<int32_t*>(scratch));
  });
  return ok_status();
}

Status run_global_average_int8(RunContext& ctx) {
  HT_ASSIGN(GlobalPlan plan, plan_global(ctx.input(0)));
  HT_TRY(check_integer_window({{plan.size}}));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, plan.output_dims));
  with_int8_types(ctx.input(0), y, [&](auto* from, auto* to) {
    global_average_int8(plan.planes, plan.size, from, pool_requant(ctx), to);
  });
  return ok_status();
}

Cost pool_cost(const CostContext& ctx) {
  return Cost{.flops =
                  saturating_size(ctx.outputs[0], saturating_size(SymShape::of(ctx.node.ints_attr("kernel_shape"))))};
}

Cost global_cost(const CostContext& ctx) { return Cost{.flops = saturating_size(ctx.inputs[0])}; }

constexpr QuantRule kPassThrough{.kind = QuantKind::kPassThrough};
constexpr QuantRule kOwnRange{.kind = QuantKind::kElementwise};

constexpr std::array kRows = {
    OpDef{.name = "MaxPool",
          .schema = {.max_outputs = 2},
          .infer = infer_pool,
          .run = in_float<run_max_pool>,
          .quant = kPassThrough,
          .run_int8 = run_max_pool,
          .int8_applies = max_int8_applies,
          .cost = pool_cost},
    OpDef{.name = "AveragePool",
          .infer = infer_pool,
          .run = in_float<run_average_pool>,
          .quant = kOwnRange,
          .run_int8 = run_average_pool_int8,
          .int8_applies = average_int8_applies,
          .cost = pool_cost},
    OpDef{.name = "GlobalAveragePool",
          .infer = infer_global_pool,
          .run = in_float<run_global_average>,
          .quant = kOwnRange,
          .run_int8 = run_global_average_int8,
          .int8_applies = average_int8_applies,
          .cost = global_cost},
    OpDef{.name = "GlobalMaxPool",
          .infer = infer_global_pool,
          .run = in_float<run_global_max>,
          .quant = kPassThrough,
          .run_int8 = run_global_max,
          .int8_applies = max_int8_applies,
          .cost = global_cost},
};

}  // namespace

std::span<const OpDef> pool_ops() { return kRows; }

}  // namespace halftone
