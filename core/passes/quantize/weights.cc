// Scales of weights (per channel or not), their encoding, and biases that must fit 32 bits.
// Weights need narrower ranges than activations: symmetric int8 leaves -128 out, so that negation stays inside and
// pairs of products fit 16 bits more often; reduce_range halves the range again.
#include "core/passes/quantize/weights.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <vector>

#include "core/tensor/convert.h"

namespace halftone {
namespace {

struct Limits {
  int32_t low, high, zero;  // zero: the zero point of symmetric weights
};

Limits limits(const WeightSpec& spec) {
  Limits all = spec.dtype == DType::kInt8 ? Limits{-128, 127, 0} : Limits{0, 255, 128};
  if (spec.reduce_range) all = spec.dtype == DType::kInt8 ? Limits{-64, 63, 0} : Limits{0, 127, 64};
  if (spec.symmetric) all.low += 1;
  return all;
}

// Elements as [outer, channels, inner] around the axis; per tensor: [1, 1, n].
struct Layout {
  int64_t outer = 1, channels = 1, inner = 1;
};

Layout layout_of(const Dims& dims, int64_t axis) {
  Layout layout;
  for (int64_t i = 0; i < static_cast<int64_t>(dims.size()); ++i) {
    const int64_t d = dims[static_cast<size_t>(i)];
    (axis < 0 || i > axis ? layout.inner : i < axis ? layout.outer : layout.channels) *= d;
  }
  return layout;
}

struct Extent {
  float low = 0, high = 0;  // contains 0
};

std::vector<Extent> extents(const Tensor& tensor, const Layout& layout) {
  std::vector<Extent> list(static_cast<size_t>(layout.channels));
  const float* p = tensor.data<float>().data();
  for (int64_t o = 0; o < layout.outer; ++o) {
    for (int64_t c = 0; c < layout.channels; ++c) {
      Extent& e = list[static_cast<size_t>(c)];
      for (int64_t i = 0; i < layout.inner; ++i, ++p) {
        e.low = std::min(e.low, *p);
        e.high = std::max(e.high, *p);
      }
    }
  }
  return list;
}

// 0: nothing but zeros (or so small that the scale would lose precision).
float natural_scale(const Extent& e, const Limits& range, bool symmetric) {
  const double span = symmetric ? std::max<double>(e.high, -static_cast<double>(e.low)) / (range.high - range.zero)
                                : (static_cast<double>(e.high) - e.low) / (range.high - range.low);
  const float scale = static_cast<float>(span);
  return scale < FLT_MIN || !std::isfinite(scale) ? 0 : scale;
}

int32_t zero_point(const Extent& e, float scale, const Limits& range, bool symmetric) {
  if (symmetric) return range.zero;
  const float z = static_cast<float>(range.low) - std::nearbyint(e.low / scale);
  return static_cast<int32_t>(std::clamp(z, static_cast<float>(range.low), static_cast<float>(range.high)));
}

// Largest |bias| that channel's scale must carry.
std::vector<double> bias_extents(const Tensor& bias, int64_t channels) {
  std::vector<double> largest(static_cast<size_t>(channels), 0.0);
  if (!bias.defined()) return largest;
  const auto values = bias.data<float>();
  if (values.size() == 1) {
    std::fill(largest.begin(), largest.end(), std::fabs(static_cast<double>(values[0])));
    return largest;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    double& at = largest[i % static_cast<size_t>(channels)];
    at = std::max(at, std::fabs(static_cast<double>(values[i])));
  }
  return largest;
}

// Channels of zeros have no scale of their own. Any would do for the weights; the bias decides: as fine as its
// neighbours' (the whole tensor's scale), else some 2^24 steps.
float scale_of_zeros(float whole, double bias, float input_scale) {
  if (whole > 0) return whole;
  const float scale = static_cast<float>(bias / (static_cast<double>(input_scale) * 16777216.0));
  return scale < FLT_MIN || !std::isfinite(scale) ? 1.0f : scale;
}

int32_t saturate(float value, float low, float high) {
  // NaN cannot come: inputs are finite and scales positive.
  return static_cast<int32_t>(std::clamp(value, low, high));
}

template <typename T>
void encode(const Tensor& from, const QuantParams& params, const Layout& layout, float low, float high, Tensor& to) {
  const float* p = from.data<float>().data();
  T* q = to.mutable_data<T>().data();
  for (int64_t o = 0; o < layout.outer; ++o) {
    for (int64_t c = 0; c < layout.channels; ++c) {
      const float scale = params.scale[static_cast<size_t>(c)];
      const float zero = static_cast<float>(params.zero_point[static_cast<size_t>(c)]);
      for (int64_t i = 0; i < layout.inner; ++i) {
        *q++ = static_cast<T>(saturate(std::nearbyint(*p++ / scale) + zero, low, high));
      }
    }
  }
}

// The bias broadcast to one number per channel, over scales s_x * s_w in double: a bias may need all of its 31 bits.
Status encode_bias(const Tensor& bias, float input_scale, int64_t count, EncodedWeight& out) {
  const auto values = bias.data<float>();
  const int64_t scales = static_cast<int64_t>(out.params.scale.size());
  HT_ASSIGN(out.bias, Tensor::allocate(DType::kInt32, {count}));
  auto q = out.bias.mutable_data<int32_t>();
  out.bias_params.dtype = DType::kInt32;
  out.bias_params.axis = out.params.axis < 0 ? -1 : 0;
  const int64_t entries = out.bias_params.axis < 0 ? 1 : count;
  for (int64_t c = 0; c < entries; ++c) {
    out.bias_params.scale.push_back(input_scale * out.params.scale[static_cast<size_t>(c % scales)]);
    out.bias_params.zero_point.push_back(0);
  }
  for (int64_t c = 0; c < count; ++c) {
    const double value = values[values.size() == 1 ? 0 : static_cast<size_t>(c)];
    const double scale = out.bias_params.scale[entries == 1 ? 0 : static_cast<size_t>(c)];
    q[static_cast<size_t>(c)] =
        static_cast<int32_t>(std::clamp(std::nearbyint(value / scale), -kBiasLimit, kBiasLimit));
  }
  return ok_status();
}

}  // namespace

Result<EncodedWeight> encode_weight(const Tensor& weight, const Tensor& bias, float input_scale,
                                    const WeightSpec& spec) {
  const Layout layout = layout_of(weight.dims(), spec.axis);
  const Limits range = limits(spec);
  const std::vector<Extent> all = extents(weight, layout);
  const std::vector<double> biases = bias_extents(bias, layout.channels);
  Extent whole_extent;
  for (const Extent& e : all) {
    whole_extent = {std::min(whole_extent.low, e.low), std::max(whole_extent.high, e.high)};
  }
  const float whole = natural_scale(whole_extent, range, spec.symmetric);

  EncodedWeight out;
  out.params.dtype = spec.dtype;
  out.params.axis = spec.axis;
  for (size_t c = 0; c < all.size(); ++c) {
    float scale = natural_scale(all[c], range, spec.symmetric);
    if (scale == 0) scale = scale_of_zeros(whole, biases[c], input_scale);
    // The product of the scales must stay a normal number too, or the bias's scale would lose bits.
    scale = std::max(scale, static_cast<float>(std::min(1.0, FLT_MIN * 2.0 / input_scale)));
    // (Numbers near the end of float's range saturate instead.)
    const double needed = std::min(1e37, biases[c] / (static_cast<double>(input_scale) * kBiasLimit));
    if (needed > scale) {
      scale = static_cast<float>(needed * (1 + 1e-6));
      ++out.widened;
    }
    out.params.scale.push_back(scale);
    out.params.zero_point.push_back(zero_point(all[c], scale, range, spec.symmetric));
  }
  HT_ASSIGN(out.weight, Tensor::allocate(spec.dtype, weight.dims()));
  const float low = static_cast<float>(range.low), high = static_cast<float>(range.high);
  if (spec.dtype == DType::kInt8) {
    encode<int8_t>(weight, out.params, layout, low, high, out.weight);
  } else {
    encode<uint8_t>(weight, out.params, layout, low, high, out.weight);
  }
  weight.let_go();
  if (bias.defined()) HT_TRY(encode_bias(bias, input_scale, spec.channels, out));
  return out;
}

Result<Tensor> quantize_tensor(const Tensor& tensor, const QuantParams& params) {
  HT_ASSIGN(Tensor out, Tensor::allocate(params.dtype, tensor.dims()));
  const Layout layout = layout_of(tensor.dims(), params.axis);
  const auto& info = dtype_info(params.dtype);
  const float low = static_cast<float>(info.lowest), high = static_cast<float>(info.highest);
  if (params.dtype == DType::kInt8) {
    encode<int8_t>(tensor, params, layout, low, high, out);
  } else {
    HT_CHECK(params.dtype == DType::kUint8);
    encode<uint8_t>(tensor, params, layout, low, high, out);
  }
  return out;
}

Result<Tensor> dequantize_tensor(const Tensor& integers, const QuantParams& params) {
  HT_ASSIGN(Tensor out, convert(integers, DType::kFloat));
  const Layout layout = layout_of(integers.dims(), params.axis);
  float* p = out.mutable_data<float>().data();
  for (int64_t o = 0; o < layout.outer; ++o) {
    for (size_t c = 0; c < static_cast<size_t>(layout.channels); ++c) {
      const float zero = static_cast<float>(params.zero_point[c]);
      for (int64_t i = 0; i < layout.inner; ++i, ++p) *p = (*p - zero) * params.scale[c];
    }
  }
  return out;
}

int32_t quantize_value(float value, const QuantParams& params) {
  const auto& info = dtype_info(params.dtype);
  const float q = std::nearbyint(value / params.scale[0]) + static_cast<float>(params.zero_point[0]);
  return saturate(q, static_cast<float>(info.lowest), static_cast<float>(info.highest));
}

}  // namespace halftone
