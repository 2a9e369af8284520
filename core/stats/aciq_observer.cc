// Observer "aciq": the clipping threshold that is best for a Laplace or a normal distribution, whichever is nearer to
// what was seen; only its width comes from the data, so a handful of outliers cannot matter.
// Formula: with threshold a and L levels over [-a, a], rounding costs a^2 / (3 L^2); saturation costs 2 b^2 e^(-a/b)
// (Laplace, b = mean |x - mu|) or (a^2 + s^2)(1 - erf(a / (s sqrt 2))) - a s sqrt(2/pi) e^(-a^2 / 2 s^2) (normal). The
// sum is least where its derivative is 0. One-sided values are half of such a distribution around 0, on all levels.
// Source: Banner et al. 2019, "Post Training 4-bit Quantization of Convolutional Networks for Rapid-Deployment".
#include <algorithm>
#include <cmath>

#include "core/stats/observers.h"

namespace halftone {
namespace {

constexpr double kSqrtHalf = 0.70710678118654752;

struct Moments {
  double total = 0, mean = 0, deviation = 0, spread = 0;  // spread: mean |x - mean|
};

Moments moments_around(const Sample& sample, double center, bool own_mean) {
  Moments m;
  const auto middle = [&](size_t b) { return (sample.edges[b] + sample.edges[b + 1]) / 2; };
  double sum = 0;
  for (size_t b = 0; b < sample.counts.size(); ++b) {
    m.total += sample.counts[b];
    sum += sample.counts[b] * middle(b);
  }
  m.mean = own_mean ? sum / m.total : center;
  double squares = 0, absolute = 0;
  for (size_t b = 0; b < sample.counts.size(); ++b) {
    const double d = middle(b) - m.mean;
    squares += sample.counts[b] * d * d;
    absolute += sample.counts[b] * std::fabs(d);
  }
  m.deviation = std::sqrt(squares / m.total);
  m.spread = absolute / m.total;
  return m;
}

// Share of |x - mean| that is below d.
double laplace_within(double d, double spread) { return 1 - std::exp(-d / spread); }
double normal_within(double d, double deviation) { return std::erf(d / deviation * kSqrtHalf); }

// Largest distance between the seen and the fitted distribution of |x - mean| (Kolmogorov-Smirnov).
bool is_laplace(const Sample& sample, const Moments& m) {
  double laplace = 0, normal = 0;
  for (int step = 1; step <= 32; ++step) {
    const double d = m.deviation * step / 8;
    double within = 0;
    for (size_t b = 0; b < sample.counts.size(); ++b) {
      const double middle = (sample.edges[b] + sample.edges[b + 1]) / 2;
      if (std::fabs(middle - m.mean) < d) within += sample.counts[b];
    }
    within /= m.total;
    laplace = std::max(laplace, std::fabs(within - laplace_within(d, m.spread)));
    normal = std::max(normal, std::fabs(within - normal_within(d, m.deviation)));
  }
  return laplace < normal;
}

// Where the derivative of the cost crosses zero, in units of the distribution's own width: it falls below, then rises.
double best_threshold(bool laplace, double levels) {
  const auto slope = [&](double a) {
    const double rounding = 2 * a / (3 * levels * levels);
    if (laplace) return rounding - 2 * std::exp(-a);
    return rounding + 2 * a * std::erfc(a * kSqrtHalf) -
           2 * std::sqrt(2 / 3.14159265358979323846) * std::exp(-a * a / 2);
  };
  double low = 0, high = 40;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (slope(middle) < 0 ? low : high) = middle;
  }
  return high;
}

}  // namespace

Range aciq_range(const Observation& seen, const Grid& grid, const ObserverSettings&) {
  const Range extremes = seen.extremes();
  const Sample sample = Sample::of(seen.histogram(), extremes);
  if (sample.counts.empty()) return extremes;
  const bool one_sided = extremes.low == 0 || extremes.high == 0;
  const Moments m = moments_around(sample, 0, !one_sided && !grid.symmetric);
  if (!(m.total > 0) || !(m.spread > 0)) return extremes;
  // A half distribution has the levels of both halves to itself.
  const double levels = grid.levels() * (one_sided && !grid.symmetric ? 2.0 : 1.0);
  const bool laplace = is_laplace(sample, m);
  const double a = best_threshold(laplace, levels) * (laplace ? m.spread : m.deviation);
  return {std::clamp(static_cast<float>(m.mean - a), extremes.low, 0.0f),
          std::clamp(static_cast<float>(m.mean + a), 0.0f, extremes.high)};
}

}  // namespace halftone
