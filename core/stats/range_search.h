// The search behind observers that minimize a cost: over both ends of the range, separately where the grid can move
// them separately, and the squared error that most of them minimize.
// Formula: candidates are the extremes times 2^(-j / 32): first every eighth for both ends together, then for each end
// in turn, then neighbours at half the distance until it is 1. A tie goes to the wider range, so the cost is never
// above that of the extremes.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/stats/choose_params.h"
#include "core/stats/histogram.h"

namespace halftone {

// Values and how often each came: the bins of a histogram (uniform within), or values themselves.
struct Sample {
  std::vector<double> edges;   // bins: counts.size() + 1, ascending; else empty
  std::vector<float> values;   // points; else empty
  std::vector<double> counts;  // by bin; points count once
  Range extremes;              // contains 0

  static Sample of(const Histogram& histogram, Range extremes);  // the bins that the extremes reach
  static Sample of(std::span<const float> values);
};

struct QuantError {
  double rounding = 0, saturation = 0;  // sums of squares over the sample: within and beyond the codes' range
};

// What quantizing the sample costs. Exact for points; for bins, the integral over each of them.
QuantError quant_error(const Sample& sample, const QuantParams& params, const Grid& grid);

// cost: of a candidate range.
Range search_range(Range extremes, const Grid& grid, const std::function<double(Range)>& cost);

}  // namespace halftone
