// Numbers in fewer bits that are still floating point.
//
// Before: y = Op(x, w), all float32
// After:  scope "weights": y = Op(x, Cast(w in float16 or bfloat16)), or for float8 and float4
//                          y = Op(x, DequantizeLinear(w / scale as small float, scale))
//         scope "weights_and_activations" (float8): x goes through QuantizeLinear and DequantizeLinear too
//         scope "model" (float16): every float32 value but the model's inputs and outputs is float16 (half_model.h)
// Conditions: weights_of.h. Opset 13 for bfloat16, 19 for float8 (21 with blocks, as channels of recurrent layers are),
// 23 for float4, 24 for scales of
//         type float8e8m0; raised here. Activations need calibration data.
// Formula: scale = max |w| / largest finite value, for the tensor, each output channel or each block; float8e8m0
//         scales are powers of two: the one above that, or half of it where that loses less.
// Reference: OCP 8-bit Floating Point 1.0, OCP Microscaling Formats 1.0; ONNX QuantizeLinear.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& convert_float_pass();

}  // namespace halftone
