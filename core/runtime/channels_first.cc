// Channels-last tensors back to the order of the model.
#include "core/runtime/channels_first.h"

#include <algorithm>

#include "core/kernels/move/strided.h"

namespace halftone {

Result<Tensor> channels_first(const View& x) {
  Dims dims = x.dims, strides = row_major_strides(x.dims);
  std::rotate(dims.begin() + 1, dims.end() - 1, dims.end());
  std::rotate(strides.begin() + 1, strides.end() - 1, strides.end());
  HT_ASSIGN(Tensor y, Tensor::allocate(x.dtype, dims));
  if (y.size() == 0) return y;
  copy_strided(y.byte_size() / y.size(), y.mutable_bytes(), row_major_strides(dims), x.bytes(), strides, dims);
  return y;
}

}  // namespace halftone
