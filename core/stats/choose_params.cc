// Scale and zero point of a range; the contract is in choose_params.h.
#include "core/stats/choose_params.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace halftone {
namespace {

// |bound| on the side of zero that it may be on; NaN gives 0.
double side(float bound) { return bound > 0 ? std::min(bound, FLT_MAX) : 0; }

}  // namespace

double power_of_two_above(double scale) {
  int exponent = 0;
  const double fraction = std::frexp(scale, &exponent);  // in [0.5, 1)
  return std::ldexp(1.0, fraction == 0.5 ? exponent - 1 : exponent);
}

double scale_for(Range range, const Grid& grid) {
  const double below = side(-range.low), above = side(range.high);
  double scale = grid.symmetric ? std::max(below / (grid.middle - grid.lowest), above / (grid.highest - grid.middle))
                                : (below + above) / (grid.highest - grid.lowest);
  // A subnormal scale has few bits of its own, and its reciprocal overflows.
  if (scale < FLT_MIN) return 0;
  return grid.power_of_two ? power_of_two_above(scale) : scale;
}

int32_t zero_point_for(Range range, double scale, const Grid& grid) {
  if (grid.symmetric) return grid.middle;
  const double zero = std::nearbyint(grid.lowest + side(-range.low) / scale);
  return static_cast<int32_t>(std::clamp<double>(zero, grid.lowest, grid.highest));
}

QuantParams choose_params(Range range, const Grid& grid) {
  const double scale = scale_for(range, grid);
  const int32_t nothing = grid.symmetric ? grid.middle : std::clamp(0, grid.lowest, grid.highest);
  QuantParams params;
  params.dtype = grid.dtype;
  params.scale = {scale == 0 ? 1.0f : static_cast<float>(scale)};
  params.zero_point = {scale == 0 ? nothing : zero_point_for(range, scale, grid)};
  return params;
}

Range covered(const QuantParams& params, const Grid& grid) {
  const auto real = [&](int32_t code) { return static_cast<float>(code - params.zero_point[0]) * params.scale[0]; };
  return {real(grid.lowest), real(grid.highest)};
}

}  // namespace halftone
