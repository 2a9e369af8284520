// Weights and biases as integers.
// Formula: weight q = saturate(round_half_even(w / s_w) + z); bias q = round_half_even(b / (s_x * s_w)), int32, zero
// point 0 (the scale of the accumulated products, so that an integer kernel adds it as it is).
#pragma once

#include <cstdint>
#include <optional>

#include "core/passes/quantize/options.h"
#include "core/tensor/quant_params.h"
#include "core/tensor/tensor.h"

namespace halftone {

// |bias| as an integer stays below this; the other half of int32 is left to the sum of products.
inline constexpr double kBiasLimit = 1073741824.0;  // 2^30

struct WeightSpec {
  DType dtype = DType::kInt8;
  bool symmetric = true;
  bool reduce_range = false;
  int64_t axis = -1;     // output channels; -1: one scale for all
  int64_t channels = 1;  // length of the bias that comes out
};

struct EncodedWeight {
  Tensor weight;
  QuantParams params;
  Tensor bias;  // int32 [spec.channels]; undefined where there is none
  QuantParams bias_params;
  int64_t widened = 0;  // scales that were widened because the bias would have overflowed
};

// weight: float32, finite, not empty. bias: float32, finite, of size 1 or spec.channels; or undefined. spec.channels is
// a multiple of the scales (grouped ConvTranspose: output channel c uses scale c mod scales). input_scale > 0.
Result<EncodedWeight> encode_weight(const Tensor& weight, const Tensor& bias, float input_scale,
                                    const WeightSpec& spec);

// A float32 tensor as integers of params.dtype (int8 or uint8).
Result<Tensor> quantize_tensor(const Tensor& tensor, const QuantParams& params);

// And back, by DequantizeLinear's formula.
Result<Tensor> dequantize_tensor(const Tensor& integers, const QuantParams& params);

// What QuantizeLinear makes of one number under per-tensor parameters.
int32_t quantize_value(float value, const QuantParams& params);

}  // namespace halftone
