// What a convolution is made of, for every kernel of this family. Tensors are channels-last; layouts (row-major):
//   input [batch][in...][groups * channels], weight as ONNX has it, [groups * filters][channels][kernel...],
//   output [batch][out...][groups * filters]; spatial arrays are (depth, height, width).
// Formula: y[n, o, g, f] = bias[g, f] + sum over c, t of w[g, f, c, t] * x[n, o * stride + t * dilation - pad, g, c],
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
  int64_t in_channels() const { return groups * channels; }
  int64_t out_channels() const { return groups * filters; }
  bool depthwise() const { return channels == 1 && filters == 1 && groups > 1; }
};

}  // namespace halftone
