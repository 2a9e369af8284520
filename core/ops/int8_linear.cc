// Integer form of weighted operators; see the header.
#include "core/ops/int8_linear.h"

#include <algorithm>
#include <cmath>

#include "core/base/checked.h"
#include "core/kernels/gemm/gemm_int8.h"
#include "core/kernels/quant/quantize.h"
#include "core/ops/conv_util.h"

namespace halftone {
namespace {

bool is_8bit(DType t) { return t == DType::kInt8 || t == DType::kUint8; }

// Index of a channel's parameter: one for all, or one each along the channel axis.
std::optional<int64_t> channel_step(const QuantParams& q, int64_t rank, WeightOrder order, int64_t channels) {
  if (q.block_size != 0 || q.scale.size() != q.zero_point.size()) return std::nullopt;
  if (q.scale.size() == 1) return 0;
  const int64_t axis = order == WeightOrder::kChannelsFirst ? 0 : rank - 1;
  if (normalize_axis(q.axis, rank) != axis || static_cast<int64_t>(q.scale.size()) != channels) return std::nullopt;
  return 1;
}

struct LinearShape {
  int64_t channels, k;
};

std::optional<LinearShape> linear_shape(const Tensor& weight, WeightOrder order) {
  if (weight.rank() < 2 || weight.size() == 0) return std::nullopt;
  if (order == WeightOrder::kChannelsLast && weight.rank() != 2) return std::nullopt;
  const int64_t channels = order == WeightOrder::kChannelsFirst ? weight.dims()[0] : weight.dims().back();
  return LinearShape{channels, weight.size() / channels};
}

// Bias in units of `scale`, rounded half to even; nullopt where it leaves int32.
std::optional<int32_t> scaled_bias(double real, float scale) {
  const double v = std::nearbyint(real / static_cast<double>(scale));
  if (!(v >= INT32_MIN && v <= INT32_MAX)) return std::nullopt;
  return static_cast<int32_t>(v);
}

// One bias per channel in scale s_x * s_w; empty: the node has none.
std::optional<std::vector<int32_t>> linear_bias(const PrepareContext& ctx, const std::vector<float>& scale) {
  std::vector<int32_t> out;
  if (ctx.node().input(2) == kNoValue) return out;
  const Tensor* bias = ctx.constant(2);
  if (bias == nullptr || bias->size() != static_cast<int64_t>(scale.size())) return std::nullopt;
  const QuantParams* q = ctx.input_quant(2);
  for (size_t c = 0; c < scale.size(); ++c) {
    std::optional<int32_t> value;
    if (bias->dtype() == DType::kFloat) {
      value = scaled_bias(bias->data<float>()[c], scale[c]);
    } else if (bias->dtype() == DType::kInt32 && q != nullptr) {
      if (q->scale.size() != 1 && q->scale.size() != scale.size()) return std::nullopt;
      const size_t i = q->scale.size() == 1 ? 0 : c;
      const int64_t centered = static_cast<int64_t>(bias->data<int32_t>()[c]) - q->zero_point[i];
      // The usual case, up to how s_x * s_w was rounded when the model was written.
      const bool same = std::abs(q->scale[i] - scale[c]) <= 1e-5f * scale[c];
      value = same && centered == static_cast<int32_t>(centered)
                  ? static_cast<int32_t>(centered)
                  : scaled_bias(static_cast<double>(centered) * static_cast<double>(q->scale[i]), scale[c]);
    }
    if (!value) return std::nullopt;
    out.push_back(*value);
  }
  return out;
}

// Whether every sum times its multiplier stays below 2^21, for any 8-bit input.
bool stays_bounded(const LinearConstants& c, const std::vector<float>& multiplier) {
  for (size_t i = 0; i < multiplier.size(); ++i) {
    double sum = c.bias.empty() ? 0 : std::abs(static_cast<double>(c.bias[i]));
    const int16_t* w = c.weights.data() + static_cast<int64_t>(i) * c.k;
    int64_t magnitude = 0;
    for (int64_t j = 0; j < c.k; ++j) magnitude += std::abs(w[j]);
    sum += 255.0 * static_cast<double>(magnitude);
    if (!(sum * static_cast<double>(multiplier[i]) < 2097152.0)) return false;
  }
  return true;
}

}  // namespace

bool is_int8_per_tensor(const QuantParams* q) {
  return q != nullptr && is_8bit(q->dtype) && q->scale.size() == 1 && q->zero_point.size() == 1 && q->block_size == 0;
}

RequantRange requant_range(const QuantParams& output, const Node& node) {
  const DTypeInfo& info = dtype_info(output.dtype);
  const auto lowest = static_cast<int32_t>(info.lowest), highest = static_cast<int32_t>(info.highest);
  const Clamp clamp = node_clamp(node);
  const int32_t zero = output.zero_point[0];
  return {zero, quantize_code(clamp.lo, output.scale[0], zero, lowest, highest),
          quantize_code(clamp.hi, output.scale[0], zero, lowest, highest)};
}

std::optional<std::vector<int16_t>> centered_weights(const Tensor& weight, const QuantParams& quant, WeightOrder order,
                                                     int64_t channels, int64_t k) {
  const DTypeInfo& info = dtype_info(weight.dtype());
  if (!is_integer(weight.dtype()) || info.bits > 8) return std::nullopt;
  const auto step = channel_step(quant, weight.rank(), order, channels);
  if (!step) return std::nullopt;
  std::vector<int16_t> out(static_cast<size_t>(channels * k));
  for (int64_t c = 0; c < channels; ++c) {
    const int32_t zero = quant.zero_point[static_cast<size_t>(c * *step)];
    for (int64_t i = 0; i < k; ++i) {
      const int64_t at = order == WeightOrder::kChannelsFirst ? c * k + i : i * channels + c;
      const int32_t code = packed_get(weight.bytes(), at, info.bits, info.kind == DKind::kSigned);
      out[static_cast<size_t>(c * k + i)] = static_cast<int16_t>(code - zero);
    }
  }
  return out;
}

std::optional<LinearConstants> linear_constants(const PrepareContext& ctx, WeightOrder order) {
  const QuantParams *x = ctx.input_quant(0), *w = ctx.input_quant(1);
  const Tensor* weight = ctx.constant(1);
  if (!is_int8_per_tensor(x) || !is_int8_per_tensor(ctx.output_quant(0)) || w == nullptr || weight == nullptr) {
    return std::nullopt;
  }
  const auto shape = linear_shape(*weight, order);
  if (!shape) return std::nullopt;
  auto centered = centered_weights(*weight, *w, order, shape->channels, shape->k);
  if (!centered) return std::nullopt;
  LinearConstants c{
      .channels = shape->channels, .k = shape->k, .weights = *std::move(centered), .bias = {}, .scale = {}};
  for (int64_t i = 0; i < shape->channels; ++i) {
    c.scale.push_back(x->scale[0] * w->scale[w->scale.size() == 1 ? 0 : static_cast<size_t>(i)]);
    if (!(c.scale.back() > 0)) return std::nullopt;
  }
  auto bias = linear_bias(ctx, c.scale);
  if (!bias || !accumulator_fits(c.weights, shape->k, *bias)) return std::nullopt;
  c.bias = *std::move(bias);
  return c;
}

bool int8_linear_applies(const PrepareContext& ctx, WeightOrder order) {
  return linear_constants(ctx, order).has_value();
}

std::unique_ptr<Int8Linear> start_int8_linear(const PrepareContext& ctx, const LinearConstants& c, DotKind dot) {
  const QuantParams &x = *ctx.input_quant(0), &y = *ctx.output_quant(0);
  auto state = std::make_unique<Int8Linear>();
  state->form = {dot, x.dtype == DType::kInt8, x.zero_point[0]};
  state->channels = c.channels;
  state->k = c.k;
  state->range = requant_range(y, ctx.node());
  state->signed_output = y.dtype == DType::kInt8;
  for (float s : c.scale) state->multiplier.push_back(s / y.scale[0]);
  state->bounded = stays_bounded(c, state->multiplier);
  return state;
}

void keep_int8_weights(PrepareContext& ctx, size_t input, WeightOrder order, std::vector<int32_t> zero,
                       const Tensor& packed, std::function<std::vector<int16_t>(const Tensor& packed)> centered) {
  const Tensor& weight = *ctx.constant(input);
  const LinearShape shape = *linear_shape(weight, order);
  if (!is_8bit(weight.dtype())) return;
  const auto unpack = [=, zero = std::move(zero), centered = std::move(centered)](const Tensor& form, uint8_t* out) {
    const std::vector<int16_t> weights = centered(form);
    const auto* w = weights.data();
    for (int64_t c = 0; c < shape.channels; ++c) {
      const int32_t z = zero[zero.size() == 1 ? 0 : static_cast<size_t>(c)];
      for (int64_t i = 0; i < shape.k; ++i, ++w) {
        out[order == WeightOrder::kChannelsFirst ? c * shape.k + i : i * shape.channels + c] =
            static_cast<uint8_t>(*w + z);
      }
    }
  };
  ctx.keeps(input, {{}, packed, unpack});
}

Result<std::unique_ptr<OpState>> prepare_int8_linear(PrepareContext& ctx, WeightOrder order) {
  const auto constants = linear_constants(ctx, order);
  HT_CHECK(constants.has_value());
  auto state = start_int8_linear(ctx, *constants, choose_dot(dot_kind(), constants->weights, constants->k));
  state->multiplier.resize((state->multiplier.size() + 7) / 8 * 8, 0.0f);
  HT_ASSIGN(state->weights,
            pack_weight_panels(constants->weights, constants->channels, constants->k, constants->bias, state->form));
  keep_int8_weights(ctx, 1, order, ctx.input_quant(1)->zero_point, state->weights.bytes,
                    [kind = state->form.kind, rows = state->channels, k = state->k](const Tensor& packed) {
                      return unpack_weight_panels(kind, packed.bytes(), rows, k);
                    });
  return std::unique_ptr<OpState>(std::move(state));
}

Status int8_product(RunContext& ctx, const uint8_t* x, int64_t rows, uint8_t* y) {
  const auto& state = *static_cast<const Int8Linear*>(ctx.state());
  const int64_t row_bytes = state.weights.units * kUnitBytes;
  const uint8_t* a = x;
  // Rows of whole units that need no flip are read as they lie.
  if (state.form.kind == DotKind::kNone || state.form.flipped() || row_bytes != state.k) {
    HT_ASSIGN(void* scratch, ctx.scratch(checked_mul(rows, row_bytes).value_or(kMaxBytes + 1)));
    pack_activation_rows(x, rows, state.k, state.form, static_cast<uint8_t*>(scratch));
    a = static_cast<const uint8_t*>(scratch);
  }
  gemm_int8(GemmInt8{.kind = state.form.kind,
                     .m = rows,
                     .n = state.channels,
                     .units = state.weights.units,
                     .a = a,
                     .b = state.weights.bytes.bytes(),
                     .bias = state.weights.bias.data<int32_t>().data(),
                     .multiplier = state.multiplier.data(),
                     .range = state.range,
                     .signed_output = state.signed_output,
                     .bounded = state.bounded,
                     .c = y,
                     .ldc = state.channels});
  return ok_status();
}

}  // namespace halftone
