// What MatMul, MatMulInteger and QLinearMatMul share: NumPy's matmul shapes and how batches line up.
#pragma once

#include "core/ops/op_def.h"

namespace halftone {

// Shape of numpy.matmul(a, b). Errors: kInvalidModel.
Result<SymShape> matmul_shape(const SymShape& a, const SymShape& b);

// A product of stacks of matrices: matrix i of the result is a's matrix a_index[i] (m x k) times b's b_index[i] (k x
// n).
struct MatMulPlan {
  int64_t m = 1, n = 1, k = 1;
  std::vector<int64_t> a_index, b_index;
  Dims output_dims;
};
// A stack of a's against one b becomes one tall matrix. Errors: kInvalidModel.
Result<MatMulPlan> plan_matmul(std::span<const int64_t> a, std::span<const int64_t> b);

// The same for inputs of a running operator; valid until it returns.
Result<const MatMulPlan*> matmul_plan(RunContext& ctx, std::span<const int64_t> a, std::span<const int64_t> b);

Cost matmul_cost(const CostContext& ctx);

}  // namespace halftone
