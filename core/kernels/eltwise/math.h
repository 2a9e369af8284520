// exp, log, tanh, sigmoid, erf of a float from float and integer operations alone: the same bits in every build
// (no libm, no contraction), no branches, so that loops over them vectorize. Error: below 2 ulp against the true
// value (tests/core/kernels/eltwise/math_test.cc). Polynomials: Chebyshev fits of the function named beside each.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "core/kernels/inline.h"

namespace halftone {

// 1.5 * 2^23: adding it rounds to an integer (half to even), which then sits in the low bits.
inline constexpr float kRoundMagic = 12582912.0f;

// 2^n for n in [-126, 127].
inline float exp2_int(int32_t n) { return std::bit_cast<float>(static_cast<uint32_t>(n + 127) << 23); }

// exp(x) = 2^n * exp(r), r = x - n * ln2 in [-ln2/2, ln2/2]. Overflows to infinity; subnormal results are kept.
HT_INLINE float exp_f(float x) {
  const float low = -104.0f, high = 89.0f;  // exp of these is 0 and infinity
  float c = x < low ? low : x;
  c = c > high ? high : c;
  const float shifted = c * 1.44269504f + kRoundMagic;
  const float n = shifted - kRoundMagic;
  float r = c - n * 0.693359375f;  // ln2 in two parts; the first has nine bits, so that the product is exact
  r = r - n * -2.12194440e-4f;
  float p = 0.00139269268f;  // (exp(r) - 1 - r) / r^2
  p = p * r + 0.00836377405f;
  p = p * r + 0.0416665487f;
  p = p * r + 0.166665733f;
  p = p * r + 0.5f;
  const float e = (p * r) * r + r + 1.0f;
  // Two factors, since 2^n alone may be subnormal. A NaN gives any n, and stays NaN.
  const uint32_t bits = std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(kRoundMagic);
  const uint32_t half = static_cast<uint32_t>(static_cast<int32_t>(bits) >> 1);
  const float s1 = std::bit_cast<float>((half + 127u) << 23), s2 = std::bit_cast<float>((bits - half + 127u) << 23);
  return e * s1 * s2;
}

// log(x) = n * ln2 + log(1 + f), 1 + f in [sqrt(1/2), sqrt(2)). -infinity at 0, NaN below.
HT_INLINE float log_f(float x) {
  const float smallest = std::numeric_limits<float>::min();
  const bool tiny = x < smallest;
  const float scaled = tiny ? x * 8388608.0f : x;
  const uint32_t bits = std::bit_cast<uint32_t>(scaled);
  const int32_t e = static_cast<int32_t>(bits - 0x3f3504f3u) >> 23;
  const float f = std::bit_cast<float>(bits - (static_cast<uint32_t>(e) << 23)) - 1.0f;
  const float n = static_cast<float>(e) - (tiny ? 23.0f : 0.0f);
  float p = 0.0697161183f;  // (log(1 + f) - f + f^2 / 2) / f^3
  p = p * f + -0.114797339f;
  p = p * f + 0.116854198f;
  p = p * f + -0.124256872f;
  p = p * f + 0.142490581f;
  p = p * f + -0.166678026f;
  p = p * f + 0.200007156f;
  p = p * f + -0.24999997f;
  p = p * f + 0.333333313f;
  const float ff = f * f;
  float y = (p * f) * ff;
  y = y + n * -2.12194440e-4f;
  y = y - 0.5f * ff;
  y = (y + f) + n * 0.693359375f;
  const float infinity = std::numeric_limits<float>::infinity();
  y = x == infinity ? infinity : y;
  y = x == 0.0f ? -infinity : y;
  return x >= 0.0f ? y : std::numeric_limits<float>::quiet_NaN();
}

inline float abs_f(float x) { return std::bit_cast<float>(std::bit_cast<uint32_t>(x) & 0x7fffffffu); }
inline float copysign_f(float magnitude, float sign) {
  return std::bit_cast<float>((std::bit_cast<uint32_t>(magnitude) & 0x7fffffffu) |
                              (std::bit_cast<uint32_t>(sign) & 0x80000000u));
}

// tanh(x) = x + x^3 P(x^2) near 0, sign(x) * (1 - 2 / (exp(2|x|) + 1)) beyond.
HT_INLINE float tanh_f(float x) {
  const float a = abs_f(x), t = x * x;
  float p = -0.00609671418f;  // (tanh(x) / x - 1) / x^2 in t = x^2
  p = p * t + 0.0209971797f;
  p = p * t + -0.0538509078f;
  p = p * t + 0.133327693f;
  p = p * t + -0.333333284f;
  const float near = x + x * (t * p);
  const float far = copysign_f(1.0f - 2.0f / (exp_f(2.0f * a) + 1.0f), x);
  return a < 0.625f ? near : (x == x ? far : x);
}

HT_INLINE float sigmoid_f(float x) { return 1.0f / (1.0f + exp_f(-x)); }

// erf(x) = x + x P(x^2) below 1, sign(x) * (1 - exp(-Q(|x|))) to 4, then 1.
HT_INLINE float erf_f(float x) {
  const float a = abs_f(x), t = x * x;
  float p = 7.87587487e-05f;  // erf(x) / x - 1 in t = x^2
  p = p * t + -0.00080168643f;
  p = p * t + 0.00518908724f;
  p = p * t + -0.0268542115f;
  p = p * t + 0.112835944f;
  p = p * t + -0.37612626f;
  p = p * t + 0.128379166f;
  const float near = x + x * p;
  const float c = a > 4.0f ? 4.0f : a;
  float q = -1.6371514e-06f;  // -log(erfc(c))
  q = q * c + 4.60580413e-05f;
  q = q * c + -0.00059680565f;
  q = q * c + 0.0047595962f;
  q = q * c + -0.0264211353f;
  q = q * c + 0.110080086f;
  q = q * c + 0.631826043f;
  q = q * c + 1.13023341f;
  q = q * c + -0.00032013806f;
  const float far = copysign_f(1.0f - exp_f(-q), x);
  return a < 1.0f ? near : (x == x ? far : x);
}

// Rounds half to even; exact for every float.
inline float round_even_f(float x) {
  const float a = abs_f(x), magic = 8388608.0f;  // from 2^23 on every float is an integer
  const float r = (a + magic) - magic;
  return a < magic ? copysign_f(r, x) : x;
}

}  // namespace halftone
