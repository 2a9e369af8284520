// Integer convolution over channels-last tensors (geometry.h): y = requantize(bias + sum w (x - zero_point)), 8-bit
// activations. The same way as conv_f32, with runs of whole units (dot/operands.h).
#pragma once

#include <span>
#include <vector>

#include "core/kernels/conv/geometry.h"
#include "core/kernels/dot/operands.h"
#include "core/kernels/quant/requantize.h"

namespace halftone {

// choose_dot (dot/operands.h) for centered weights [groups * filters][channels][kernel...] of this geometry.
DotKind choose_conv_dot(const ConvGeometry& geometry, DotKind machine, std::span<const int16_t> weights);

// Weights for conv_int8 from centered ones [groups * filters][channels][kernel...]; `bias` one per filter or empty.
// bytes: panels [groups][ceil(filters / 8)][runs][units][8][4 bytes], or depthwise_int8.h's layout; bias: with the zero
// point's share, laid out by conv_bias_size. Depends on the geometry's channels, kernel and dilation only.
// Errors: kOutOfMemory.
Result<WeightUnits> pack_conv_int8(const ConvGeometry& geometry, std::span<const int16_t> weights,
                                   std::span<const int32_t> bias, const ActivationForm& form);

// The way back: the centered weights from `bytes` that were packed for `kind`.
std::vector<int16_t> unpack_conv_int8(const ConvGeometry& geometry, DotKind kind, const uint8_t* bytes);

struct ConvInt8 {
  const uint8_t* x;  // int8 or uint8, as `form` says
  ActivationForm form;
  const uint8_t* weights;   // packed for form.kind
  const int32_t* bias;      // laid out by conv_bias_size, with the zero point's share
  const float* multiplier;  // packed as a bias (pack_conv_bias); nullptr: y takes the int32 sums
  RequantRange range;
  bool signed_output;  // y is int8, else uint8
  bool bounded;        // see requantize_simd.h
  void* y;
};

// Bytes of 64-byte aligned scratch that conv_int8 needs.
int64_t conv_int8_scratch_bytes(const ConvGeometry& geometry, const ActivationForm& form);
void conv_int8(const ConvGeometry& geometry, const ConvInt8& args, void* scratch);

}  // namespace halftone
