// The one instance of the sort.
#include "core/base/sort_order.h"

#include <algorithm>
#include <numeric>

namespace halftone::internal {

void sort_order(std::span<int64_t> order, BeforeFn before, const void* context) {
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return before(context, a, b); });
}

std::vector<int64_t> count_up(int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  return order;
}

}  // namespace halftone::internal
