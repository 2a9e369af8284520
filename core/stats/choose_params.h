// From a range of reals to the scale and zero point that cover it.
// Formula: affine      scale = (high - low) / (qmax - qmin), zero_point = round_half_even(qmin - low / scale);
//          symmetric   scale = max(|low|, |high|) / (qmax - zero_point), zero_point = 0 (unsigned: the middle,
//                      2^(bits - 1)), which leaves the lowest integer of a signed type unused (-127..127).
// Source: ONNX QuantizeLinear; onnxruntime's quantization tool chooses the same numbers from the same range.
#pragma once

#include "core/tensor/dtype.h"
#include "core/tensor/quant_params.h"

namespace halftone {

// Values between `low` and `high`, in the units of the tensor.
struct Range {
  float low = 0, high = 0;
  bool operator==(const Range&) const = default;
};

// Scale and zero point (one each, per tensor) that cover a range with integers of `dtype`.
// The range is widened to include 0, so that 0 is always exact; bounds that are not finite count as 0 (NaN) or as
// the largest float. Ranges too narrow for a scale that is a normal float ([0, 0] first of all) give scale 1 and
// zero point 0 (symmetric unsigned: the middle). dtype: an integer type of at most 16 bits, or int32 (CHECKed).
QuantParams choose_params(Range range, DType dtype, bool symmetric);

}  // namespace halftone
