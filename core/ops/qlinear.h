// Operators that take integers by themselves (ONNX opset 10): ConvInteger, MatMulInteger give int32 sums; QLinearConv,
// QLinearMatMul requantize, with scales and zero points as inputs. The compiler runs most of the latter as integer Conv
// and MatMul (lower_qlinear); these run what is left. Their rows stand in conv.cc and matmul.cc. Constant weights are
// packed once. Zero points: per tensor for activations; per tensor or per output channel for weights.
#pragma once

#include "core/ops/op_def.h"

namespace halftone {

Status infer_conv_integer(InferContext& ctx);
Result<std::unique_ptr<OpState>> prepare_conv_integer(PrepareContext& ctx);
Status run_conv_integer(RunContext& ctx);
Status infer_qlinear_conv(InferContext& ctx);
Result<std::unique_ptr<OpState>> prepare_qlinear_conv(PrepareContext& ctx);
Status run_qlinear_conv(RunContext& ctx);
Status infer_matmul_integer(InferContext& ctx);
Result<std::unique_ptr<OpState>> prepare_matmul_integer(PrepareContext& ctx);
Status run_matmul_integer(RunContext& ctx);
Status infer_qlinear_matmul(InferContext& ctx);
Result<std::unique_ptr<OpState>> prepare_qlinear_matmul(PrepareContext& ctx);
Status run_qlinear_matmul(RunContext& ctx);

}  // namespace halftone
