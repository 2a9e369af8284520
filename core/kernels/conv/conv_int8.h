// Integer convolution over the layouts of geometry.h: y = requantize(bias + sum w (x - zero_point)), 8-bit activations,
// weights packed by dot/operands.h (rows: filters of all groups). The same way as conv_f32: depthwise by its own
// kernel, else a product with gathered strips.
#pragma once

#include "core/kernels/conv/geometry.h"
#include "core/kernels/dot/operands.h"
#include "core/kernels/quant/requantize.h"

namespace halftone {

struct ConvInt8 {
  const uint8_t* x;  // int8 or uint8, as `form` says
  ActivationForm form;
  const WeightUnits& weights;  // packed for `form`
  const float* multiplier;     // one per filter of all groups; nullptr: y takes the int32 sums
  RequantRange range;
  bool signed_output;  // y is int8, else uint8
  void* y;
};

// Bytes of 64-byte aligned scratch that conv_int8 needs.
int64_t conv_int8_scratch_bytes(const ConvGeometry& geometry, DotKind kind);
void conv_int8(const ConvGeometry& geometry, const ConvInt8& args, void* scratch);

}  // namespace halftone
