// Checked indices; see the header.
#include "core/ops/index_util.h"

#include <algorithm>
#include <string>

#include "core/base/checked.h"
#include "core/ops/infer_util.h"

namespace halftone {

Result<int64_t> index_below(int64_t index, int64_t n) {
  if (index < -n || index >= n) {
    return invalid_model("index " + std::to_string(index) + " is outside an axis of " + std::to_string(n));
  }
  return index < 0 ? index + n : index;
}

Result<std::span<const int64_t>> indices_below(RunContext& ctx, size_t i, int64_t n) {
  const View& view = ctx.input(i);
  const int64_t bytes = checked_mul(view.size(), static_cast<int64_t>(sizeof(int64_t))).value_or(kMaxBytes + 1);
  HT_ASSIGN(void* scratch, ctx.scratch(bytes));
  const std::span<int64_t> out(static_cast<int64_t*>(scratch), static_cast<size_t>(view.size()));
  if (view.dtype == DType::kInt64) {
    std::copy_n(view.as<int64_t>(), out.size(), out.begin());
  } else if (view.dtype == DType::kInt32) {
    std::copy_n(view.as<int32_t>(), out.size(), out.begin());
  } else {
    return invalid_model("indices must be int32 or int64, not " + std::string(dtype_name(view.dtype)));
  }
  for (int64_t& index : out) {
    HT_ASSIGN(index, index_below(index, n));
  }
  return std::span<const int64_t>(out);
}

void next_index(Dims& at, std::span<const int64_t> dims) {
  for (size_t k = at.size(); k-- > 0;) {
    if (++at[k] < dims[k]) return;
    at[k] = 0;
  }
}

}  // namespace halftone
