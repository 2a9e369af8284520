// Spells out com.microsoft operators that are compositions of standard ones, so that passes, quantization and integer
// kernels see what they know.
// Before: y = com.microsoft::QLinearAdd(a, sa, za, b, sb, zb, sy, zy). After: y = QuantizeLinear(Add(DequantizeLinear(a,
// sa, za), DequantizeLinear(b, sb, zb)), sy, zy). So are QLinearMul, QLinearConcat, QLinearSigmoid, QLinearLeakyRelu,
// QLinearSoftmax, QLinearAveragePool, QLinearGlobalAveragePool; QuantizeLinear and DequantizeLinear change their
// domain; FusedConv and FusedGemm become the product, the sum and the activation.
// Conditions: ai.onnx opset 10 (13 where a scale has an axis); no channels-last pools. Other nodes stay as they are.
// Reference: onnxruntime, docs/ContribOperators.md.
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace halftone {

// Nodes in subgraphs too. Errors: kInvalidModel where the result would not be a graph.
Result<Model> expand_contrib(const Model& model);

}  // namespace halftone
