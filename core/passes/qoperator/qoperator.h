// The second way to write a quantized model: one operator on integers instead of dequantization, operator,
// quantization.
//
// Before: y = QuantizeLinear(Op(DequantizeLinear(x, sx, zx), DequantizeLinear(w, sw, zw), DequantizeLinear(b)), sy, zy)
// After:  y = QLinearOp(x, sx, zx, w, sw, zw, sy, zy, b)
// Conditions: 8-bit integers of one signedness in and out, scales and zero points constant, activations per tensor; the
//         bias in units of sx * sw. Operators that only move elements (by equal parameters) work on the integers as
//         they are. Everything else stays as it was.
// Formula: what the integers mean does not change, so neither does what the model computes.
// Reference: ONNX QLinearConv-10, QLinearMatMul-10; ONNX Runtime, ContribOperators.md (QLinearAdd ... QGemm).
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace halftone {

// Clips that the integers' range makes redundant go. Errors: kInvalidArgument where no operator has such a form.
Result<Model> to_qoperator(const Model& model);

}  // namespace halftone
