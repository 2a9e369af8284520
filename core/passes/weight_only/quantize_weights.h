// Weight-only quantization: weights become integers of few bits, activations and arithmetic stay float.
//
// Before: y = Op(x, w)  for Conv, ConvTranspose, Gemm, MatMul, Gather, RNN, GRU, LSTM with a constant w
// After:  y = Op(x, DequantizeLinear(codes, scales, zero points)), or MatMulNBits(x, codes, scales, zero points)
// Conditions: weights_of.h. Opset 13 for 8 bits by channel, 21 for 4 bits and for blocks, 25 for 2 bits (raised here);
//         MatMulNBits for MatMul with a constant right factor of 2, 4 or 8 bits, everything else dequantizes. 3 bits
//         are stored in 4, 5 to 7 in 8. GPTQ needs calibration data; tables of Gather, of which one row is read at a
//         time, are rounded by least squares there, and so are recurrent layers, with a warning.
// Formula: w = scale * (code - zero_point) (with MatMulNBits, HQQ's zero points need not be whole), one scale for all,
// for each output channel, or for each block along what is
//         summed over; codes by rounding, least squares, HQQ (group_codes.h), GPTQ (gptq.h).
// Reference: ONNX DequantizeLinear (opset 21); ONNX Runtime, ContribOperators.md; Badri, Shaji 2023; Frantar et al.
// 2022.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& quantize_weights_pass();

}  // namespace halftone
