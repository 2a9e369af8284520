// Transposed convolution, float: the gradient of a convolution with respect to its input, which spreads every input
// element over a window of the output.
// Formula: y[n, g, f, i * stride + t * dilation - pad] += x[n, g, c, i] * w[g, c, f, t], y starting from bias[g, f].
// Layouts: x [batch][groups * channels][in...], y [batch][groups * filters][out...], weights turned around once:
// [groups][filters][kernel...][channels] (turn_weights). Method: a matrix product gives every window's elements for a
// tile of input positions (columns), and adding them where they belong is a strided loop (col2im).
#pragma once

#include "core/kernels/conv/geometry.h"

namespace halftone {

// w [groups * channels][filters][kernel...] -> turned; geometry's `in` is the small side, `out` the spread one.
void turn_weights(const ConvGeometry& geometry, const float* w, float* turned);

struct ConvTransposeF32 {
  const float* x;
  const float* weights;  // turned
  const float* bias;     // nullptr: none
  float* y;
};

int64_t conv_transpose_f32_scratch_bytes(const ConvGeometry& geometry);
void conv_transpose_f32(const ConvGeometry& geometry, const ConvTransposeF32& args, void* scratch);

}  // namespace halftone
