// Index inputs: int32 or int64 elements that pick places along an axis.
#pragma once

#include <span>

#include "core/ops/op_def.h"

namespace halftone {

// Elements of input `i` as numbers in [0, n), negative ones counting from the end; in scratch memory. Errors:
// kInvalidModel for another type or an index outside [-n, n).
Result<std::span<const int64_t>> indices_below(RunContext& ctx, size_t i, int64_t n);

// The same for one number.
Result<int64_t> index_below(int64_t index, int64_t n);

// Steps a multi-index through dims in row-major order.
void next_index(Dims& at, std::span<const int64_t> dims);

}  // namespace halftone
