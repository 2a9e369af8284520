// Scale and zero point of a range; the contract is in choose_params.h.
#include "core/stats/choose_params.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "core/base/check.h"

namespace halftone {
namespace {

// |bound| on the side of zero that it may be on; NaN gives 0.
double side(float bound) { return bound > 0 ? std::min(bound, FLT_MAX) : 0; }

}  // namespace

QuantParams choose_params(Range range, DType dtype, bool symmetric) {
  const DTypeInfo& info = dtype_info(dtype);
  HT_CHECK(is_integer(dtype) && (info.bits <= 16 || dtype == DType::kInt32));
  const double below = side(-range.low), above = side(range.high);

  double scale = 0, zero_point = 0;
  if (symmetric) {
    zero_point = info.kind == DKind::kUnsigned ? (info.highest + 1) / 2 : 0;
    scale = std::max(below, above) / (info.highest - zero_point);
  } else {
    scale = (below + above) / (info.highest - info.lowest);
  }
  // A subnormal scale has few bits of its own, and its reciprocal overflows.
  if (scale < FLT_MIN) {
    scale = 1;
  } else if (!symmetric) {
    zero_point = std::clamp(std::nearbyint(info.lowest + below / scale), info.lowest, info.highest);
  }

  QuantParams params;
  params.dtype = dtype;
  params.scale = {static_cast<float>(scale)};
  params.zero_point = {static_cast<int32_t>(zero_point)};
  return params;
}

}  // namespace halftone
