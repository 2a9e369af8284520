// Loops over elements, four lanes at a time where they are only arithmetic; sums in an order that no build changes.
#include "core/kernels/quant/grid_fit.h"

#include <algorithm>
#include <cmath>

namespace halftone {
namespace {

constexpr int64_t kLanes = 4;

inline float code_of(float x, const GridFit& f) {
  return std::min(std::max(std::nearbyint(x / f.scale + f.zero), f.lowest), f.highest);
}

}  // namespace

double grid_error(const float* x, int64_t n, const GridFit& fit) {
  float sums[kLanes] = {};
  const auto add = [&](int64_t i, float& sum) {
    const float e = x[i] - (code_of(x[i], fit) - fit.zero) * fit.scale;
    sum += e * e;
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int64_t k = 0; k < kLanes; ++k) add(i + k, sums[k]);
  }
  for (; i < n; ++i) add(i, sums[0]);
  return (static_cast<double>(sums[0]) + sums[1]) + (static_cast<double>(sums[2]) + sums[3]);
}

void grid_codes(const float* x, int64_t n, const GridFit& fit, int16_t* codes) {
  for (int64_t i = 0; i < n; ++i) codes[i] = static_cast<int16_t>(code_of(x[i], fit));
}

HalfQuadraticSums half_quadratic_step(const float* x, int64_t n, const GridFit& fit, float p, float beta) {
  HalfQuadraticSums sums;
  for (int64_t i = 0; i < n; ++i) {
    const float q = code_of(x[i], fit), d = q - fit.zero;
    const float error = x[i] - d * fit.scale, size = std::fabs(error);
    const float left = size > 0 ? std::max(0.0f, size - std::pow(size, p - 1) / beta) : 0.0f;
    const float target = x[i] - std::copysign(left, error);
    sums.error += static_cast<double>(error) * error;
    sums.zero += q - target / fit.scale;
    sums.product += static_cast<double>(d) * target;
    sums.square += static_cast<double>(d) * d;
  }
  return sums;
}

}  // namespace halftone
