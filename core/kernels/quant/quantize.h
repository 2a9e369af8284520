// Between reals and integers (ONNX QuantizeLinear, DequantizeLinear), over runs of elements with the same parameters:
//   quantize:   y = saturate(round_half_even(x / scale) + zero_point)
//   dequantize: y = float(x - zero_point) * scale
// A NaN quantizes to the lowest integer. T: int8_t, uint8_t, int16_t, uint16_t (dequantize: int32_t too). Types below 8
// bits go element by element through quantize_code and packed_get / packed_set.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/kernels/quant/requantize.h"

namespace halftone {

// One element, into [low, high] within [-2^17, 2^17].
inline int32_t quantize_code(float x, float scale, int32_t zero_point, int32_t low, int32_t high) {
  const RequantRange range{zero_point, low, high};
  float v = x / scale;
  v = v > range.low_real() ? v : range.low_real();
  v = v < range.high_real() ? v : range.high_real();
  return round_small(v) + zero_point;
}

template <typename T>
void quantize_run(const float* x, int64_t n, float scale, int32_t zero_point, T* y);

template <typename T>
void dequantize_run(const T* x, int64_t n, float scale, int32_t zero_point, float* y);

// The same where every element has parameters of its own.
template <typename T>
void quantize_each(const float* x, int64_t n, const float* scale, const int32_t* zero_point, T* y) {
  for (int64_t i = 0; i < n; ++i) {
    y[i] = static_cast<T>(
        quantize_code(x[i], scale[i], zero_point[i], std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
}
template <typename T>
void dequantize_each(const T* x, int64_t n, const float* scale, const int32_t* zero_point, float* y) {
  using Wide = std::conditional_t<sizeof(T) == 4, int64_t, int32_t>;
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(static_cast<Wide>(x[i]) - zero_point[i]) * scale[i];
}

// Smallest and largest of zero and n elements; NaNs do not count. For DynamicQuantizeLinear.
struct Extent {
  float low = 0, high = 0;
};
Extent extent_around_zero(const float* x, int64_t n);

// Element i of packed `bits`-wide integers (2, 4, 8 or 16), first element in the low bits.
inline int32_t packed_get(const uint8_t* data, int64_t i, int bits, bool is_signed) {
  uint32_t raw;
  if (bits == 16) {
    raw = static_cast<uint32_t>(data[2 * i]) | static_cast<uint32_t>(data[2 * i + 1]) << 8;
  } else {
    const int64_t bit = i * bits;
    raw = static_cast<uint32_t>(data[bit >> 3]) >> (bit & 7) & ((1u << bits) - 1);
  }
  if (is_signed && (raw >> (bits - 1)) != 0) return static_cast<int32_t>(raw) - (1 << bits);
  return static_cast<int32_t>(raw);
}

// The bits of element i must be zero before.
inline void packed_set(uint8_t* data, int64_t i, int bits, int32_t value) {
  const uint32_t raw = static_cast<uint32_t>(value) & ((1u << bits) - 1);
  if (bits == 16) {
    data[2 * i] = static_cast<uint8_t>(raw);
    data[2 * i + 1] = static_cast<uint8_t>(raw >> 8);
  } else {
    const int64_t bit = i * bits;
    data[bit >> 3] = static_cast<uint8_t>(data[bit >> 3] | raw << (bit & 7));
  }
}

}  // namespace halftone
