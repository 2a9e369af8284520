#include "core/kernels/gemm/gemm_f32.h"

#include <algorithm>

namespace halftone {

void pack_b_f32(const float* b, int64_t k, int64_t n, int64_t row_stride, int64_t col_stride, float scale,
                float* packed) {
  for (int64_t j0 = 0; j0 < n; j0 += kPanelF32) {
    const int64_t columns = std::min(kPanelF32, n - j0);
    for (int64_t i = 0; i < k; ++i, packed += kPanelF32) {
      const float* row = b + i * row_stride + j0 * col_stride;
      for (int64_t j = 0; j < kPanelF32; ++j) packed[j] = j < columns ? scale * row[j * col_stride] : 0.0f;
    }
  }
}

void gemm_f32(const GemmF32& g) {
  for (int64_t j0 = 0; j0 < g.n; j0 += kPanelF32) {
    const float* panel = g.b + j0 * g.k;
    const int64_t columns = std::min(kPanelF32, g.n - j0);
    for (int64_t i = 0; i < g.m; ++i) {
      float acc[kPanelF32] = {};
      float* c = g.c + i * g.ldc + j0;
      for (int64_t j = 0; j < columns; ++j) acc[j] = g.accumulate ? c[j] : g.row_bias ? g.row_bias[i] : 0.0f;
      for (int64_t p = 0; p < g.k; ++p) {
        for (int64_t j = 0; j < kPanelF32; ++j) acc[j] += g.a[i * g.lda + p] * panel[p * kPanelF32 + j];
      }
      for (int64_t j = 0; j < columns; ++j) c[j] = std::min(std::max(acc[j], g.lo), g.hi);
    }
  }
}

}  // namespace halftone
