// Decoding and encoding of small floats, one routine over the format's parameters.
#include "core/tensor/small_float.h"

#include <bit>
#include <cmath>

namespace halftone {
namespace {

constexpr SmallFloat kHalf{5, 10, 15, SmallFloatSpecials::kIeee};
constexpr SmallFloat kBFloat16{8, 7, 127, SmallFloatSpecials::kIeee};
constexpr SmallFloat kE4M3FN{4, 3, 7, SmallFloatSpecials::kFn};
constexpr SmallFloat kE4M3FNUZ{4, 3, 8, SmallFloatSpecials::kFnuz};
constexpr SmallFloat kE5M2{5, 2, 15, SmallFloatSpecials::kIeee};
constexpr SmallFloat kE5M2FNUZ{5, 2, 16, SmallFloatSpecials::kFnuz};
constexpr SmallFloat kE2M1{2, 1, 1, SmallFloatSpecials::kFinite};

constexpr float kNan = __builtin_nanf("");
constexpr float kInfinity = __builtin_inff();

uint32_t sign_bit(const SmallFloat& f) { return 1u << (f.exponent_bits + f.mantissa_bits); }

// Magnitude bits of the largest finite value.
uint32_t largest(const SmallFloat& f) {
  const uint32_t all = sign_bit(f) - 1;
  switch (f.specials) {
    case SmallFloatSpecials::kIeee:
      return all - (1u << f.mantissa_bits);
    case SmallFloatSpecials::kFn:
      return all - 1;
    default:
      return all;
  }
}

uint32_t nan_bits(const SmallFloat& f) {
  switch (f.specials) {
    case SmallFloatSpecials::kIeee:
      return (largest(f) + 1) | (1u << (f.mantissa_bits - 1));
    case SmallFloatSpecials::kFn:
      return sign_bit(f) - 1;
    case SmallFloatSpecials::kFnuz:
      return sign_bit(f);
    case SmallFloatSpecials::kFinite:
      return largest(f);
  }
  return 0;
}

// Magnitude bits of |value|, rounded to nearest even; beyond the largest finite where it overflows.
// The bit pattern of a positive float grows with its value, so rounding may carry into the exponent.
uint32_t round_magnitude(const SmallFloat& f, float magnitude) {
  const int shift = 23 - f.mantissa_bits;
  const uint32_t bits = std::bit_cast<uint32_t>(magnitude);
  const int exponent = static_cast<int>(bits >> 23) - 127 + f.bias;
  if (exponent >= 1) {
    const uint32_t rounded = bits + ((1u << (shift - 1)) - 1) + ((bits >> shift) & 1);
    return (rounded >> shift) - (static_cast<uint32_t>(127 - f.bias) << f.mantissa_bits);
  }
  // Subnormal: in units of the smallest step; ldexp is exact and nearbyint rounds half to even.
  return static_cast<uint32_t>(
      std::nearbyint(std::ldexp(static_cast<double>(magnitude), f.bias - 1 + f.mantissa_bits)));
}

}  // namespace

const SmallFloat* small_float_format(DType type) {
  switch (type) {
    case DType::kFloat16:
      return &kHalf;
    case DType::kBFloat16:
      return &kBFloat16;
    case DType::kFloat8E4M3FN:
      return &kE4M3FN;
    case DType::kFloat8E4M3FNUZ:
      return &kE4M3FNUZ;
    case DType::kFloat8E5M2:
      return &kE5M2;
    case DType::kFloat8E5M2FNUZ:
      return &kE5M2FNUZ;
    case DType::kFloat4E2M1:
      return &kE2M1;
    default:
      return nullptr;
  }
}

float decode_small_float(const SmallFloat& f, uint32_t bits) {
  const uint32_t sign = bits & sign_bit(f);
  const uint32_t magnitude = bits & (sign_bit(f) - 1);
  if (f.specials == SmallFloatSpecials::kFnuz && sign != 0 && magnitude == 0) return kNan;
  if (magnitude > largest(f)) {
    const bool infinite = f.specials == SmallFloatSpecials::kIeee && magnitude == largest(f) + 1;
    return infinite ? (sign ? -kInfinity : kInfinity) : kNan;
  }
  const uint32_t mantissa = magnitude & ((1u << f.mantissa_bits) - 1);
  const int exponent = static_cast<int>(magnitude >> f.mantissa_bits);
  const uint32_t significand = exponent == 0 ? mantissa : mantissa | (1u << f.mantissa_bits);
  const int power = (exponent == 0 ? 1 : exponent) - f.bias - f.mantissa_bits;
  const float value = std::ldexp(static_cast<float>(significand), power);
  return sign ? -value : value;
}

uint32_t encode_small_float(const SmallFloat& f, float value, bool saturate) {
  if (std::isnan(value)) return nan_bits(f);
  const uint32_t sign = std::signbit(value) ? sign_bit(f) : 0;
  uint32_t magnitude = std::isinf(value) ? largest(f) + 1 : round_magnitude(f, std::fabs(value));
  if (magnitude > largest(f)) {
    const bool to_infinity = f.specials == SmallFloatSpecials::kIeee && !saturate;
    if (to_infinity) return sign | (largest(f) + 1);
    if (!saturate && f.specials != SmallFloatSpecials::kFinite)
      return nan_bits(f) | (f.specials == SmallFloatSpecials::kFn ? sign : 0);
    magnitude = largest(f);
  }
  // The fnuz forms have no negative zero: that pattern is their NaN.
  if (magnitude == 0 && f.specials == SmallFloatSpecials::kFnuz) return 0;
  return sign | magnitude;
}

float half_to_float(uint16_t bits) { return decode_small_float(kHalf, bits); }
uint16_t float_to_half(float value) { return static_cast<uint16_t>(encode_small_float(kHalf, value, false)); }
float bfloat16_to_float(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
uint16_t float_to_bfloat16(float value) { return static_cast<uint16_t>(encode_small_float(kBFloat16, value, false)); }

}  // namespace halftone
