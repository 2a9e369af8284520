// Packing of constant right operands; see the header.
#include "core/ops/packed_matrix.h"

#include "core/base/checked.h"
#include "core/kernels/gemm/gemm_f32.h"

namespace halftone {

const float* PackedMatrix::matrix(int64_t i) const {
  return reinterpret_cast<const float*>(packed.bytes()) + i * packed_b_f32_size(k, n);
}

Result<std::unique_ptr<PackedMatrix>> pack_matrices(const Tensor& b, bool transposed, float scale) {
  HT_CHECK(b.dtype() == DType::kFloat && b.rank() >= 2);
  auto state = std::make_unique<PackedMatrix>();
  const size_t rank = b.dims().size();
  state->k = b.dims()[rank - (transposed ? 1 : 2)];
  state->n = b.dims()[rank - (transposed ? 2 : 1)];
  const int64_t matrix_size = state->k * state->n;  // of a tensor that exists
  state->count = 1;
  for (size_t i = 0; i + 2 < rank; ++i) state->count *= b.dims()[i];
  const int64_t packed_size = packed_b_f32_size(state->k, state->n);
  HT_ASSIGN(state->packed, Tensor::allocate(DType::kFloat, {state->count, packed_size}, "packed weights"));
  float* out = state->packed.mutable_data<float>().data();
  for (int64_t i = 0; i < state->count; ++i) {
    pack_b_f32(b.data<float>().data() + i * matrix_size, state->k, state->n, transposed ? 1 : state->n,
               transposed ? state->k : 1, scale, out + i * packed_size);
  }
  return state;
}

}  // namespace halftone
