// From a range to scale and zero point.
// Formula: affine: s = (high - low) / (qmax - qmin), z = saturate(round_half_even(qmin - low / s)).
// Symmetric: s = max(|low|, |high|) / qmax, z = 0 (unsigned types: the middle, (qmax + 1) / 2).
// Source: ONNX QuantizeLinear; Jacob et al. 2018, section 2.1.
#include <algorithm>
#include <cmath>

#include "core/base/check.h"
#include "core/stats/observer.h"

namespace halftone {
namespace {

// Below the smallest normal float a scale would lose its bits, and its reciprocal could overflow.
constexpr double kSmallestScale = 1.17549435e-38;

float usable_scale(double scale) {
  if (!(scale > 0) || !std::isfinite(scale)) return 1.0f;
  return static_cast<float>(std::max(scale, kSmallestScale));
}

}  // namespace

QuantParams choose_params(Range range, DType dtype, bool symmetric) {
  HT_CHECK(is_integer(dtype));
  const DTypeInfo& info = dtype_info(dtype);
  const double low = std::min(0.0, static_cast<double>(range.low));
  const double high = std::max(0.0, static_cast<double>(range.high));
  QuantParams params;
  params.dtype = dtype;
  if (symmetric) {
    const bool is_signed = info.kind == DKind::kSigned;
    const double middle = is_signed ? 0 : (info.highest + 1) / 2;
    params.scale = {usable_scale(std::max(-low, high) / (info.highest - middle))};
    params.zero_point = {static_cast<int32_t>(middle)};
    return params;
  }
  const float scale = usable_scale((high - low) / (info.highest - info.lowest));
  const double zero = std::nearbyint(info.lowest - low / static_cast<double>(scale));
  params.scale = {scale};
  params.zero_point = {static_cast<int32_t>(std::clamp(zero, info.lowest, info.highest))};
  return params;
}

}  // namespace halftone
