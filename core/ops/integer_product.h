// Stacks of products of 8-bit matrices, as MatMul in integer mode and the operators that take integers by themselves
// have them: sums of (a - a_zero) * (b - b_zero), as int32 or requantized. A constant b is packed once per program
// (prepare_integer_right as the operator's state), any other b when it runs.
#pragma once

#include "core/kernels/quant/requantize.h"
#include "core/ops/int8_linear.h"
#include "core/ops/matmul_util.h"

namespace halftone {

// A state for input b where it is constant: a matrix [k][n], or [n][k] where `order` says channels first. nullptr (b is
// packed at every run): not constant, not an 8-bit matrix, or `zero` is neither one nor one per column. `zero` null: 0.
Result<std::unique_ptr<OpState>> prepare_integer_right(PrepareContext& ctx, size_t b, const Tensor* zero,
                                                       WeightOrder order);

struct IntegerProduct {
  const MatMulPlan& plan;
  const View &a, &b;  // int8 or uint8, each
  int32_t a_zero;
  std::span<const int32_t> b_zero;  // one, or one per column
  WeightOrder order = WeightOrder::kChannelsLast;
  std::span<const int32_t> bias = {};  // one per column; empty: none
  const float* multiplier = nullptr;   // by column, filled up to a multiple of 8; nullptr: int32 sums
  RequantRange range = {};
  bool signed_output = false;
  void* c = nullptr;
};

// ctx.state() is null or from prepare_integer_right. Errors: kOutOfMemory, kInvalidModel, kUnsupportedOperator (sums
// that could leave 32 bits).
Status run_integer_product(RunContext& ctx, const IntegerProduct& product);

}  // namespace halftone
