// Tap tables and the loop over them; see the header. Formula of a tap i around the element left of the place:
// weight = f((i - ratio) * s) / sum, with s = min(scale, 1) under antialiasing and 1 without.
#include "core/kernels/resize/resample.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/simd.h"

namespace halftone {
namespace {

double linear(double x) { return std::max(0.0, 1.0 - std::abs(x)); }

double cubic(double x, double a) {
  x = std::abs(x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

}  // namespace

Taps make_taps(std::span<const double> places, int64_t n, double scale, const FilterOptions& options) {
  const double stretch = options.antialias ? std::min(scale, 1.0) : 1.0;
  const double radius = options.filter == Filter::kLinear ? 1 : 2;
  const int64_t start = static_cast<int64_t>(std::floor(-radius / stretch)) + 1, count = 2 - 2 * start;
  Taps taps;
  taps.per_output = count;
  std::vector<double> weights(static_cast<size_t>(count));
  for (double place : places) {
    // A ratio in (0, 1]: an element that is hit exactly is the right neighbour.
    const int64_t left = static_cast<int64_t>(std::ceil(place)) - 1;
    const double ratio = place - static_cast<double>(left);
    double sum = 0;
    for (int64_t k = 0; k < count; ++k) {
      const double at = (static_cast<double>(start + k) - ratio) * stretch;
      double w = options.filter == Filter::kLinear ? linear(at) : cubic(at, options.cubic_a);
      const int64_t index = left + start + k;
      if (options.exclude_outside && (index < 0 || index >= n)) w = 0;
      weights[static_cast<size_t>(k)] = w;
      sum += w;
      taps.index.push_back(std::clamp<int64_t>(index, 0, n - 1));
    }
    for (double w : weights) taps.weight.push_back(static_cast<float>(sum == 0 ? w : w / sum));
  }
  return taps;
}

namespace {

// Two taps (linear interpolation) over rows of `inner` elements.
void blend_rows(const float* x, int64_t inner, const Taps& taps, int64_t outputs, float* y) {
  for (int64_t j = 0; j < outputs; ++j, y += inner) {
    const float *a = x + taps.index[static_cast<size_t>(2 * j)] * inner,
                *b = x + taps.index[static_cast<size_t>(2 * j + 1)] * inner;
    const float wa = taps.weight[static_cast<size_t>(2 * j)], wb = taps.weight[static_cast<size_t>(2 * j + 1)];
    int64_t i = 0;
    for (; i + 4 <= inner; i += 4) store(y + i, splat(wa) * load<f32x4>(a + i) + splat(wb) * load<f32x4>(b + i));
    for (; i < inner; ++i) y[i] = wa * a[i] + wb * b[i];
  }
}

void sum_rows(const float* x, int64_t inner, const Taps& taps, int64_t outputs, float* y) {
  for (int64_t j = 0; j < outputs; ++j, y += inner) {
    const int64_t* index = taps.index.data() + j * taps.per_output;
    const float* weight = taps.weight.data() + j * taps.per_output;
    for (int64_t i = 0; i < inner; ++i) y[i] = weight[0] * x[index[0] * inner + i];
    for (int64_t k = 1; k < taps.per_output; ++k) {
      const float* row = x + index[k] * inner;
      const float w = weight[k];
      for (int64_t i = 0; i < inner; ++i) y[i] += w * row[i];
    }
  }
}

}  // namespace

void resample_axis_f32(const float* x, int64_t outer, int64_t n, int64_t inner, const Taps& taps, float* y) {
  const int64_t outputs = static_cast<int64_t>(taps.index.size()) / taps.per_output;
  const auto rows = taps.per_output == 2 ? blend_rows : sum_rows;
  for (int64_t o = 0; o < outer; ++o) rows(x + o * n * inner, inner, taps, outputs, y + o * outputs * inner);
}

}  // namespace halftone
