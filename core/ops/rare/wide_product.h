// Matrix products of element types that have no kernel: float64 and the integers that MatMul and Gemm take. One loop in
// double, so that integers beyond 2^53 lose their last bits.
#pragma once

#include "core/ops/matmul_util.h"

namespace halftone {

struct WideProduct {
  MatMulPlan plan;
  bool trans_a = false, trans_b = false;  // the last two axes of the input lie the other way round
  double alpha = 1, beta = 0;
};

// Output 0, of input 0's type, is alpha * op(a) * op(b) + beta * c, c being input 2 where beta is not 0; it broadcasts
// to the output. Errors: kInvalidModel where types or c do not fit, kUnsupportedOperator for elements without numbers,
// kOutOfMemory.
Status run_wide_product(RunContext& ctx, const WideProduct& product);

}  // namespace halftone
