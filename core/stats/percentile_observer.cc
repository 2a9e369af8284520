// Observer "percentile": leaves out the (1 - p) / 2 smallest and the (1 - p) / 2 largest of all values.
// Formula: quantiles of the histogram (zeros in their place, values spread evenly within a bin), cut to the extremes.
// Source: onnxruntime's PercentileCalibrater; 99.999 % is its default.
#include <algorithm>
#include <cmath>

#include "core/stats/observers.h"

namespace halftone {
namespace {

// The value above which `rest` of the values lie, from the top bin down; 0 where that many are not above 0.
double upper_quantile(const Histogram& histogram, double rest, bool negated) {
  const auto& counts = histogram.counts();
  double left = rest;
  for (int m = Histogram::kBins / 2 - 1; m >= 0; --m) {
    const int bin = negated ? Histogram::kBins / 2 - 1 - m : Histogram::kBins / 2 + m;
    const auto count = static_cast<double>(counts[static_cast<size_t>(bin)]);
    if (count > left) return (m + 1 - left / count) * histogram.bin_width();
    left -= count;
  }
  return 0;
}

}  // namespace

Range percentile_range(const Observation& seen, const Grid&, const ObserverSettings& settings) {
  const Histogram& histogram = seen.histogram();
  const Range extremes = seen.extremes();
  if (histogram.limit() == 0) return extremes;
  const double rest = static_cast<double>(histogram.total()) * (100 - settings.percentile) / 200;
  return {std::max(extremes.low, static_cast<float>(-upper_quantile(histogram, rest, true))),
          std::min(extremes.high, static_cast<float>(upper_quantile(histogram, rest, false)))};
}

}  // namespace halftone
