// Brings a model that arrived quantized back to float, so that another recipe can start from it.
//
// Before: weights as integers (DequantizeLinear of constants, MatMulNBits), activations rounded by QuantizeLinear and
//         DequantizeLinear or by DynamicQuantizeLinear, products in integers (QLinearConv, ConvInteger ...)
// After:  float weights, float activations, the same operators in float
// Conditions: scales and zero points are constants. Integers that a model takes in or hands out stay, with the node
// that
//         turns them. What has another form stays too, and the report lists it.
// Formula: w = scale * (q - zero_point). Where a quantization was also an activation (it starts at 0, and no Relu or
// Clip
//         comes before), that becomes Relu, or Clip to 6 where it ends there.
// Reference: ONNX operators; ONNX Runtime, ContribOperators.md.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& dequantize_pass();

}  // namespace halftone
