// Conversion between element types, with ONNX Cast's meaning.
// Source: ONNX operators, Cast: float -> integer truncates toward zero; float -> bool is x != 0;
// small floats round to nearest even; `saturate` concerns the float8 types only.
#pragma once

#include "core/base/result.h"
#include "core/tensor/tensor.h"

namespace halftone {

// Element i of packed bytes (any numeric type) as double; int64 beyond 2^53 loses its last bits.
double element_as_double(DType type, const void* bytes, int64_t i);

// src and dst hold `count` packed elements. Errors: kUnsupportedOperator for strings and complex numbers.
Status convert_elements(DType from, const void* src, DType to, void* dst, int64_t count, bool saturate = true);

Result<Tensor> convert(const Tensor& tensor, DType to, bool saturate = true);

}  // namespace halftone
