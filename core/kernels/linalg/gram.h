// Sums of outer products: H += X^T X for rows of observations, the matrix that second-order rounding needs.
// Only h[i][j] with j <= i is meant (what lies in the same tile above the diagonal is written too).
#pragma once

#include <cstdint>

namespace halftone {

// x [rows][n], h [n][n], both row-major. The order of additions depends on neither build nor threads.
void add_gram(const float* x, int64_t rows, int64_t n, float* h);

}  // namespace halftone
