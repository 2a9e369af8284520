// Float matrix product: C[m][n] = clamp(start + sum over k of A[m][k] * B[k][n], lo, hi), start being C's former
// contents (accumulate), bias[n], or zero. A is read as it lies in memory, row by row; B is packed in panels of 8
// columns, [ceil(n / 8)][k][8], the last one filled up with zeros.
#pragma once

#include <cstdint>

namespace halftone {

// Floats of packed B.
inline int64_t packed_b_f32_size(int64_t k, int64_t n) { return (n + 7) / 8 * 8 * k; }

// packed = scale * B, B[i][j] at b[i * row_stride + j * col_stride] (so a transposed B swaps the strides).
void pack_b_f32(const float* b, int64_t k, int64_t n, int64_t row_stride, int64_t col_stride, float scale,
                float* packed);
// The way back from scale 1; b: floats at any alignment.
void unpack_b_f32(const float* packed, int64_t k, int64_t n, int64_t row_stride, int64_t col_stride, uint8_t* b);

struct GemmF32 {
  int64_t m, n, k;
  const float* a;
  int64_t lda;     // floats from row to row of A
  const float* b;  // packed
  float* c;
  int64_t ldc;
  bool accumulate;    // start from what C holds
  const float* bias;  // by column, filled up to a multiple of 8; nullptr: none
  float lo, hi;       // clamp; -inf, +inf: none
};

void gemm_f32(const GemmF32& args);

}  // namespace halftone
