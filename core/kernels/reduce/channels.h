// What each channel of a tensor holds, seen as [outer, channels, inner]: extremes and sums. Values that are not finite
// count as 0.
#pragma once

#include <cstdint>

namespace halftone {

// low, high [channels]: widened by what x holds.
void add_extremes(const float* x, int64_t outer, int64_t channels, int64_t inner, float* low, float* high);
// sums [channels]: grows by what x holds. The order of additions depends on the sizes only.
void add_sums(const float* x, int64_t outer, int64_t channels, int64_t inner, double* sums);
// The same of squares.
void add_square_sums(const float* x, int64_t outer, int64_t channels, int64_t inner, double* sums);

}  // namespace halftone
