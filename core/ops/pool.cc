// MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool (ONNX opset 1 to 22), float and integer.
// Formulas: core/kernels/pool/pool.h; shapes and windows: pool_plan.h. Maxima take integers as they are (output and
// input share their parameters); averages requantize.
#include "core/kernels/pool/pool.h"

#include <array>
#include <string>
#include <type_traits>

#include "core/base/check.h"
#include "core/base/checked.h"
#include "core/kernels/pool/pool_channels_last.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"
#include "core/ops/move_util.h"
#include "core/ops/pool_plan.h"

namespace halftone {
namespace {

// A window holds at most so many elements in integer mode: sums of 9-bit terms stay below 2^31.
constexpr int64_t kMaxIntegerWindow = int64_t{1} << 22;

template <typename T>
Status max_pool_as(RunContext& ctx, const PoolPlan& plan) {
  const View& x = ctx.input(0);
  if (ctx.wants_output(0)) {
    HT_ASSIGN(MutView y, ctx.output(0, x.dtype, plan.output_dims));
    if constexpr (!std::is_same_v<T, double>) {
      if (plan.channels_last) max_pool_channels_last(plan.geometry, plan.channels, x.as<T>(), y.as<T>());
    }
    if (!plan.channels_last) max_pool(plan.geometry, x.as<T>(), y.as<T>());
  }
  if (ctx.output_count() > 1 && ctx.wants_output(1)) {
    HT_ASSIGN(MutView indices, ctx.output(1, DType::kInt64, plan.output_dims));
    max_pool_indices(plan.geometry, x.as<T>(), ctx.node().int_attr("storage_order", 0) != 0, indices.as<int64_t>());
  }
  return ok_status();
}

Status run_max_pool(RunContext& ctx) {
  HT_ASSIGN(PoolPlan plan, plan_pool(ctx.node(), ctx.input(0).dims));
  const bool plain = ctx.output_count() == 1 && ctx.input(0).dtype != DType::kDouble;
  HT_CHECK(plain || !plan.channels_last);
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
  const float* x = ctx.input(0).as<float>();
  const bool count_pads = ctx.node().int_attr("count_include_pad", 0) != 0;
  if (plan.channels_last) {
    average_pool_channels_last_f32(plan.geometry, plan.channels, x, count_pads, y.as<float>());
  } else {
    average_pool_f32(plan.geometry, x, count_pads, y.as<float>());
  }
  return ok_status();
}

// --- global pools -----------------------------------------------------------------------------

Status run_global_average(RunContext& ctx) {
  HT_TRY(need_float(ctx));
  HT_ASSIGN(PoolPlan plan, plan_global(ctx.node(), ctx.input(0).dims));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
  const PoolGeometry& g = plan.geometry;
  const float* x = ctx.input(0).as<float>();
  if (plan.channels_last) {
    average_pool_channels_last_f32(g, plan.channels, x, false, y.as<float>());
  } else {
    global_average_f32(g.planes, g.in_plane(), x, y.as<float>());
  }
  return ok_status();
}

template <typename T>
Status global_max_as(RunContext& ctx) {
  HT_ASSIGN(PoolPlan plan, plan_global(ctx.node(), ctx.input(0).dims));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.input(0).dtype, plan.output_dims));
  const T* x = ctx.input(0).as<T>();
  if (plan.channels_last) {
    max_pool_channels_last(plan.geometry, plan.channels, x, y.as<T>());
  } else {
    global_max(plan.geometry.planes, plan.geometry.in_plane(), x, y.as<T>());
  }
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

void channels_last_int8(const RunContext& ctx, const PoolPlan& plan, bool count_pads, const MutView& y) {
  const View& x = ctx.input(0);
  average_pool_channels_last_int8(plan.geometry, plan.channels, count_pads, pool_requant(ctx),
                                  {x.bytes(), x.dtype == DType::kInt8, y.bytes(), y.dtype == DType::kInt8});
}

Status run_average_pool_int8(RunContext& ctx) {
  HT_ASSIGN(PoolPlan plan, plan_pool(ctx.node(), ctx.input(0).dims));
  const PoolGeometry& g = plan.geometry;
  HT_TRY(check_integer_window(g.kernel));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, plan.output_dims));
  const bool count_pads = ctx.node().int_attr("count_include_pad", 0) != 0;
  if (plan.channels_last) {
    channels_last_int8(ctx, plan, count_pads, y);
    return ok_status();
  }
  HT_ASSIGN(void* scratch, ctx.scratch(g.out[2] * static_cast<int64_t>(sizeof(int32_t))));
  with_int8_types(ctx.input(0), y, [&](auto* from, auto* to) {
    average_pool_int8(g, from, count_pads, pool_requant(ctx), to, static_cast<int32_t*>(scratch));
  });
  return ok_status();
}

Status run_global_average_int8(RunContext& ctx) {
  HT_ASSIGN(PoolPlan plan, plan_global(ctx.node(), ctx.input(0).dims));
  const PoolGeometry& g = plan.geometry;
  HT_TRY(check_integer_window(g.kernel));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, plan.output_dims));
  if (plan.channels_last) {
    channels_last_int8(ctx, plan, false, y);
    return ok_status();
  }
  with_int8_types(ctx.input(0), y, [&](auto* from, auto* to) {
    global_average_int8(g.planes, g.in_plane(), from, pool_requant(ctx), to);
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
          .run = in_single<run_average_pool>,
          .quant = kOwnRange,
          .run_int8 = run_average_pool_int8,
          .int8_applies = average_int8_applies,
          .cost = pool_cost},
    OpDef{.name = "GlobalAveragePool",
          .infer = infer_global_pool,
          .run = in_single<run_global_average>,
          .quant = kOwnRange,
          .run_int8 = run_global_average_int8,
          .int8_applies = average_int8_applies,
          .cost = global_cost},
    OpDef{.name = "GlobalMaxPool",
          .infer = infer_global_pool,
          .run = in_single<run_global_max>,
          .quant = kPassThrough,
          .run_int8 = run_global_max,
          .int8_applies = max_int8_applies,
          .cost = global_cost},
};

}  // namespace

std::span<const OpDef> pool_ops() { return kRows; }

}  // namespace halftone
