// Elements to double and back; see the header.
#include "core/ops/rare/wide.h"

#include <algorithm>
#include <string>

#include "core/ops/infer_util.h"
#include "core/tensor/convert.h"

namespace halftone {

Result<Tensor> as_doubles(const View& view) {
  if (!is_convertible(view.dtype)) return unsupported("elements of type " + std::string(dtype_name(view.dtype)));
  HT_ASSIGN(Tensor values, Tensor::allocate(DType::kDouble, view.dims));
  HT_TRY(convert_elements(view.dtype, view.data, DType::kDouble, values.mutable_bytes(), view.size()));
  return values;
}

Result<Tensor> zero_doubles(const Dims& dims) {
  HT_ASSIGN(Tensor values, Tensor::allocate(DType::kDouble, dims));
  std::ranges::fill(values.mutable_data<double>(), 0.0);
  return values;
}

Status give_doubles(RunContext& ctx, size_t i, DType type, const Tensor& values) {
  if (!is_convertible(type)) return unsupported("elements of type " + std::string(dtype_name(type)));
  HT_ASSIGN(MutView out, ctx.output(i, type, values.dims()));
  return convert_elements(DType::kDouble, values.bytes(), type, out.data, out.size());
}

}  // namespace halftone
