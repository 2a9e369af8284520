// Float convolution: y = clamp(conv(x, w) + bias, lo, hi) over the layouts of geometry.h.
// Depthwise goes to its own kernel; everything else is a matrix product of the weight's rows with strips of gathered
// input (never the whole im2col matrix).
#pragma once

#include "core/kernels/conv/geometry.h"

namespace halftone {

struct ConvF32 {
  const float* x;
  const float* w;
  const float* bias;  // one per filter of all groups; nullptr: none
  float lo, hi;       // clamp; -inf, +inf: none
  float* y;
};

// Bytes of 64-byte aligned scratch that conv_f32 needs.
int64_t conv_f32_scratch_bytes(const ConvGeometry& geometry);
void conv_f32(const ConvGeometry& geometry, const ConvF32& args, void* scratch);

}  // namespace halftone
