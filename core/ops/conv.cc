// Conv: y = clamp(conv(x, w) + b), float and integer. Formula and layouts: core/kernels/conv/geometry.h. ONNX Conv,
// opset 1 to 22. The clamp is kClampAttr's (activation fusion).
#include <array>

#include "core/kernels/conv/conv_f32.h"
#include "core/kernels/conv/conv_int8.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"
#include "core/ops/qlinear.h"

namespace halftone {
namespace {

Status infer_conv(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, infer_conv_shape(ctx.node(), ctx.shape(0), ctx.shape(1)));
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

Status check_bias(const RunContext& ctx, int64_t filters) {
  if (!ctx.has_input(2)) return ok_status();
  const View& bias = ctx.input(2);
  if (bias.dtype != ctx.input(0).dtype) {
    return invalid_model("the bias is " + std::string(dtype_name(bias.dtype)) + ", the input " +
                         std::string(dtype_name(ctx.input(0).dtype)));
  }
  if (bias.rank() == 1 && bias.size() == filters) return ok_status();
  return invalid_model("the bias " + to_string(bias.dims) + " needs one element for each of " +
                       std::to_string(filters) + " filters");
}

Status run_conv(RunContext& ctx) {
  const View &x = ctx.input(0), &w = ctx.input(1);
  if (x.dtype != DType::kFloat || w.dtype != DType::kFloat) {
    return unsupported("Conv on " + std::string(dtype_name(x.dtype)));
  }
  HT_ASSIGN(ConvPlan plan, plan_conv(ctx.node(), x.dims, w.dims));
  HT_TRY(check_bias(ctx, w.dims[0]));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
  HT_ASSIGN(void* scratch, ctx.scratch(conv_f32_scratch_bytes(plan.geometry)));
  const Clamp clamp = node_clamp(ctx.node());
  conv_f32(plan.geometry,
           ConvF32{x.as<float>(), w.as<float>(), ctx.has_input(2) ? ctx.input(2).as<float>() : nullptr, clamp.lo,
                   clamp.hi, y.as<float>()},
           scratch);
  return ok_status();
}

Status run_conv_int8(RunContext& ctx) {
  const View& x = ctx.input(0);
  const auto& state = *static_cast<const Int8Linear*>(ctx.state());
  HT_ASSIGN(ConvPlan plan, plan_conv(ctx.node(), x.dims, ctx.input(1).dims));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, plan.output_dims));
  HT_ASSIGN(void* scratch, ctx.scratch(conv_int8_scratch_bytes(plan.geometry, state.form.kind)));
  conv_int8(plan.geometry,
            ConvInt8{.x = x.bytes(),
                     .form = state.form,
                     .weights = state.weights,
                     .multiplier = state.multiplier.data(),
                     .range = state.range,
                     .signed_output = state.signed_output,
                     .y = y.bytes()},
            scratch);
  return ok_status();
}

constexpr std::array kRows = {
    OpDef{
        .name = "Conv",
        .schema = {.min_inputs = 2, .max_inputs = 3},
        .infer = infer_conv,
        .run = in_float<run_conv>,
        .quant = {.kind = QuantKind::kWeighted, .weight_input = 1, .bias_input = 2, .weight_channel_axis = 0},
        .run_int8 = run_conv_int8,
        .prepare_int8 = [](PrepareContext& ctx) { return prepare_int8_linear(ctx, WeightOrder::kChannelsFirst, true); },
        .int8_applies = [](const PrepareContext& ctx) { return int8_linear_applies(ctx, WeightOrder::kChannelsFirst); },
        .cost = [](const CostContext& ctx) { return conv_cost(ctx, 1); },
    },
    OpDef{.name = "ConvInteger",
          .since = 10,
          .schema = {.min_inputs = 2, .max_inputs = 4},
          .infer = infer_conv_integer,
          .run = run_conv_integer,
          .cost = [](const CostContext& ctx) { return conv_cost(ctx, 1); }},
    OpDef{.name = "QLinearConv",
          .since = 10,
          .schema = {.min_inputs = 8, .max_inputs = 9},
          .infer = infer_qlinear_conv,
          .run = in_float<run_qlinear_conv>,
          .cost = [](const CostContext& ctx) { return conv_cost(ctx, 3); }},
};

}  // namespace

std::span<const OpDef> conv_ops() { return kRows; }

}  // namespace halftone
