// Float depthwise convolution (depthwise.h).
#pragma once

#include "core/kernels/conv/conv_f32.h"

namespace halftone {

int64_t depthwise_f32_scratch_bytes(const ConvGeometry& geometry);
void depthwise_f32(const ConvGeometry& geometry, const ConvF32& args, void* scratch);

}  // namespace halftone
