// A channels-last tensor as the model knows it, for taps.
#pragma once

#include "core/tensor/tensor.h"

namespace halftone {

// [N, spatial..., C] to [N, C, spatial...]. Error: kOutOfMemory.
Result<Tensor> channels_first(const View& channels_last);

}  // namespace halftone
