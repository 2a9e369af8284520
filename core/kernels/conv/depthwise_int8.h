// Integer depthwise convolution: each plane is staged with its padding, and units of taps go through one dot product
// for 16 or 8 outputs at a time.
#pragma once

#include "core/kernels/conv/conv_int8.h"

namespace halftone {

int64_t depthwise_int8_scratch_bytes(const ConvGeometry& geometry, DotKind kind);
void depthwise_int8(const ConvGeometry& geometry, const ConvInt8& args, void* scratch);

}  // namespace halftone
