// Functions of two elements: y[i] = f(a[i * step_a], b[i * step_b]), y dense. One row kernel for each function and
// element type; comparisons write bool. Integer arithmetic wraps; an integer divided by zero gives zero.
#pragma once

#include <cstdint>

#include "core/tensor/dtype.h"

namespace halftone {

enum class Binary : uint8_t {
  kAdd,
  kAnd,
  kBitwiseAnd,
  kBitwiseOr,
  kBitwiseXor,
  kDiv,
  kEqual,
  kFmod,
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kMax,
  kMin,
  kMod,
  kMul,
  kOr,
  kPow,
  kPRelu,
  kShiftLeft,
  kShiftRight,
  kSub,
  kXor,
};

using BinaryRow = void (*)(const void* a, int64_t step_a, const void* b, int64_t step_b, void* y, int64_t n);

// nullptr: no such function of this type. kPow takes b as double whatever the type.
BinaryRow binary_row(Binary function, DType type);

// Element type that the row writes: bool for comparisons, `type` otherwise.
DType binary_result(Binary function, DType type);

// y[i] = c[i * step_c] ? a[...] : b[...] for elements of 1, 2, 4 or 8 bytes.
void select_row(int64_t element_bytes, const bool* condition, int64_t step_c, const void* a, int64_t step_a,
                const void* b, int64_t step_b, void* y, int64_t n);

}  // namespace halftone
