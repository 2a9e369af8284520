// Packing of constant right operands; see the header.
#include "core/ops/packed_matrix.h"

#include "core/base/checked.h"
#include "core/kernels/gemm/gemm_f32.h"

namespace halftone {

const float* PackedMatrix::matrix(int64_t i) const {
  return reinterpret_cast<const float*>(packed.bytes()) + i * packed_b_f32_size(k, n);
}

namespace {

// Steps between the rows and the columns of a matrix.
struct Steps {
  int64_t row, column;
};

Steps steps_of(const PackedMatrix& m, bool transposed) { return transposed ? Steps{1, m.k} : Steps{m.n, 1}; }

Status pack(const Tensor& b, bool transposed, float scale, PackedMatrix& m) {
  const int64_t packed_size = packed_b_f32_size(m.k, m.n);
  const Steps steps = steps_of(m, transposed);
  HT_ASSIGN(m.packed, Tensor::allocate(DType::kFloat, {m.count, packed_size}, "packed weights"));
  const float* from = b.data<float>().data();
  float* to = m.packed.mutable_data<float>().data();
  for (int64_t i = 0; i < m.count; ++i) {
    pack_b_f32(from + i * m.k * m.n, m.k, m.n, steps.row, steps.column, scale, to + i * packed_size);
  }
  return ok_status();
}

// All that the packed bytes depend on; scale 1.
std::string layout_of(const PackedMatrix& m, bool transposed) {
  return "gemm_f32 " + to_string(Dims{m.count, m.k, m.n, transposed ? 1 : 0});
}

// How to get [count][k][n] back, or [count][n][k].
PackedForm form_of(const PackedMatrix& m, bool transposed) {
  return {layout_of(m, transposed), m.packed,
          [k = m.k, n = m.n, count = m.count, steps = steps_of(m, transposed)](const Tensor& packed, uint8_t* out) {
            const float* from = packed.data<float>().data();
            for (int64_t i = 0; i < count; ++i, from += packed_b_f32_size(k, n), out += k * n * 4) {
              unpack_b_f32(from, k, n, steps.row, steps.column, out);
            }
          }};
}

}  // namespace

Result<std::unique_ptr<PackedMatrix>> pack_matrices(PrepareContext& ctx, size_t input, bool transposed, float scale) {
  const Tensor& b = *ctx.constant(input);
  HT_CHECK(b.dtype() == DType::kFloat && b.rank() >= 1);
  Dims dims = b.dims();
  if (dims.size() == 1) dims.insert(transposed ? dims.begin() : dims.end(), 1);
  auto m = std::make_unique<PackedMatrix>();
  const size_t rank = dims.size();
  m->k = dims[rank - (transposed ? 1 : 2)];
  m->n = dims[rank - (transposed ? 2 : 1)];
  m->count = 1;
  for (size_t i = 0; i + 2 < rank; ++i) m->count *= dims[i];
  const PackedForm* known = b.packed_form();
  if (scale == 1 && known != nullptr && known->layout == layout_of(*m, transposed)) {
    m->packed = known->packed;
  } else {
    HT_TRY(pack(b, transposed, scale, *m));
  }
  if (scale == 1) ctx.keeps(input, form_of(*m, transposed));
  return m;
}

}  // namespace halftone
