// The right operand of Gemm and MatMul, packed once per program when it is constant.
#pragma once

#include "core/ops/op_def.h"
#include "core/tensor/tensor.h"

namespace halftone {

// `count` packed matrices of k x n, one after the other (core/kernels/gemm/gemm_f32.h).
struct PackedMatrix final : OpState {
  int64_t k = 0, n = 0, count = 0;
  Tensor packed;
  const float* matrix(int64_t i) const;
};

// Packs input `input`, a constant float tensor [..., k, n] (or [..., n, k] when `transposed`) or [k], times `scale`;
// every leading dim is one matrix. Errors: kOutOfMemory.
Result<std::unique_ptr<PackedMatrix>> pack_matrices(PrepareContext& ctx, size_t input, bool transposed, float scale);

}  // namespace halftone
