// Float depthwise convolution (one input and one output channel a group): each plane is staged with its padding, then
// every tap is one multiply-add over 16, 4 or fewer neighbouring outputs.
#pragma once

#include "core/kernels/conv/conv_f32.h"

namespace halftone {

int64_t depthwise_f32_scratch_bytes(const ConvGeometry& geometry);
void depthwise_f32(const ConvGeometry& geometry, const ConvF32& args, void* scratch);

}  // namespace halftone
