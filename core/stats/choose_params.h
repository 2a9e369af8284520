// From a range of reals to the scale and zero point that cover it.
// Formula: affine      scale = (high - low) / (lowest code .. highest code), zero_point = round_half_even(lowest - low
// /
//                      scale);
//          symmetric   scale = max(|low| / (middle - lowest), |high| / (highest - middle)), zero_point = middle
//                      (unsigned: 2^(bits - 1)); both divisors are the same where the grid is restricted;
//          power of two: the scale rounded up to one.
// Source: ONNX QuantizeLinear; onnxruntime's quantization tool chooses the same numbers from the same range.
#pragma once

#include "core/stats/grid.h"
#include "core/tensor/quant_params.h"

namespace halftone {

// Values between `low` and `high`, in the units of the tensor.
struct Range {
  float low = 0, high = 0;
  bool operator==(const Range&) const = default;
};

// Scale and zero point (one each, per tensor) that cover a range with the codes of a grid.
// The range is widened to include 0, so that 0 is always exact; bounds that are not finite count as 0 (NaN) or as
// the largest float. Ranges too narrow for a scale that is a normal float ([0, 0] first of all) give scale 1 and
// zero point 0 (symmetric unsigned: the middle).
QuantParams choose_params(Range range, const Grid& grid);

// The parts of it, for scales that must be changed between: 0 where the range is too narrow.
double scale_for(Range range, const Grid& grid);
// scale > 0. A code of the grid.
int32_t zero_point_for(Range range, double scale, const Grid& grid);
// The smallest power of two that is not below a positive scale.
double power_of_two_above(double scale);

// The real numbers that the lowest and the highest code of a grid stand for under (per tensor) parameters.
Range covered(const QuantParams& params, const Grid& grid);

}  // namespace halftone
