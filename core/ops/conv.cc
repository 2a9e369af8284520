// Conv: y = clamp(conv(x, w) + b), float and integer. Formula and layouts: core/kernels/conv/geometry.h. ONNX Conv,
// opset 1 to 22. The clamp is kClampAttr's (activation fusion). Constant weights are packed once.
#include <array>

#include "core/kernels/conv/conv_f32.h"
#include "core/kernels/conv/conv_int8.h"
#include "core/ops/conv_layout.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"
#include "core/ops/qlinear.h"

namespace halftone {
namespace {

Status infer_conv(InferContext& ctx) {
  if (ctx.input_count() > 3 && !ctx.node().has(kAddendAttr)) return invalid_model("Conv takes three inputs at most");
  const bool last = ctx.node().has(kChannelsLastAttr);
  const SymShape x = last ? channels_first_shape(ctx.shape(0)) : ctx.shape(0);
  HT_ASSIGN(SymShape shape, infer_conv_shape(ctx.node(), x, ctx.shape(1)));
  ctx.set_output(0, ctx.dtype(0), last ? channels_last_shape(shape) : std::move(shape));
  return ok_status();
}

// --- float ------------------------------------------------------------------------------------

struct FloatConv final : OpState {
  Tensor weights, bias;  // packed
};

Status check_bias(DType dtype, std::span<const int64_t> dims, DType input, int64_t filters) {
  if (dtype != input) {
    return invalid_model("the bias is " + std::string(dtype_name(dtype)) + ", the input " +
                         std::string(dtype_name(input)));
  }
  if (dims.size() == 1 && dims[0] == filters) return ok_status();
  return invalid_model("the bias " + to_string(dims) + " needs one element for each of " + std::to_string(filters) +
                       " filters");
}

// All that pack_conv_f32 depends on.
std::string float_layout(const ConvGeometry& g) {
  const auto& [k0, k1, k2] = g.kernel;
  const auto& [d0, d1, d2] = g.dilation;
  return "conv_f32 " + to_string(Dims{g.groups, g.filters, g.channels, k0, k1, k2, d0, d1, d2});
}

Result<Tensor> packed_weights(PrepareContext& ctx, const ConvGeometry& g) {
  const Tensor& w = *ctx.constant(1);
  PackedForm form{float_layout(g), {}, [g](const Tensor& packed, uint8_t* out) {
                    unpack_conv_f32(g, packed.data<float>().data(), out);
                  }};
  if (w.packed_form() != nullptr && w.packed_form()->layout == form.layout) {
    form.packed = w.packed_form()->packed;
  } else {
    HT_ASSIGN(form.packed, Tensor::allocate(DType::kFloat, {conv_f32_packed_size(g)}, "packed weights"));
    pack_conv_f32(g, w.data<float>().data(), form.packed.mutable_data<float>().data());
  }
  Tensor packed = form.packed;
  ctx.keeps(1, std::move(form));
  return packed;
}

Result<std::unique_ptr<OpState>> prepare_conv(PrepareContext& ctx) {
  const Tensor *w = ctx.constant(1), *b = ctx.constant(2);
  const bool computed_bias = b == nullptr && ctx.node().input(2) != kNoValue;
  if (w == nullptr || w->dtype() != DType::kFloat || computed_bias) return std::unique_ptr<OpState>();
  HT_ASSIGN(const ConvGeometry g, weight_geometry(ctx.node(), w->dims()));
  if (b != nullptr) HT_TRY(check_bias(b->dtype(), b->dims(), DType::kFloat, g.out_channels()));
  auto state = std::make_unique<FloatConv>();
  HT_ASSIGN(state->weights, packed_weights(ctx, g));
  HT_ASSIGN(state->bias, Tensor::allocate(DType::kFloat, {conv_bias_size(g)}, "packed bias"));
  pack_conv_bias(g, b != nullptr ? b->data<float>().data() : nullptr, state->bias.mutable_data<float>().data());
  return std::unique_ptr<OpState>(std::move(state));
}

struct FloatOperands {
  const float *weights, *bias;
};

// What prepare_conv packed, or packed now where weight or bias are computed.
Result<FloatOperands> float_operands(RunContext& ctx, const ConvGeometry& g) {
  if (const auto* state = static_cast<const FloatConv*>(ctx.state())) {
    return FloatOperands{state->weights.data<float>().data(), state->bias.data<float>().data()};
  }
  if (ctx.has_input(2)) {
    HT_TRY(check_bias(ctx.input(2).dtype, ctx.input(2).dims, ctx.input(0).dtype, g.out_channels()));
  }
  HT_ASSIGN(void* weights, ctx.scratch(conv_f32_packed_size(g) * 4));
  HT_ASSIGN(void* bias, ctx.scratch(conv_bias_size(g) * 4));
  pack_conv_f32(g, ctx.input(1).as<float>(), static_cast<float*>(weights));
  pack_conv_bias(g, ctx.has_input(2) ? ctx.input(2).as<float>() : nullptr, static_cast<float*>(bias));
  return FloatOperands{static_cast<float*>(weights), static_cast<float*>(bias)};
}

// What fuse_conv_add lets the sums start from; nullptr: nothing. The sizes it counted on are what the file says.
Result<const float*> addend_of(RunContext& ctx, const ConvRun& run) {
  if (!ctx.has_input(3)) return static_cast<const float*>(nullptr);
  if (run.moves || !ctx.node().has(kAddendAttr)) return invalid_model("Conv takes three inputs at most");
  const View& r = ctx.input(3);
  if (r.dtype == DType::kFloat && r.dims == run.output.dims) return r.as<float>();
  return invalid_model("what is added to the output " + to_string(run.output.dims) + " is " +
                       std::string(dtype_name(r.dtype)) + " " + to_string(r.dims));
}

Status run_conv(RunContext& ctx) {
  const View &x = ctx.input(0), &w = ctx.input(1);
  if (x.dtype != DType::kFloat || w.dtype != DType::kFloat) {
    return unsupported("Conv on " + std::string(dtype_name(x.dtype)));
  }
  HT_ASSIGN(const ConvRun run, start_conv(ctx, w.dims, DType::kFloat));
  HT_ASSIGN(const FloatOperands operands, float_operands(ctx, run.geometry));
  HT_ASSIGN(const float* addend, addend_of(ctx, run));
  HT_ASSIGN(void* scratch, ctx.scratch(conv_f32_scratch_bytes(run.geometry)));
  const Clamp clamp = node_clamp(ctx.node());
  conv_f32(run.geometry,
           ConvF32{.x = static_cast<const float*>(run.x),
                   .w = operands.weights,
                   .bias = operands.bias,
                   .addend = addend,
                   .lo = clamp.lo,
                   .hi = clamp.hi,
                   .y = static_cast<float*>(run.y)},
           scratch);
  return finish_conv(run);
}

// --- integer ----------------------------------------------------------------------------------

Result<std::unique_ptr<OpState>> prepare_conv_int8(PrepareContext& ctx) {
  const auto constants = linear_constants(ctx, WeightOrder::kChannelsFirst);
  HT_CHECK(constants.has_value());
  HT_ASSIGN(const ConvGeometry g, weight_geometry(ctx.node(), ctx.constant(1)->dims()));
  auto state = start_int8_linear(ctx, *constants, choose_conv_dot(g, dot_kind(), constants->weights));
  HT_ASSIGN(state->weights, pack_conv_int8(g, constants->weights, constants->bias, state->form));
  std::vector<float> multiplier(static_cast<size_t>(conv_bias_size(g)));
  pack_conv_bias(g, state->multiplier.data(), multiplier.data());
  state->multiplier = std::move(multiplier);
  keep_int8_weights(
      ctx, 1, WeightOrder::kChannelsFirst, ctx.input_quant(1)->zero_point, state->weights.bytes,
      [g, kind = state->form.kind](const Tensor& packed) { return unpack_conv_int8(g, kind, packed.bytes()); });
  return std::unique_ptr<OpState>(std::move(state));
}

Status run_conv_int8(RunContext& ctx) {
  const auto& state = *static_cast<const Int8Linear*>(ctx.state());
  HT_ASSIGN(const ConvRun run, start_conv(ctx, ctx.input(1).dims, ctx.output_quant(0)->dtype));
  HT_ASSIGN(void* scratch, ctx.scratch(conv_int8_scratch_bytes(run.geometry, state.form)));
  conv_int8(run.geometry,
            ConvInt8{.x = static_cast<const uint8_t*>(run.x),
                     .form = state.form,
                     .weights = state.weights.bytes.bytes(),
                     .bias = state.weights.bias.data<int32_t>().data(),
                     .multiplier = state.multiplier.data(),
                     .range = state.range,
                     .signed_output = state.signed_output,
                     .bounded = state.bounded,
                     .y = run.y},
            scratch);
  return finish_conv(run);
}

constexpr std::array kRows = {
    OpDef{
        .name = "Conv",
        .schema = {.min_inputs = 2, .max_inputs = 4},  // the fourth is kAddendAttr's
        .infer = infer_conv,
        .run = in_single<run_conv>,
        .prepare = prepare_conv,
        .quant = {.kind = QuantKind::kWeighted, .weight_input = 1, .bias_input = 2, .weight_channel_axis = 0},
        .run_int8 = run_conv_int8,
        .prepare_int8 = prepare_conv_int8,
        .int8_applies = [](const PrepareContext& ctx) { return int8_linear_applies(ctx, WeightOrder::kChannelsFirst); },
        .cost = [](const CostContext& ctx) { return conv_cost(ctx, 1); },
    },
    OpDef{.name = "ConvInteger",
          .since = 10,
          .schema = {.min_inputs = 2, .max_inputs = 4},
          .infer = infer_conv_integer,
          .run = run_conv_integer,
          .prepare = prepare_conv_integer,
          .cost = [](const CostContext& ctx) { return conv_cost(ctx, 1); }},
    OpDef{.name = "QLinearConv",
          .since = 10,
          .schema = {.min_inputs = 8, .max_inputs = 9},
          .infer = infer_qlinear_conv,
          .run = in_float<run_qlinear_conv>,
          .prepare = prepare_qlinear_conv,
          .cost = [](const CostContext& ctx) { return conv_cost(ctx, 3); }},
};

}  // namespace

std::span<const OpDef> conv_ops() { return kRows; }

}  // namespace halftone
