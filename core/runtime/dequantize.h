// Integers back to the reals they stand for, for taps.
#pragma once

#include "core/tensor/quant_params.h"
#include "core/tensor/tensor.h"

namespace halftone {

// float32 scale * (q - zero_point), per tensor or per index of params.axis. `view`: int8, uint8, int16, uint16 or
// int32. Errors: kInvalidArgument for other types or parameters that do not fit, kOutOfMemory.
Result<Tensor> dequantize(const View& view, const QuantParams& params);

}  // namespace halftone
