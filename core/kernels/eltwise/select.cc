// Row kernel of Where; see binary.h.
#include "core/base/check.h"
#include "core/kernels/eltwise/binary.h"

namespace halftone {
namespace {

template <typename T>
void select_typed(const bool* condition, int64_t step_c, const void* a, int64_t step_a, const void* b, int64_t step_b,
                  void* y, int64_t n) {
  const T* x0 = static_cast<const T*>(a);
  const T* x1 = static_cast<const T*>(b);
  T* to = static_cast<T*>(y);
  for (int64_t i = 0; i < n; ++i) to[i] = condition[i * step_c] ? x0[i * step_a] : x1[i * step_b];
}

}  // namespace

void select_row(int64_t element_bytes, const bool* condition, int64_t step_c, const void* a, int64_t step_a,
                const void* b, int64_t step_b, void* y, int64_t n) {
  switch (element_bytes) {
    case 1:
      return select_typed<uint8_t>(condition, step_c, a, step_a, b, step_b, y, n);
    case 2:
      return select_typed<uint16_t>(condition, step_c, a, step_a, b, step_b, y, n);
    case 4:
      return select_typed<uint32_t>(condition, step_c, a, step_a, b, step_b, y, n);
    case 8:
      return select_typed<uint64_t>(condition, step_c, a, step_a, b, step_b, y, n);
    default:
      HT_CHECK(false);
  }
}

}  // namespace halftone
