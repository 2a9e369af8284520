// Observer "mse": the range with the least squared error of quantization, both ends searched separately.
// Formula: min over (low, high) of sum over values of (x - dequantize(quantize(x)))^2, for the grid's own codes: few
// bits saturate much, 16 bits nothing.
// Source: Choukroun et al. 2019, "Low-bit Quantization of Neural Networks for Efficient Inference".
#include "core/stats/observers.h"

namespace halftone {

Range least_squares_range(const Sample& sample, const Grid& grid) {
  return search_range(sample.extremes, grid, [&](Range range) {
    const QuantError error = quant_error(sample, choose_params(range, grid), grid);
    return error.rounding + error.saturation;
  });
}

Range mse_range(const Observation& seen, const Grid& grid, const ObserverSettings&) {
  return least_squares_range(Sample::of(seen.histogram(), seen.extremes()), grid);
}

}  // namespace halftone
