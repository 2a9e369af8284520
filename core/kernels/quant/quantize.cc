// Runs of QuantizeLinear and DequantizeLinear, sixteen elements a step; see the header. The division is that of the
// specification and stays one. The last step overlaps the one before, so that only runs below sixteen go one by one.
#include "core/kernels/quant/quantize.h"

#include <algorithm>
#include <type_traits>

#include "core/kernels/quant/centered_reals.h"
#include "core/kernels/quant/requantize_simd.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int64_t kStep = 16;

// Calls step(i) for stretches of sixteen that cover [0, n), or one(i) for each element where n is smaller.
template <typename Step, typename One>
inline void in_steps(int64_t n, Step step, One one) {
  if (n < kStep) {
    for (int64_t i = 0; i < n; ++i) one(i);
    return;
  }
  int64_t i = 0;
  for (; i + kStep <= n; i += kStep) step(i);
  if (i < n) step(n - kStep);
}

// Half of an integer type's values where it is unsigned and the vector operations are signed, or the other way around.
template <typename T>
constexpr int32_t kHalf = sizeof(T) == 1 ? 128 : 32768;

}  // namespace

template <typename T>
void quantize_run(const float* x, int64_t n, float scale, int32_t zero_point, T* y) {
  constexpr int32_t low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  // 16-bit vectors are narrowed as signed ones.
  constexpr int32_t shift = std::is_same_v<T, uint16_t> ? kHalf<T> : 0;
  const Requantizer q({zero_point - shift, low - shift, high - shift}, std::is_signed_v<T> && sizeof(T) == 1);
  const f32x4 divisor = splat(scale);
  in_steps(
      n,
      [&](int64_t i) {
        i32x4 v[4];
        for (int k = 0; k < 4; ++k) v[k] = q.round(load<f32x4>(x + i + 4 * k) / divisor);
        if constexpr (sizeof(T) == 1) {
          store(y + i, q.narrow16(v[0], v[1], v[2], v[3]));
        } else {
          const i16x8 flip = i16x8{} + static_cast<int16_t>(shift);
          store(y + i, narrow(v[0], v[1]) ^ flip);
          store(y + i + 8, narrow(v[2], v[3]) ^ flip);
        }
      },
      [&](int64_t i) { y[i] = static_cast<T>(quantize_code(x[i], scale, zero_point, low, high)); });
}

template <typename T>
void dequantize_run(const T* x, int64_t n, float scale, int32_t zero_point, float* y) {
  constexpr int32_t shift = std::is_signed_v<T> ? kHalf<T> : 0;
  const CenteredReals reals(zero_point + shift);
  const f32x4 factor = splat(scale);
  in_steps(
      n,
      [&](int64_t i) {
        f32x4 v[4];
        if constexpr (sizeof(T) == 1) {
          reals.of16(load<u8x16>(x + i) ^ (u8x16{} + static_cast<uint8_t>(shift)), v);
        } else {
          const i16x8 flip = i16x8{} + static_cast<int16_t>(shift);
          reals.of8(load<i16x8>(x + i) ^ flip, v);
          reals.of8(load<i16x8>(x + i + 8) ^ flip, v + 2);
        }
        for (int k = 0; k < 4; ++k) store(y + i + 4 * k, v[k] * factor);
      },
      [&](int64_t i) { y[i] = static_cast<float>(x[i] - zero_point) * scale; });
}

template <>
void dequantize_run(const int32_t* x, int64_t n, float scale, int32_t zero_point, float* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(static_cast<int64_t>(x[i]) - zero_point) * scale;
}

Extent extent_around_zero(const float* x, int64_t n) {
  f32x4 low[2] = {}, high[2] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int k = 0; k < 2; ++k) {
      const f32x4 v = load<f32x4>(x + i + 4 * k);
      low[k] = min(v, low[k]);
      high[k] = max(v, high[k]);
    }
  }
  Extent e;
  for (; i < n; ++i) e = {std::min(e.low, x[i]), std::max(e.high, x[i])};
  for (int k = 0; k < 8; ++k) e = {std::min(e.low, low[k / 4][k % 4]), std::max(e.high, high[k / 4][k % 4])};
  return e;
}

template void quantize_run(const float*, int64_t, float, int32_t, int8_t*);
template void quantize_run(const float*, int64_t, float, int32_t, uint8_t*);
template void quantize_run(const float*, int64_t, float, int32_t, int16_t*);
template void quantize_run(const float*, int64_t, float, int32_t, uint16_t*);
template void dequantize_run(const int8_t*, int64_t, float, int32_t, float*);
template void dequantize_run(const uint8_t*, int64_t, float, int32_t, float*);
template void dequantize_run(const int16_t*, int64_t, float, int32_t, float*);
template void dequantize_run(const uint16_t*, int64_t, float, int32_t, float*);

}  // namespace halftone
