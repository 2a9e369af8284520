// The one rule by which integer kernels come back to 8 bits:
//   y = saturate(round_half_even(float(acc) * multiplier) + zero_point), clamped to [low, high]
// multiplier = (s_x * s_w) / s_y in float32. One float32 multiplication and one addition, never fused: the same bits in
// scalar and vector code, native and WebAssembly. Clamping before rounding gives the same result (the bounds are
// integers) and keeps the value below 2^22, where adding and subtracting 1.5 * 2^23 rounds half to even.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace halftone {

// Bounds of y within [-128, 255], e.g. the type's range, or that of a fused activation.
struct RequantRange {
  int32_t zero_point = 0;
  int32_t low = 0, high = 255;
  float low_real() const { return static_cast<float>(low - zero_point); }
  float high_real() const { return static_cast<float>(high - zero_point); }
};

inline constexpr float kRoundingBias = 12582912.0f;  // 1.5 * 2^23
inline constexpr int32_t kRoundingBiasBits = 0x4B400000;

// round_half_even for |v| <= 2^22.
inline int32_t round_small(float v) { return std::bit_cast<int32_t>(v + kRoundingBias) - kRoundingBiasBits; }

// A NaN (0 * infinity, from absurd scales) becomes `low`.
inline int32_t requantize(int32_t acc, float multiplier, const RequantRange& range) {
  float v = static_cast<float>(acc) * multiplier;
  v = v > range.low_real() ? v : range.low_real();
  v = v < range.high_real() ? v : range.high_real();
  return round_small(v) + range.zero_point;
}

}  // namespace halftone
