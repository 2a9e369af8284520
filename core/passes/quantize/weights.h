// Weights and biases as integers.
// Formula: weight q = clamp(round(w / s_w) + z) to the grid's codes; bias q = round_half_even(b / (s_x * s_w)), int32,
// zero point 0 (the scale of the accumulated products, so that an integer kernel adds it as it is).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ops/quant_layout.h"
#include "core/stats/choose_params.h"
#include "core/stats/observer.h"
#include "core/tensor/quant_params.h"
#include "core/tensor/tensor.h"

namespace halftone {

// |bias| as an integer stays below this; the other half of int32 is left to the sum of products.
inline constexpr double kBiasLimit = 1073741824.0;  // 2^30

// kStochastic rounds x up with the probability of its fraction: right on average, by a seeded stream.
enum class Rounding : uint8_t { kNearestEven, kStochastic, kFloor };

struct WeightSpec {
  Grid grid;
  int64_t axis = -1;         // what scales are for, or blocks run along; -1: one scale for all
  int64_t channel_axis = 0;  // output channels, whatever the scales are for
  int64_t channels = 1;      // length of the bias that comes out
  int64_t block_size = 0;    // > 0: one scale for each so many elements along `axis`
  Rounding rounding = Rounding::kNearestEven;
  uint64_t seed = 0;
  std::optional<Range> clip;        // ranges are cut to this one
  double range = 1;                 // and before that multiplied with this
  std::string observer = "minmax";  // how ranges are found (weight_range)
  ObserverSettings observing;
};

// What encoding did to the weights of each output channel.
struct WeightFacts {
  std::vector<float> low, high;        // of the float weights; they contain 0
  std::vector<float> channel_sqnr_db;  // infinite where nothing is lost
  double sqnr_db = 0;
};

struct EncodedWeight {
  Tensor weight;
  QuantParams params;
  Tensor bias;  // int32 [spec.channels]; undefined where there is none, or where weights have blocks
  QuantParams bias_params;
  int64_t widened = 0;  // scales that were widened because the bias would have overflowed
  WeightFacts facts;
};

// weight: float32, finite, not empty. bias: float32, finite, of size 1 or spec.channels; or undefined. spec.channels is
// a multiple of the scales (grouped ConvTranspose: output channel c uses scale c mod scales). input_scale > 0.
Result<EncodedWeight> encode_weight(const Tensor& weight, const Tensor& bias, float input_scale,
                                    const WeightSpec& spec);

// How parameters lie over a tensor (axis -1: one for all), and how many there are.
QuantLayout layout_of(const Dims& dims, int64_t axis, int64_t block_size = 0);
int64_t scale_count(const QuantLayout& layout);

// A float32 tensor as codes of a grid, of type params.dtype.
Result<Tensor> quantize_tensor(const Tensor& tensor, const QuantParams& params, const Grid& grid);

// And back, by DequantizeLinear's formula.
Result<Tensor> dequantize_tensor(const Tensor& integers, const QuantParams& params);

// What QuantizeLinear makes of one number under per-tensor parameters.
int32_t quantize_value(float value, const QuantParams& params);

}  // namespace halftone
