// Cholesky by rows of dot products, then the triangle's inverse by columns.
#include "core/kernels/linalg/inverse_factor.h"

#include <algorithm>
#include <cmath>

#include "core/base/parallel.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

float dot(const float* a, const float* b, int64_t n) {
  f32x4 s0 = splat(0.0f), s1 = splat(0.0f);
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    s0 = s0 + load<f32x4>(a + i) * load<f32x4>(b + i);
    s1 = s1 + load<f32x4>(a + i + 4) * load<f32x4>(b + i + 4);
  }
  const f32x4 s = s0 + s1;
  float sum = (s[0] + s[1]) + (s[2] + s[3]);
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// to[i][j] = from[n-1-i][n-1-j], where j <= i; `from` is symmetric.
void reverse_lower(const float* from, int64_t n, float* to) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j <= i; ++j) to[i * n + j] = from[(n - 1 - j) * n + n - 1 - i];
  }
}

bool cholesky(float* a, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    float* pivot_row = a + j * n;
    const float square = pivot_row[j] - dot(pivot_row, pivot_row, j);
    if (!(square > 0) || !std::isfinite(square)) return false;
    const float pivot = std::sqrt(square);
    pivot_row[j] = pivot;
    parallel_for(n - j - 1, 32, [=](int64_t begin, int64_t end) {
      for (int64_t i = j + 1 + begin; i < j + 1 + end; ++i) {
        float* row = a + i * n;
        row[j] = (row[j] - dot(row, pivot_row, j)) / pivot;
      }
    });
  }
  return true;
}

// x = l^-1, columns [begin, end).
void invert_columns(const float* l, int64_t n, int64_t begin, int64_t end, float* x) {
  for (int64_t i = begin; i < n; ++i) {
    float* row = x + i * n;
    for (int64_t k = begin; k < i; ++k) {
      const float factor = l[i * n + k];
      const float* other = x + k * n;
      const int64_t last = std::min(end, k + 1);
      for (int64_t j = begin; j < last; ++j) row[j] -= factor * other[j];
    }
    const float diagonal = l[i * n + i];
    if (i < end) row[i] += 1;
    for (int64_t j = begin; j < std::min(end, i + 1); ++j) row[j] /= diagonal;
  }
}

}  // namespace

bool inverse_factor(float* h, int64_t n, float* u) {
  reverse_lower(h, n, u);
  if (!cholesky(u, n)) return false;
  std::fill_n(h, n * n, 0.0f);
  parallel_for(n, 64, [=](int64_t begin, int64_t end) { invert_columns(u, n, begin, end, h); });
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) u[i * n + j] = j < i ? 0.0f : h[(n - 1 - i) * n + n - 1 - j];
  }
  return true;
}

}  // namespace halftone
