// Candidates and costs of ranges; see the header.
#include "core/stats/range_search.h"

#include <algorithm>
#include <cmath>

namespace halftone {
namespace {

constexpr int kPerOctave = 32, kCoarse = 8, kOctaves = 8;
constexpr int kLast = kPerOctave * kOctaves;

// Integral of the squared distance to the nearest multiple of 1, from 0 to t.
double squares_to(double t) {
  const double nearest = std::nearbyint(t), d = t - nearest;
  return nearest / 12 + d * d * d / 3;
}

// Integral of (t - bound)^2 over the part of [a, b] beyond `bound`.
double squares_above(double a, double b, double bound) {
  const double from = std::max(a, bound) - bound, to = std::max(b, bound) - bound;
  return (to * to * to - from * from * from) / 3;
}

class Search {
 public:
  Search(Range extremes, const std::function<double(Range)>& cost) : extremes_(extremes), cost_(cost) {
    best_cost_ = cost_(extremes);
  }

  // Scales ends by 2^(-j / 32) and keeps it if that costs less.
  bool try_ends(int low, int high) {
    if (low < 0 || high < 0 || low > kLast || high > kLast) return false;
    const double cost = cost_(at(low, high));
    if (!(cost < best_cost_)) return false;
    best_cost_ = cost;
    low_ = low;
    high_ = high;
    return true;
  }

  void together() {
    for (int j = kCoarse; j <= kLast; j += kCoarse) try_ends(j, j);
    for (int step = kCoarse / 2; step > 0; step /= 2) {
      if (!try_ends(low_ - step, high_ - step)) try_ends(low_ + step, high_ + step);
    }
  }

  void each_in_turn() {
    for (int round = 0; round < 2; ++round) {
      for (int j = 0; j <= kLast; j += kCoarse) try_ends(low_, j);
      for (int j = 0; j <= kLast; j += kCoarse) try_ends(j, high_);
    }
    for (int step = kCoarse / 2; step > 0; step /= 2) {
      if (!try_ends(low_ - step, high_)) try_ends(low_ + step, high_);
      if (!try_ends(low_, high_ - step)) try_ends(low_, high_ + step);
    }
  }

  Range best() const { return at(low_, high_); }

 private:
  Range at(int low, int high) const {
    const auto scaled = [](float end, int j) {
      return static_cast<float>(end * std::exp2(-static_cast<double>(j) / kPerOctave));
    };
    return {scaled(extremes_.low, low), scaled(extremes_.high, high)};
  }

  const Range extremes_;
  const std::function<double(Range)>& cost_;
  double best_cost_ = 0;
  int low_ = 0, high_ = 0;
};

QuantError error_of_points(const Sample& sample, double scale, Range reach) {
  QuantError error;
  const float inverse = static_cast<float>(1 / scale), step = static_cast<float>(scale);
  for (const float v : sample.values) {
    const float inside = std::clamp(v, reach.low, reach.high);
    const double beyond = static_cast<double>(v) - inside;
    const double off = static_cast<double>(inside) - static_cast<double>(std::nearbyint(inside * inverse) * step);
    error.rounding += off * off;
    error.saturation += beyond * beyond + 2 * beyond * off;
  }
  return error;
}

QuantError error_of_bins(const Sample& sample, double scale, Range reach) {
  QuantError error;
  if (sample.counts.empty()) return error;
  const double width = sample.edges[1] - sample.edges[0], cube = scale * scale * scale;
  const auto inside = [&](double edge) { return std::clamp<double>(edge, reach.low, reach.high); };
  double before = squares_to(inside(sample.edges[0]) / scale);
  for (size_t b = 0; b < sample.counts.size(); ++b) {
    const double from = sample.edges[b], to = sample.edges[b + 1];
    const double after = squares_to(inside(to) / scale);
    const double density = sample.counts[b] / width;
    error.rounding += density * (after - before) * cube;
    if (to > reach.high) error.saturation += density * squares_above(from, to, reach.high);
    if (from < reach.low) error.saturation += density * squares_above(-to, -from, -static_cast<double>(reach.low));
    before = after;
  }
  return error;
}

}  // namespace

Sample Sample::of(const Histogram& histogram, Range extremes) {
  Sample sample;
  sample.extremes = extremes;
  if (histogram.limit() == 0) return sample;
  const double width = histogram.bin_width();
  const auto bin = [&](float v) {
    const auto at = static_cast<int>(std::floor((v + histogram.limit()) / width));
    return static_cast<size_t>(std::clamp(at, 0, Histogram::kBins - 1));
  };
  // A value of exactly low lies in the bin above it (bins of negative values end where they are deepest).
  const size_t first = bin(extremes.low) - (bin(extremes.low) > 0 && extremes.low < 0 ? 1 : 0),
               last = bin(extremes.high);
  for (size_t b = first; b <= last; ++b) {
    sample.edges.push_back(static_cast<double>(b) * width - histogram.limit());
    sample.counts.push_back(static_cast<double>(histogram.counts()[b]));
  }
  sample.edges.push_back(static_cast<double>(last + 1) * width - histogram.limit());
  return sample;
}

Sample Sample::of(std::span<const float> values) {
  Sample sample;
  sample.values.assign(values.begin(), values.end());
  for (float v : values) {
    sample.extremes = {std::min(sample.extremes.low, v), std::max(sample.extremes.high, v)};
  }
  return sample;
}

QuantError quant_error(const Sample& sample, const QuantParams& params, const Grid& grid) {
  const Range reach = covered(params, grid);
  return sample.values.empty() ? error_of_bins(sample, params.scale[0], reach)
                               : error_of_points(sample, params.scale[0], reach);
}

Range search_range(Range extremes, const Grid& grid, const std::function<double(Range)>& cost) {
  if (extremes.low == extremes.high) return extremes;
  Search search(extremes, cost);
  search.together();
  if (!grid.symmetric && extremes.low < 0 && extremes.high > 0) search.each_in_turn();
  return search.best();
}

}  // namespace halftone
