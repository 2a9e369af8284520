// Normalization loops; see the header.
#include "core/kernels/reduce/normalize.h"

#include <algorithm>

#include "core/kernels/eltwise/math.h"

namespace halftone {
namespace {

constexpr int kLanes = 8;

template <typename Term>
double lane_sum(const float* x, int64_t n, Term term) {
  double lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int k = 0; k < kLanes; ++k) lanes[k] += term(static_cast<double>(x[i + k]));
  }
  for (; i < n; ++i) lanes[0] += term(static_cast<double>(x[i]));
  double sum = 0;
  for (double lane : lanes) sum += lane;
  return sum;
}

}  // namespace

Moments moments_f32(const float* x, int64_t n) {
  if (n == 0) return {};
  const double mean = lane_sum(x, n, [](double v) { return v; }) / static_cast<double>(n);
  const double squares = lane_sum(x, n, [mean](double v) { return (v - mean) * (v - mean); });
  return {mean, squares / static_cast<double>(n)};
}

double mean_square_f32(const float* x, int64_t n) {
  return n == 0 ? 0 : lane_sum(x, n, [](double v) { return v * v; }) / static_cast<double>(n);
}

void scale_shift_f32(const float* x, int64_t n, float scale, float shift, float* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] * scale + shift;
}

void normalize_f32(const float* x, int64_t n, float mean, float factor, const float* scale, const float* shift,
                   float* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * factor;
  if (scale != nullptr) {
    for (int64_t i = 0; i < n; ++i) y[i] *= scale[i];
  }
  if (shift != nullptr) {
    for (int64_t i = 0; i < n; ++i) y[i] += shift[i];
  }
}

void local_response_f32(const float* x, int64_t channels, int64_t plane, int64_t size, float alpha, float beta,
                        float bias, float* y) {
  const int64_t before = (size - 1) / 2, after = size - 1 - before;
  const float factor = alpha / static_cast<float>(size);
  for (int64_t c = 0; c < channels; ++c) {
    const int64_t first = std::max<int64_t>(c - before, 0), last = std::min(c + after, channels - 1);
    float* to = y + c * plane;
    std::fill_n(to, plane, 0.0f);
    for (int64_t k = first; k <= last; ++k) {
      const float* from = x + k * plane;
      for (int64_t i = 0; i < plane; ++i) to[i] += from[i] * from[i];
    }
    for (int64_t i = 0; i < plane; ++i) {
      to[i] = x[c * plane + i] * exp_f(-beta * log_f(bias + factor * to[i]));
    }
  }
}

}  // namespace halftone
