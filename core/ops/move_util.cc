// Movers and rules shared by operators; see the header.
#include "core/ops/move_util.h"

#include <string>

#include "core/base/checked.h"
#include "core/kernels/move/strided.h"
#include "core/ops/infer_util.h"

namespace halftone {

Result<int64_t> element_bytes(DType type) {
  const int bits = dtype_info(type).bits;
  if (bits < 8) return unsupported("elements of type " + std::string(dtype_name(type)) + " cannot be moved one by one");
  return bits / 8;
}

Status move_elements(const MutView& dst, const Place& to, const View& src, const Place& from,
                     std::span<const int64_t> dims) {
  HT_CHECK(dst.dtype == src.dtype && to.strides.size() == dims.size() && from.strides.size() == dims.size());
  if (element_count(dims).value_or(0) == 0) return ok_status();
  if (dst.dtype == DType::kString) {
    copy_strided(static_cast<std::string*>(dst.data) + to.offset, to.strides,
                 static_cast<const std::string*>(src.data) + from.offset, from.strides, dims);
    return ok_status();
  }
  HT_ASSIGN(const int64_t bytes, element_bytes(dst.dtype));
  copy_strided(bytes, dst.bytes() + to.offset * bytes, to.strides, src.bytes() + from.offset * bytes, from.strides,
               dims);
  return ok_status();
}

Place dense_place(std::span<const int64_t> dims) { return {0, row_major_strides(dims)}; }

bool same_quant(const PrepareContext& ctx) {
  const QuantParams* first = ctx.output_quant(0);
  if (first == nullptr || !first->per_tensor()) return false;
  for (size_t i = 0; i < ctx.node().inputs.size(); ++i) {
    const QuantParams* in = ctx.input_quant(i);
    if (in != nullptr && !(*in == *first)) return false;
  }
  for (size_t i = 1; i < ctx.node().outputs.size(); ++i) {
    const QuantParams* out = ctx.output_quant(i);
    if (out != nullptr && !(*out == *first)) return false;
  }
  return true;
}

Cost elementwise_cost(const CostContext& ctx) {
  Cost cost;
  for (const SymShape& shape : ctx.outputs) {
    int64_t count = 1;
    for (const Dim& dim : shape.dims()) count = checked_mul(count, dim.known() ? dim.value : 1).value_or(0);
    cost.flops += count;
  }
  return cost;
}

Cost move_cost(const CostContext&) { return {}; }

}  // namespace halftone
