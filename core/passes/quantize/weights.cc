// Scales of weights (for all, per channel or per block), their encoding, and biases that must fit 32 bits.
// Weights need narrower ranges than activations: symmetric int8 leaves -128 out, so that negation stays inside and
// pairs of products fit 16 bits more often; reduce_range halves the range again.
#include "core/passes/quantize/weights.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "core/base/parallel.h"
#include "core/base/rng.h"
#include "core/kernels/quant/quantize.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

// for_each_run, compiled once.
using Stretch = std::function<void(int64_t at, int64_t n, int64_t parameter, int64_t step)>;
void for_each_stretch(const QuantLayout& layout, const Stretch& stretch) { for_each_run(layout, std::cref(stretch)); }

// Calls each(element, parameter) for every element in order.
template <typename Each>
void for_each_element(const QuantLayout& layout, Each each) {
  for_each_stretch(layout, [&](int64_t at, int64_t n, int64_t p, int64_t step) {
    for (int64_t i = at; i < at + n; ++i, p += step) each(i, static_cast<size_t>(p));
  });
}

std::vector<Range> extremes_of(const Tensor& weight, const QuantLayout& layout) {
  std::vector<Range> list(static_cast<size_t>(scale_count(layout)));
  const float* w = weight.data<float>().data();
  for_each_element(layout, [&](int64_t i, size_t p) {
    list[p] = {std::min(list[p].low, w[i]), std::max(list[p].high, w[i])};
  });
  return list;
}

// The elements of each scale, gathered, looked at by an observer.
std::vector<Range> observed_ranges(const Tensor& weight, const QuantLayout& layout, const WeightSpec& spec) {
  const float* w = weight.data<float>().data();
  std::vector<size_t> end(static_cast<size_t>(scale_count(layout)) + 1, 0);
  for_each_element(layout, [&](int64_t, size_t p) { ++end[p + 1]; });
  std::partial_sum(end.begin(), end.end(), end.begin());
  std::vector<float> gathered(end.back());
  for_each_element(layout, [&](int64_t i, size_t p) { gathered[end[p]++] = w[i]; });
  std::vector<Range> list(end.size() - 1);
  parallel_for(static_cast<int64_t>(list.size()), 1, [&](int64_t from, int64_t to) {
    for (auto p = static_cast<size_t>(from); p < static_cast<size_t>(to); ++p) {
      const size_t begin = p == 0 ? 0 : end[p - 1];
      list[p] =
          weight_range(spec.observer, std::span(gathered).subspan(begin, end[p] - begin), spec.grid, spec.observing);
    }
  });
  return list;
}

std::vector<Range> ranges_of(const Tensor& weight, const QuantLayout& layout, const WeightSpec& spec) {
  std::vector<Range> list =
      spec.observer == "minmax" ? extremes_of(weight, layout) : observed_ranges(weight, layout, spec);
  const auto factor = static_cast<float>(spec.range);
  for (Range& range : list) range = {range.low * factor, range.high * factor};
  if (!spec.clip) return list;
  for (Range& range : list) range = {std::max(range.low, spec.clip->low), std::min(range.high, spec.clip->high)};
  return list;
}

// Largest |bias| that each scale must carry.
std::vector<double> bias_extents(const Tensor& bias, size_t scales) {
  std::vector<double> largest(scales, 0.0);
  if (!bias.defined()) return largest;
  const auto values = bias.data<float>();
  if (values.size() == 1) {
    std::fill(largest.begin(), largest.end(), std::fabs(static_cast<double>(values[0])));
    return largest;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    double& at = largest[i % scales];
    at = std::max(at, std::fabs(static_cast<double>(values[i])));
  }
  return largest;
}

// As a float that the grid's scales may be.
float scale_above(double scale, const Grid& grid) {
  if (grid.power_of_two) scale = power_of_two_above(scale);
  return static_cast<float>(scale);
}

// Zeros have no scale of their own. Any would do for the weights; the bias decides: as fine as its neighbours' (the
// whole tensor's scale), else some 2^24 steps.
double scale_of_zeros(double whole, double bias, float input_scale) {
  if (whole > 0) return whole;
  const double scale = bias / (static_cast<double>(input_scale) * 16777216.0);
  return scale < FLT_MIN || !(scale <= FLT_MAX) ? 1.0 : scale;
}

double round_as(Rounding rounding, float x, Rng& rng) {
  switch (rounding) {
    case Rounding::kFloor:
      return std::floor(x);
    case Rounding::kStochastic:
      return std::floor(static_cast<double>(x) + rng.uniform());
    case Rounding::kNearestEven:
      break;
  }
  return std::nearbyint(x);
}

Result<Tensor> encode(const Tensor& from, const QuantParams& params, const QuantLayout& layout, const Grid& grid,
                      Rounding rounding, uint64_t seed) {
  HT_ASSIGN(Tensor to, Tensor::allocate(params.dtype, from.dims()));
  const float* values = from.data<float>().data();
  const int bits = dtype_info(params.dtype).bits;
  uint8_t* bytes = to.mutable_bytes();
  std::fill_n(bytes, *packed_bytes(params.dtype, to.size()), uint8_t{0});
  Rng rng(seed);
  for_each_element(layout, [&](int64_t i, size_t p) {
    // Never NaN: inputs are finite and scales positive.
    const double code = round_as(rounding, values[i] / params.scale[p], rng) + params.zero_point[p];
    packed_set(bytes, i, bits, static_cast<int32_t>(std::clamp<double>(code, grid.lowest, grid.highest)));
  });
  return to;
}

WeightFacts facts_of(const Tensor& weight, const EncodedWeight& encoded, const QuantLayout& layout,
                     int64_t channel_axis) {
  const QuantLayout by_channel = layout_of(weight.dims(), channel_axis);
  const auto channels = static_cast<size_t>(by_channel.axis);
  const float* w = weight.data<float>().data();
  const DTypeInfo& type = dtype_info(encoded.params.dtype);
  std::vector<double> signal(channels, 0.0), noise(channels, 0.0);
  WeightFacts facts;
  facts.low.resize(channels);
  facts.high.resize(channels);
  for_each_element(layout, [&](int64_t i, size_t p) {
    const auto c = static_cast<size_t>(i / by_channel.inner % by_channel.axis);
    const int32_t code = packed_get(encoded.weight.bytes(), i, type.bits, type.kind == DKind::kSigned);
    const double v = w[i], back = static_cast<double>(encoded.params.scale[p]) * (code - encoded.params.zero_point[p]);
    signal[c] += v * v;
    noise[c] += (v - back) * (v - back);
    facts.low[c] = std::min(facts.low[c], w[i]);
    facts.high[c] = std::max(facts.high[c], w[i]);
  });
  const auto decibel = [](double of, double to) { return 10 * std::log10(of / to); };
  double all = 0, lost = 0;
  for (size_t c = 0; c < channels; ++c) {
    facts.channel_sqnr_db.push_back(static_cast<float>(decibel(signal[c], noise[c])));
    all += signal[c];
    lost += noise[c];
  }
  facts.sqnr_db = decibel(all, lost);
  return facts;
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

// Fills out.params from the ranges.
void choose_scales(const std::vector<Range>& ranges, const std::vector<double>& biases, float input_scale,
                   const Grid& grid, EncodedWeight& out) {
  Range all;
  for (const Range& r : ranges) all = {std::min(all.low, r.low), std::max(all.high, r.high)};
  const double whole = scale_for(all, grid);
  for (size_t p = 0; p < ranges.size(); ++p) {
    double scale = scale_for(ranges[p], grid);
    if (scale == 0) scale = scale_of_zeros(whole, biases[p], input_scale);
    // The product of the scales must stay a normal number too, or the bias's scale would lose bits.
    scale = std::max(scale, std::min(1.0, FLT_MIN * 2.0 / input_scale));
    // (Numbers near the end of float's range saturate instead.)
    const double needed = std::min(1e37, biases[p] / (static_cast<double>(input_scale) * kBiasLimit));
    if (needed > scale) {
      scale = needed * (1 + 1e-6);
      ++out.widened;
    }
    const float stored = scale_above(scale, grid);
    out.params.scale.push_back(stored);
    out.params.zero_point.push_back(zero_point_for(ranges[p], stored, grid));
  }
}

}  // namespace

QuantLayout layout_of(const Dims& dims, int64_t axis, int64_t block_size) {
  QuantLayout layout;
  layout.kind = axis < 0 ? QuantLayout::kTensor : block_size > 0 ? QuantLayout::kBlocked : QuantLayout::kAxis;
  for (int64_t i = 0; i < static_cast<int64_t>(dims.size()); ++i) {
    const int64_t d = dims[static_cast<size_t>(i)];
    (axis < 0 || i > axis ? layout.inner : i < axis ? layout.outer : layout.axis) *= d;
  }
  if (layout.kind == QuantLayout::kBlocked) {
    layout.block = block_size;
    layout.blocks = (layout.axis + block_size - 1) / block_size;
  }
  return layout;
}

int64_t scale_count(const QuantLayout& layout) {
  if (layout.kind == QuantLayout::kTensor) return 1;
  return layout.kind == QuantLayout::kAxis ? layout.axis : layout.outer * layout.blocks * layout.inner;
}

Result<EncodedWeight> encode_weight(const Tensor& weight, const Tensor& bias, float input_scale,
                                    const WeightSpec& spec) {
  const QuantLayout layout = layout_of(weight.dims(), spec.axis, spec.block_size);
  const std::vector<Range> ranges = ranges_of(weight, layout, spec);
  const bool blocked = layout.kind == QuantLayout::kBlocked;
  EncodedWeight out;
  out.params.dtype = spec.grid.dtype;
  out.params.axis = spec.axis;
  out.params.block_size = spec.block_size;
  choose_scales(ranges, bias_extents(blocked ? Tensor() : bias, ranges.size()), input_scale, spec.grid, out);
  HT_ASSIGN(out.weight, encode(weight, out.params, layout, spec.grid, spec.rounding, spec.seed));
  out.facts = facts_of(weight, out, layout, spec.channel_axis);
  weight.let_go();
  if (bias.defined() && !blocked) HT_TRY(encode_bias(bias, input_scale, spec.channels, out));
  return out;
}

Result<Tensor> quantize_tensor(const Tensor& tensor, const QuantParams& params, const Grid& grid) {
  return encode(tensor, params, layout_of(tensor.dims(), params.axis, params.block_size), grid, Rounding::kNearestEven,
                0);
}

Result<Tensor> dequantize_tensor(const Tensor& integers, const QuantParams& params) {
  HT_ASSIGN(Tensor out, convert(integers, DType::kFloat));
  float* p = out.mutable_data<float>().data();
  for_each_run(layout_of(integers.dims(), params.axis, params.block_size),
               [&](int64_t at, int64_t n, int64_t parameter, int64_t step) {
                 for (int64_t i = at; i < at + n; ++i, parameter += step) {
                   const auto k = static_cast<size_t>(parameter);
                   p[i] = (p[i] - static_cast<float>(params.zero_point[k])) * params.scale[k];
                 }
               });
  return out;
}

int32_t quantize_value(float value, const QuantParams& params) {
  const auto& info = dtype_info(params.dtype);
  const double q = std::nearbyint(value / params.scale[0]) + params.zero_point[0];
  return static_cast<int32_t>(std::clamp(q, info.lowest, info.highest));
}

}  // namespace halftone
