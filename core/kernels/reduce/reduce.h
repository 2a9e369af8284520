// Reductions of the middle axis of x [outer, n, inner] to y [outer, inner]. Sums of float and double are accumulated in
// double, in a fixed order, so that results do not depend on the build; integers in 64 bits, wrapping.
#pragma once

#include <cstdint>

#include "core/tensor/dtype.h"

namespace halftone {

enum class Reduce : uint8_t { kL1, kL2, kLogSum, kLogSumExp, kMax, kMean, kMin, kProd, kSum, kSumSquare };

using ReduceAxis = void (*)(const void* x, int64_t outer, int64_t n, int64_t inner, void* y);

// nullptr: no such reduction of this type.
ReduceAxis reduce_axis(Reduce function, DType type);

// Index of the largest (smallest) element along n, the first or the last of equal ones.
using ArgAxis = void (*)(const void* x, int64_t outer, int64_t n, int64_t inner, bool largest, bool last, int64_t* y);
ArgAxis arg_axis(DType type);

// y of the same dims as x [outer, n, inner]: running sums (products) along n, optionally leaving the element itself
// out, optionally from the end.
using RunningAxis = void (*)(const void* x, int64_t outer, int64_t n, int64_t inner, bool product, bool exclusive,
                             bool reverse, void* y);
RunningAxis running_axis(DType type);

}  // namespace halftone
