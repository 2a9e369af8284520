// Observer "entropy": the range whose quantized distribution tells most of the original one.
// Formula: P = the histogram within the range, what lies beyond added to its outermost bins; Q = the same bins without
// that, merged to the grid's levels and spread evenly over those of their bins that are not empty;
// min over (low, high) of KL(P || Q) = sum P log(P / Q). Zeros are always exact and do not take part.
// Source: Migacz 2017, "8-bit Inference with TensorRT", on 2,048 bins; here both ends move, and a range holds at least
// one bin for each level.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/stats/observers.h"

namespace halftone {
namespace {

class Divergence {
 public:
  Divergence(const Sample& sample, const Grid& grid) : sample_(sample), grid_(grid) {
    sums_.push_back(0);
    for (double count : sample.counts) sums_.push_back(sums_.back() + count);
  }

  size_t bins() const { return sample_.counts.size(); }

  double operator()(Range range) const {
    const size_t first = bin_of(range.low), end = std::max(bin_of(range.high) + 1, first + 1);
    const size_t width = end - first;
    if (width < std::min(static_cast<size_t>(grid_.levels()), bins())) return std::numeric_limits<double>::infinity();
    const double inside = sums_[end] - sums_[first], all = sums_.back();
    if (inside <= 0) return std::numeric_limits<double>::infinity();
    double sum = 0;
    // A symmetric grid spends as many of its levels on the smaller side as on the larger one.
    const double steps = (static_cast<double>(range.high) - range.low) / choose_params(range, grid_).scale[0];
    const size_t levels = std::clamp<size_t>(static_cast<size_t>(steps + 1), 1, width);
    for (size_t level = 0; level < levels; ++level) {
      const size_t a = first + level * width / levels, b = first + (level + 1) * width / levels;
      sum += of_level(a, b, first, end, inside, all);
    }
    return sum;
  }

 private:
  size_t bin_of(float v) const {
    const auto at = std::upper_bound(sample_.edges.begin(), sample_.edges.end(), static_cast<double>(v));
    const auto bin = at - sample_.edges.begin() - 1;
    return static_cast<size_t>(std::clamp<ptrdiff_t>(bin, 0, static_cast<ptrdiff_t>(bins()) - 1));
  }

  // The bins [a, b) are one level of the range [first, end).
  double of_level(size_t a, size_t b, size_t first, size_t end, double inside, double all) const {
    double used = 0;
    for (size_t i = a; i < b; ++i) used += sample_.counts[i] > 0;
    const double q = used > 0 ? (sums_[b] - sums_[a]) / used / inside : 0;
    double sum = 0;
    for (size_t i = a; i < b; ++i) {
      double p = sample_.counts[i];
      if (i == first) p += sums_[first];
      if (i + 1 == end) p += all - sums_[end];
      if (p <= 0) continue;
      // An empty outermost bin that took the outliers: as if it had held one value.
      sum += p / all * std::log(p / all / (sample_.counts[i] > 0 ? q : 1 / inside));
    }
    return sum;
  }

  const Sample& sample_;
  const Grid& grid_;
  std::vector<double> sums_;  // of counts before each bin
};

}  // namespace

Range entropy_range(const Observation& seen, const Grid& grid, const ObserverSettings&) {
  const Sample sample = Sample::of(seen.histogram(), seen.extremes());
  if (sample.counts.empty()) return seen.extremes();
  const Divergence divergence(sample, grid);
  return search_range(sample.extremes, grid, divergence);
}

}  // namespace halftone
