// Observer "sqnr": as "mse", but saturation costs three times as much as rounding: large values carry more of what the
// next layer decides by, and their errors all point to one side.
// Formula: min over (low, high) of rounding error + 3 * saturation error, sums of squares.
// Source: AIMET's "TF-enhanced" quantization scheme (its gamma is 3).
#include "core/stats/observers.h"

namespace halftone {

Range least_weighed_range(const Sample& sample, const Grid& grid) {
  constexpr double kGamma = 3;
  return search_range(sample.extremes, grid, [&](Range range) {
    const QuantError error = quant_error(sample, choose_params(range, grid), grid);
    return error.rounding + kGamma * error.saturation;
  });
}

Range sqnr_range(const Observation& seen, const Grid& grid, const ObserverSettings&) {
  return least_weighed_range(Sample::of(seen.histogram(), seen.extremes()), grid);
}

}  // namespace halftone
