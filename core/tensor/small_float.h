// Small floating-point formats as bit patterns: float16, bfloat16, the float8 family, float4.
// Source: IEEE 754-2008; OCP 8-bit Floating Point Specification 1.0; OCP Microscaling Formats 1.0 (e2m1,
// e8m0); ONNX "Float stored in 8 bits" (fnuz forms). Decoding is exact; encoding rounds to nearest even.
#pragma once

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

// The format of a small float type; nullptr for other types (float8e8m0 is a power of two, not listed).
const SmallFloat* small_float_format(DType type);

float decode_small_float(const SmallFloat& format, uint32_t bits);
// saturate: beyond the range gives the largest finite value; else infinity or NaN, as ONNX Cast does.
uint32_t encode_small_float(const SmallFloat& format, float value, bool saturate = true);

float half_to_float(uint16_t bits);
uint16_t float_to_half(float value);
float bfloat16_to_float(uint16_t bits);
uint16_t float_to_bfloat16(float value);

}  // namespace halftone
