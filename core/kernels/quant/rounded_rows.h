// Rows of weights on a grid, and how the error of their codes is weighed: e H e^T, e = w - scale (code - zero).
#pragma once

#include <cstdint>

namespace halftone {

struct RoundedRows {
  const float* w;  // [rows][n]
  const float* h;  // [n][n], symmetric, positive on its diagonal
  int64_t rows, n;
  const float *scale, *zero;  // by row
  float lowest, highest;
  int16_t* codes;  // [rows][n]
};

}  // namespace halftone
