// Decoding and encoding of small floats, one routine over the format's parameters.
#include "core/tensor/small_float.h"

#include <algorithm>
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

constexpr uint32_t sign_bit(const SmallFloat& f) { return 1u << (f.exponent_bits + f.mantissa_bits); }

// 2^exponent, for the exponents of normal doubles.
constexpr double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52);
}

// Magnitude bits of the largest finite value.
constexpr uint32_t largest(const SmallFloat& f) {
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

constexpr uint32_t nan_bits(const SmallFloat& f) {
  switch (f.specials) {
    case SmallFloatSpecials::kIeee:
      return (largest(f) + 1) | (1u << (f.mantissa_bits - 1));
    case SmallFloatSpecials::kFn:
      return sign_bit(f) - 1;
    default:  // the pattern of negative zero: NaN in the fnuz forms, what e2m1 has instead of one
      return sign_bit(f);
  }
}

// Magnitude bits of a finite value >= 0, rounded to nearest even; beyond the largest finite where it overflows.
// The bit pattern of a positive float grows with its value, so rounding may carry into the exponent.
uint32_t round_magnitude(const SmallFloat& f, double value) {
  const int lowest = 1 - f.bias;  // exponent of the smallest normal value and of the subnormals
  const int exponent = std::max(static_cast<int>(std::bit_cast<uint64_t>(value) >> 52) - 1023, lowest);
  // In units of the last place: below 2^(mantissa_bits + 1), and adding 2^52 leaves no room for a fraction.
  const double steps = value * power_of_two(f.mantissa_bits - exponent);
  const double rounded = (steps + 0x1p52) - 0x1p52;
  return (static_cast<uint32_t>(exponent - lowest) << f.mantissa_bits) + static_cast<uint32_t>(rounded);
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
  const double step = power_of_two((exponent == 0 ? 1 : exponent) - f.bias - f.mantissa_bits);
  const auto value = static_cast<float>(significand * step);
  return sign ? -value : value;
}

uint32_t encode_small_float(const SmallFloat& f, double value, bool saturate) {
  if (std::isnan(value)) return nan_bits(f);
  const uint32_t sign = std::signbit(value) ? sign_bit(f) : 0;
  uint32_t magnitude = std::isinf(value) ? largest(f) + 1 : round_magnitude(f, std::fabs(value));
  if (magnitude > largest(f)) {
    if (saturate || f.specials == SmallFloatSpecials::kFinite) {
      magnitude = largest(f);
    } else if (f.specials == SmallFloatSpecials::kFnuz) {
      return nan_bits(f);
    } else {
      magnitude = largest(f) + 1;  // infinity; in e4m3fn, which has none, this is its NaN
    }
  }
  // The fnuz forms have no negative zero: that pattern is their NaN.
  if (magnitude == 0 && f.specials == SmallFloatSpecials::kFnuz) return 0;
  return sign | magnitude;
}

float decode_e8m0(uint8_t bits) { return bits == 255 ? kNan : static_cast<float>(power_of_two(bits - 127)); }

uint8_t encode_e8m0(double value, bool saturate, ScaleRounding rounding) {
  if (std::isnan(value) || value < 0) return 255;
  const uint64_t bits = std::bit_cast<uint64_t>(value);
  const uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  if (rounding == ScaleRounding::kUp && fraction != 0) ++exponent;
  if (rounding == ScaleRounding::kNearest && fraction >= uint64_t{1} << 51) ++exponent;
  if (exponent > 127 && !saturate) return 255;
  return static_cast<uint8_t>(std::clamp(exponent + 127, 0, 254));
}

uint16_t float_to_half(float value) { return static_cast<uint16_t>(encode_small_float(kHalf, value, false)); }
uint16_t float_to_bfloat16(float value) { return static_cast<uint16_t>(encode_small_float(kBFloat16, value, false)); }

}  // namespace halftone
