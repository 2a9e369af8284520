// What a convolution is made of, for every kernel of this family. Layouts (row-major):
//   input [batch][groups * channels][in...], weight [groups * filters][channels][kernel...],
//   output [batch][groups * filters][out...]; spatial arrays are (depth, height, width).
// Formula: y[n, g, f, o] = bias[g, f] + sum over c, t of w[g, f, c, t] * x[n, g, c, o * stride + t * dilation - pad],
// where x outside of the input is real zero.
#pragma once

#include <cstdint>

#include "core/kernels/axes.h"

namespace halftone {

struct ConvGeometry {
  int64_t batch = 1, groups = 1;
  int64_t channels = 1;  // input channels of one group
  int64_t filters = 1;   // output channels of one group
  Axes3 in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, pad{0, 0, 0};  // pad: leading

  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t depth() const { return channels * taps(); }  // products per output element
  int64_t in_plane() const { return in[0] * in[1] * in[2]; }
  int64_t out_plane() const { return out[0] * out[1] * out[2]; }
  bool depthwise() const { return channels == 1 && filters == 1; }
  // A matrix product over the input as it lies in memory.
  bool pointwise() const { return taps() == 1 && stride == Axes3{1, 1, 1} && pad == Axes3{0, 0, 0} && in == out; }
};

}  // namespace halftone
