// ConvInteger, QLinearConv, MatMulInteger, QLinearMatMul over the integer kernels; see the header.
#include "core/ops/qlinear.h"

#include <string>
#include <vector>

#include "core/kernels/conv/conv_f32.h"
#include "core/kernels/conv/conv_int8.h"
#include "core/ops/conv_layout.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"
#include "core/ops/integer_product.h"
#include "core/ops/matmul_util.h"

namespace halftone {
namespace {

bool is_8bit(DType t) { return t == DType::kInt8 || t == DType::kUint8; }

std::vector<int32_t> zero_points(const View& zero) {
  std::vector<int32_t> out;
  for (int64_t i = 0; i < zero.size(); ++i) {
    out.push_back(zero.dtype == DType::kInt8 ? zero.as<int8_t>()[i] : zero.as<uint8_t>()[i]);
  }
  return out;
}

// Elements of an 8-bit zero point input; {0} where it is absent. Error: another type than `type`.
Result<std::vector<int32_t>> zero_points(const RunContext& ctx, size_t i, DType type) {
  if (!is_8bit(type)) return unsupported(ctx.node().op_type + " on " + std::string(dtype_name(type)));
  if (!ctx.has_input(i)) return std::vector<int32_t>{0};
  const View& zero = ctx.input(i);
  if (zero.dtype != type) return invalid_model("a zero point has another type than its tensor");
  return zero_points(zero);
}

Result<int32_t> one_zero_point(const RunContext& ctx, size_t i, DType type) {
  HT_ASSIGN(std::vector<int32_t> zero, zero_points(ctx, i, type));
  if (zero.size() == 1) return zero[0];
  return unsupported(ctx.node().op_type + " with a zero point per row",
                     "Quantize activations with one zero point per tensor.");
}

Result<std::vector<float>> scales(const RunContext& ctx, size_t i) {
  const View& scale = ctx.input(i);
  if (scale.dtype != DType::kFloat) return unsupported("a scale of " + std::string(dtype_name(scale.dtype)));
  return std::vector<float>(scale.as<float>(), scale.as<float>() + scale.size());
}

// (s_x * s_w) / s_y per channel, filled up to a multiple of 8. s_x, s_w, s_y are inputs 1, 4, 6.
Result<std::vector<float>> multipliers(const RunContext& ctx, int64_t channels) {
  HT_ASSIGN(std::vector<float> x, scales(ctx, 1));
  HT_ASSIGN(std::vector<float> w, scales(ctx, 4));
  HT_ASSIGN(std::vector<float> y, scales(ctx, 6));
  const auto count = static_cast<size_t>(channels);
  if (x.size() != 1 || y.size() != 1 || (w.size() != 1 && w.size() != count)) {
    return unsupported(ctx.node().op_type + " with scales per row", "Quantize activations with one scale per tensor.");
  }
  std::vector<float> out((count + 7) / 8 * 8, 0.0f);
  for (size_t c = 0; c < count; ++c) out[c] = x[0] * w[w.size() == 1 ? 0 : c] / y[0];
  return out;
}

// Weights as centered_weights wants them, from the bytes of one matrix.
Result<std::vector<int16_t>> centered(const uint8_t* bytes, DType type, const std::vector<int32_t>& zero,
                                      int64_t channels, int64_t k, WeightOrder order) {
  if (zero.size() != 1 && static_cast<int64_t>(zero.size()) != channels) {
    return invalid_model("the weight's zero point needs one element or one per output channel");
  }
  std::vector<int16_t> out(static_cast<size_t>(channels * k));
  for (int64_t c = 0; c < channels; ++c) {
    const int32_t z = zero[zero.size() == 1 ? 0 : static_cast<size_t>(c)];
    for (int64_t i = 0; i < k; ++i) {
      const uint8_t byte = bytes[order == WeightOrder::kChannelsFirst ? c * k + i : i * channels + c];
      const int32_t code = type == DType::kInt8 ? static_cast<int8_t>(byte) : byte;
      out[static_cast<size_t>(c * k + i)] = static_cast<int16_t>(code - z);
    }
  }
  return out;
}

// What becomes of the sums: int32 as they are (multiplier empty), or 8 bits.
struct Epilogue {
  DType dtype = DType::kInt32;
  std::vector<float> multiplier;
  RequantRange range;
  const float* multiplier_data() const { return multiplier.empty() ? nullptr : multiplier.data(); }
};

Result<Epilogue> requantizing(const RunContext& ctx, int64_t channels) {
  Epilogue e;
  if (!ctx.has_input(7)) return invalid_model("the output's zero point (input 7) is missing");
  e.dtype = ctx.input(7).dtype;
  HT_ASSIGN(int32_t zero, one_zero_point(ctx, 7, e.dtype));
  HT_ASSIGN(e.multiplier, multipliers(ctx, channels));
  const DTypeInfo& info = dtype_info(e.dtype);
  e.range = {zero, static_cast<int32_t>(info.lowest), static_cast<int32_t>(info.highest)};
  return e;
}

// Weights as conv_int8 takes them; their bias holds the sums of the filters, for whatever zero point x has.
struct IntegerConv final : OpState {
  WeightUnits weights;
};

Result<WeightUnits> pack_filters(const ConvGeometry& g, const uint8_t* bytes, DType type,
                                 const std::vector<int32_t>& zero) {
  HT_ASSIGN(const std::vector<int16_t> weights,
            centered(bytes, type, zero, g.out_channels(), g.depth(), WeightOrder::kChannelsFirst));
  return pack_conv_int8(g, weights, {}, column_sums(choose_conv_dot(g, dot_kind(), weights)));
}

// Input indices; the zero points stand at x_zero, w_zero.
struct ConvInputs {
  size_t w, x_zero, w_zero;
};

Result<std::unique_ptr<OpState>> prepare_integer_conv(PrepareContext& ctx, const ConvInputs& in) {
  const Tensor *w = ctx.constant(in.w), *zero = ctx.constant(in.w_zero);
  const bool computed_zero = zero == nullptr && ctx.node().input(in.w_zero) != kNoValue;
  if (w == nullptr || !is_8bit(w->dtype()) || w->size() == 0 || computed_zero) return std::unique_ptr<OpState>();
  if (zero != nullptr && zero->dtype() != w->dtype()) return std::unique_ptr<OpState>();
  HT_ASSIGN(const ConvGeometry g, weight_geometry(ctx.node(), w->dims()));
  const std::vector<int32_t> zeros = zero != nullptr ? zero_points(zero->view()) : std::vector<int32_t>{0};
  auto state = std::make_unique<IntegerConv>();
  HT_ASSIGN(state->weights, pack_filters(g, w->bytes(), w->dtype(), zeros));
  keep_int8_weights(
      ctx, in.w, WeightOrder::kChannelsFirst, zeros, state->weights.bytes,
      [g, kind = state->weights.kind](const Tensor& packed) { return unpack_conv_int8(g, kind, packed.bytes()); });
  return std::unique_ptr<OpState>(std::move(state));
}

// bias less the zero point's share, laid out for the kernel, in scratch memory.
Result<const int32_t*> conv_bias(RunContext& ctx, const ConvGeometry& g, std::span<const int32_t> bias,
                                 const WeightUnits& w, int32_t zero) {
  const int64_t size = conv_bias_size(g);
  HT_ASSIGN(void* scratch, ctx.scratch(size * static_cast<int64_t>(sizeof(int32_t))));
  auto* out = static_cast<int32_t*>(scratch);
  pack_conv_bias(g, bias.empty() ? nullptr : bias.data(), out);
  const auto sums = w.bias.data<int32_t>();
  for (int64_t i = 0; i < size; ++i) {
    out[i] = static_cast<int32_t>(static_cast<uint32_t>(out[i]) -
                                  static_cast<uint32_t>(zero) * static_cast<uint32_t>(sums[static_cast<size_t>(i)]));
  }
  return out;
}

Status run_integer_conv(RunContext& ctx, const ConvInputs& in, std::span<const int32_t> bias, const Epilogue& e) {
  const View &x = ctx.input(0), &w = ctx.input(in.w);
  HT_ASSIGN(int32_t x_zero, one_zero_point(ctx, in.x_zero, x.dtype));
  HT_ASSIGN(std::vector<int32_t> w_zero, zero_points(ctx, in.w_zero, w.dtype));
  HT_ASSIGN(const ConvRun run, start_conv(ctx, w.dims, e.dtype));
  const ConvGeometry& g = run.geometry;
  WeightUnits units;
  if (ctx.state() != nullptr) {
    units = static_cast<const IntegerConv*>(ctx.state())->weights;
  } else {
    HT_ASSIGN(units, pack_filters(g, w.bytes(), w.dtype, w_zero));
  }
  const ActivationForm form{units.kind, x.dtype == DType::kInt8, x_zero};
  HT_ASSIGN(const int32_t* starts, conv_bias(ctx, g, bias, units, form.zero()));
  std::vector<float> multiplier(e.multiplier.empty() ? 0 : static_cast<size_t>(conv_bias_size(g)));
  if (!multiplier.empty()) pack_conv_bias(g, e.multiplier.data(), multiplier.data());
  HT_ASSIGN(void* scratch, ctx.scratch(conv_int8_scratch_bytes(g, form)));
  conv_int8(g,
            ConvInt8{.x = static_cast<const uint8_t*>(run.x),
                     .form = form,
                     .weights = units.bytes.bytes(),
                     .bias = starts,
                     .multiplier = multiplier.empty() ? nullptr : multiplier.data(),
                     .range = e.range,
                     .signed_output = e.dtype == DType::kInt8,
                     .bounded = false,
                     .y = run.y},
            scratch);
  return finish_conv(run);
}

struct MatMulInputs {
  size_t b, a_zero, b_zero;
};

Status run_integer_matmul(RunContext& ctx, const MatMulInputs& in, const MatMulPlan& plan, const Epilogue& e) {
  const View &a = ctx.input(0), &b = ctx.input(in.b);
  HT_ASSIGN(int32_t a_zero, one_zero_point(ctx, in.a_zero, a.dtype));
  HT_ASSIGN(std::vector<int32_t> b_zero, zero_points(ctx, in.b_zero, b.dtype));
  HT_ASSIGN(MutView y, ctx.output(0, e.dtype, plan.output_dims));
  return run_integer_product(ctx, {.plan = plan,
                                   .a = a,
                                   .b = b,
                                   .a_zero = a_zero,
                                   .b_zero = b_zero,
                                   .multiplier = e.multiplier_data(),
                                   .range = e.range,
                                   .signed_output = e.dtype == DType::kInt8,
                                   .c = y.data});
}

// Weights and their zero points as constants: packed once.
Result<std::unique_ptr<OpState>> prepare_integer_matmul(PrepareContext& ctx, size_t b, size_t b_zero) {
  const Tensor* zero = ctx.constant(b_zero);
  if (ctx.node().input(b_zero) != kNoValue && zero == nullptr) return std::unique_ptr<OpState>();
  return prepare_integer_right(ctx, b, zero, WeightOrder::kChannelsLast);
}

}  // namespace

Status infer_conv_integer(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, infer_conv_shape(ctx.node(), ctx.shape(0), ctx.shape(1)));
  ctx.set_output(0, DType::kInt32, std::move(shape));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_conv_integer(PrepareContext& ctx) {
  return prepare_integer_conv(ctx, {.w = 1, .x_zero = 2, .w_zero = 3});
}

Status run_conv_integer(RunContext& ctx) {
  return run_integer_conv(ctx, {.w = 1, .x_zero = 2, .w_zero = 3}, {}, Epilogue());
}

Status infer_qlinear_conv(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, infer_conv_shape(ctx.node(), ctx.shape(0), ctx.shape(3)));
  ctx.set_output(0, ctx.dtype(7), std::move(shape));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_qlinear_conv(PrepareContext& ctx) {
  return prepare_integer_conv(ctx, {.w = 3, .x_zero = 2, .w_zero = 5});
}

Status run_qlinear_conv(RunContext& ctx) {
  const int64_t filters = ctx.input(3).rank() > 0 ? ctx.input(3).dims[0] : 0;
  HT_ASSIGN(Epilogue e, requantizing(ctx, filters));
  std::span<const int32_t> bias;
  if (ctx.has_input(8)) {
    const View& b = ctx.input(8);
    if (b.dtype != DType::kInt32 || b.size() != filters) return invalid_model("the bias needs one int32 per filter");
    bias = {b.as<int32_t>(), static_cast<size_t>(filters)};
  }
  return run_integer_conv(ctx, {.w = 3, .x_zero = 2, .w_zero = 5}, bias, e);
}

Status infer_matmul_integer(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, matmul_shape(ctx.shape(0), ctx.shape(1)));
  ctx.set_output(0, DType::kInt32, std::move(shape));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_matmul_integer(PrepareContext& ctx) {
  return prepare_integer_matmul(ctx, 1, 3);
}

Status run_matmul_integer(RunContext& ctx) {
  HT_ASSIGN(const MatMulPlan* plan, matmul_plan(ctx, ctx.input(0).dims, ctx.input(1).dims));
  return run_integer_matmul(ctx, {.b = 1, .a_zero = 2, .b_zero = 3}, *plan, Epilogue());
}

Status infer_qlinear_matmul(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, matmul_shape(ctx.shape(0), ctx.shape(3)));
  ctx.set_output(0, ctx.dtype(7), std::move(shape));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_qlinear_matmul(PrepareContext& ctx) {
  return prepare_integer_matmul(ctx, 3, 5);
}

Status run_qlinear_matmul(RunContext& ctx) {
  HT_ASSIGN(const MatMulPlan* plan, matmul_plan(ctx, ctx.input(0).dims, ctx.input(3).dims));
  HT_ASSIGN(Epilogue e, requantizing(ctx, plan->n));
  return run_integer_matmul(ctx, {.b = 3, .a_zero = 2, .b_zero = 5}, *plan, e);
}

}  // namespace halftone
