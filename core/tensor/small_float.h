// Small floating-point formats as bit patterns: float16, bfloat16, the float8 family, float4.
// Formula: value = (-1)^sign * 2^(max(exponent, 1) - bias - mantissa_bits) * significand, where the significand
// has an implicit leading 1 unless the exponent is 0. Decoding is exact; encoding rounds to nearest even.
// Source: IEEE 754-2008; OCP 8-bit Floating Point Specification 1.0; OCP Microscaling Formats 1.0 (e2m1, e8m0);
// ONNX "Float stored in 8 bits" (fnuz forms). Leaves whole tensors to convert.h.
#pragma once

#include <bit>
#include <cstdint>

#include "core/tensor/dtype.h"

namespace halftone {

// What a format makes of the top of its range.
enum class SmallFloatSpecials : uint8_t {
  kIeee,    // exponent all ones: infinity and NaN (float16, bfloat16, e5m2)
  kFn,      // no infinity; all ones is NaN (e4m3fn)
  kFnuz,    // no infinity, no negative zero; 0x80 is NaN (e4m3fnuz, e5m2fnuz)
  kFinite,  // neither (e2m1)
};

struct SmallFloat {
  int exponent_bits, mantissa_bits, bias;
  SmallFloatSpecials specials;
};

// The format of a small float type; nullptr for other types (float8e8m0 is a power of two, see below).
const SmallFloat* small_float_format(DType type);

// The value of a bit pattern; every one of these formats fits into float exactly.
float decode_small_float(const SmallFloat& format, uint32_t bits);

// The bit pattern nearest to a value, ties to even. Beyond the range, infinities included: the largest finite value
// where `saturate`, else infinity or, in formats without it, NaN (ONNX Cast's rule). e2m1 always saturates and has
// no NaN: it gives -0 there, as the ONNX reference does.
uint32_t encode_small_float(const SmallFloat& format, double value, bool saturate = true);

// float8e8m0 is 2^(bits - 127); 255 is NaN. It has no zero and no sign.
enum class ScaleRounding : uint8_t { kUp, kDown, kNearest };
float decode_e8m0(uint8_t bits);
// Rounds to a power of two, kNearest with ties up. Zero gives the smallest; NaN and negative values give NaN; too
// large ones the largest where `saturate`, else NaN.
uint8_t encode_e8m0(double value, bool saturate = true, ScaleRounding rounding = ScaleRounding::kUp);

inline float half_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t magnitude = bits & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | magnitude << 13);
  // The exponent field is short by the difference of the biases; the product is exact, subnormals included.
  const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
}
inline float bfloat16_to_float(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

// Beyond the range: infinity.
uint16_t float_to_half(float value);
uint16_t float_to_bfloat16(float value);

}  // namespace halftone
