// Conversion between numeric element types, with ONNX Cast's meaning.
// Formula: float -> integer truncates toward zero; integer -> narrower integer drops the high bits; anything ->
// bool is x != 0; anything -> float rounds to nearest even, and beyond the range float16, bfloat16, float32 become
// infinite, float8 follows CastRules. What Cast leaves undefined is fixed here, the same on every machine:
// float -> integer goes through int32 (types below 32 bits) or the type itself, saturating there; NaN gives 0.
// Source: ONNX operators, Cast (opset 24) and its reference implementation.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/small_float.h"
#include "core/tensor/tensor.h"

namespace halftone {

// What Cast's attributes choose.
struct CastRules {
  bool saturate = true;  // float8: beyond the range give the largest finite value (else infinity or NaN)
  ScaleRounding scale_rounding = ScaleRounding::kUp;  // float8e8m0: Cast's round_mode

  CastRules() = default;
  CastRules(bool saturates, ScaleRounding rounding = ScaleRounding::kUp)
      : saturate(saturates), scale_rounding(rounding) {}
};

// Whether elements of the type are numbers that this file converts: all but strings and complex ones.
bool is_convertible(DType type);

// Element i of packed bytes (a convertible type, CHECKed) as double; int64 beyond 2^53 loses its last bits.
double element_as_double(DType type, const void* bytes, int64_t i);

// src and dst hold `count` packed elements and do not overlap; any alignment. Unused bits of dst's last byte become 0.
// Errors: kInvalidArgument for strings and complex numbers.
Status convert_elements(DType from, const void* src, DType to, void* dst, int64_t count, CastRules rules = {});

// A tensor of the same dims; shares the bytes where the type is the same already. Errors: kInvalidArgument for
// strings and complex numbers, kOutOfMemory.
Result<Tensor> convert(const Tensor& tensor, DType to, CastRules rules = {});

}  // namespace halftone
