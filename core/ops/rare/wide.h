// Any numeric type for operators whose kernel is written once, in double: inputs widen, results narrow. For rare types
// and rare operators, where one kernel of a few hundred bytes is worth more than speed.
#pragma once

#include "core/ops/op_def.h"

namespace halftone {

// The elements of a view as a double tensor. Errors: kUnsupportedOperator for strings and complex numbers,
// kOutOfMemory.
Result<Tensor> as_doubles(const View& view);

// Zeros. Error: kOutOfMemory.
Result<Tensor> zero_doubles(const Dims& dims);

// Output i of this type, from a double tensor of the output's dims.
Status give_doubles(RunContext& ctx, size_t i, DType type, const Tensor& values);

}  // namespace halftone
