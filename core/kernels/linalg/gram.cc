// Tiles of 4 x 8 sums in registers over all rows of x; products and sums are separate, so that every build agrees.
#include "core/kernels/linalg/gram.h"

#include <algorithm>

#include "core/base/parallel.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int64_t kRows = 4, kColumns = 8;

void tile(const float* x, int64_t rows, int64_t n, int64_t i, int64_t j, float* h) {
  f32x4 sum[kRows][2];
  for (int64_t k = 0; k < kRows; ++k) {
    sum[k][0] = load<f32x4>(h + (i + k) * n + j);
    sum[k][1] = load<f32x4>(h + (i + k) * n + j + 4);
  }
  for (int64_t r = 0; r < rows; ++r, x += n) {
    const f32x4 a = load<f32x4>(x + j), b = load<f32x4>(x + j + 4);
    for (int64_t k = 0; k < kRows; ++k) {
      const f32x4 v = splat(x[i + k]);
      sum[k][0] = sum[k][0] + v * a;
      sum[k][1] = sum[k][1] + v * b;
    }
  }
  for (int64_t k = 0; k < kRows; ++k) {
    store(h + (i + k) * n + j, sum[k][0]);
    store(h + (i + k) * n + j + 4, sum[k][1]);
  }
}

void edge(const float* x, int64_t rows, int64_t n, int64_t i_end, int64_t i, int64_t j, int64_t j_end, float* h) {
  for (; i < i_end; ++i) {
    for (int64_t k = j; k < j_end && k <= i; ++k) {
      float sum = h[i * n + k];
      for (int64_t r = 0; r < rows; ++r) sum += x[r * n + i] * x[r * n + k];
      h[i * n + k] = sum;
    }
  }
}

}  // namespace

void add_gram(const float* x, int64_t rows, int64_t n, float* h) {
  parallel_for((n + kRows - 1) / kRows, 1, [=](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t i = t * kRows, i_end = std::min(n, i + kRows);
      for (int64_t j = 0; j < i_end; j += kColumns) {
        if (i + kRows <= n && j + kColumns <= n) {
          tile(x, rows, n, i, j, h);
        } else {
          edge(x, rows, n, i_end, i, j, std::min(n, j + kColumns), h);
        }
      }
    }
  });
}

}  // namespace halftone
