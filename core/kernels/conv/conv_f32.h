// Float convolution over channels-last tensors (geometry.h): y = clamp(conv(x, w) + bias + addend, lo, hi).
// Depthwise goes to its own kernel; everything else is a matrix product whose rows are output pixels, read run by run
// from the input itself (runs.h).
#pragma once

#include "core/kernels/conv/geometry.h"

namespace halftone {

// Packed weights: panels [groups][ceil(filters / 8)][runs][length][8], or [taps][channels] for depthwise. Depends on
// the geometry's channels, kernel and dilation only. Floats; absurd windows give a number that nobody can allocate.
int64_t conv_f32_packed_size(const ConvGeometry& geometry);
// w: [groups * filters][channels][kernel...].
void pack_conv_f32(const ConvGeometry& geometry, const float* w, float* packed);
// The way back; w: floats at any alignment.
void unpack_conv_f32(const ConvGeometry& geometry, const float* packed, uint8_t* w);
// Elements of a packed bias, one per filter: each group filled up to a multiple of 8 with zeros (depthwise: all groups
// together). nullptr: all zeros.
int64_t conv_bias_size(const ConvGeometry& geometry);
template <typename T>
void pack_conv_bias(const ConvGeometry& g, const T* bias, T* packed) {
  const int64_t filters = g.depthwise() ? g.groups : g.filters, groups = g.depthwise() ? 1 : g.groups;
  const int64_t padded = conv_bias_size(g) / groups;
  for (int64_t i = 0; i < groups * padded; ++i) {
    const int64_t f = i % padded;
    packed[i] = bias != nullptr && f < filters ? bias[i / padded * filters + f] : T{};
  }
}

struct ConvF32 {
  const float* x;
  const float* w;       // packed
  const float* bias;    // packed
  const float* addend;  // laid out as y; nullptr: none, and always for depthwise
  float lo, hi;         // clamp; -inf, +inf: none
  float* y;
};

// Bytes of 64-byte aligned scratch that conv_f32 needs.
int64_t conv_f32_scratch_bytes(const ConvGeometry& geometry);
void conv_f32(const ConvGeometry& geometry, const ConvF32& args, void* scratch);

}  // namespace halftone
