// Dynamic quantization: weights become integers now, activations when they come, with a scale per run.
//
// Before: y = Conv(x, w, b)   or Gemm(x, w, b), MatMul(x, w)
// After:  x_q, s_x, z_x = DynamicQuantizeLinear(x)          (once per x)
//         y = Cast(ConvInteger(x_q, w_q, z_x)) * (s_x * s_w) + b        (MatMulInteger for the others)
// Conditions: float32, constant weight, a bias of one number per output channel; Gemm with alpha = beta = 1, no transA
//         (its transposed weight is stored the way MatMulInteger reads it). Recurrent layers and ConvTranspose have no
//         integer operator in ONNX and stay float: quantize_weights before this takes them. No calibration data.
// Formula: y = s_x * s_w[c] * sum (x_q - z_x) * (w_q - z_w) + b[c]; z_w is 0 (int8) or 128 (uint8).
// Reference: ONNX DynamicQuantizeLinear, MatMulInteger, ConvInteger; node order as onnxruntime's quantize_dynamic,
//         which its optimizer fuses to DynamicQuantizeMatMul.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& quantize_dynamic_pass();

}  // namespace halftone
