// Float matrix product: C[m][n] = clamp(init + sum over k of A[m][k] * B[k][n], lo, hi).
// init: C's former contents (accumulate), row_bias[m], or zero. A is read as it lies in memory, row by row; B is packed
// in panels of 8 columns, [ceil(n / 8)][k][8], the last one filled up with zeros. Convolution uses the same product
// with its weight as A and gathered input as B.
#pragma once

#include <cstdint>

namespace halftone {

inline constexpr int64_t kPanelF32 = 8;  // columns of a panel

// Floats of packed B.
inline int64_t packed_b_f32_size(int64_t k, int64_t n) { return (n + kPanelF32 - 1) / kPanelF32 * kPanelF32 * k; }

// packed = scale * B, B[i][j] at b[i * row_stride + j * col_stride] (so a transposed B swaps the strides).
void pack_b_f32(const float* b, int64_t k, int64_t n, int64_t row_stride, int64_t col_stride, float scale,
                float* packed);

struct GemmF32 {
  int64_t m, n, k;
  const float* a;
  int64_t lda;     // floats from row to row of A
  const float* b;  // packed
  float* c;
  int64_t ldc;
  bool accumulate;        // start from what C holds
  const float* row_bias;  // nullptr: none; not together with accumulate
  float lo, hi;           // clamp; -inf, +inf: none
};

void gemm_f32(const GemmF32& args);

}  // namespace halftone
