// Best fit in order of size. Within a few percent of the lower bound (the most bytes alive at one step) on the
// networks we know, where an exact answer would be NP-hard.
#include "core/compile/memory_plan.h"

#include <algorithm>
#include <numeric>

#include "core/base/checked.h"

namespace halftone {
namespace {

struct Placed {
  int64_t begin, end;
};

// The smallest gap of at least `bytes` between `neighbours` (sorted by begin), or the end of the last one.
int64_t best_gap(std::span<const Placed> neighbours, int64_t bytes) {
  int64_t top = 0, best = -1, best_size = 0;
  for (const Placed& p : neighbours) {
    const int64_t gap = p.begin - top;
    if (gap >= bytes && (best < 0 || gap < best_size)) {
      best = top;
      best_size = gap;
    }
    top = std::max(top, p.end);
  }
  return best < 0 ? top : best;
}

}  // namespace

Result<MemoryPlan> plan_memory(std::span<const BufferLife> buffers, int64_t limit) {
  const auto too_large = [&] {
    return Error{ErrorCode::kOutOfMemory, "The intermediate values need more memory than there may be.", "",
                 "Run the model on smaller inputs."};
  };
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return buffers[a].bytes > buffers[b].bytes; });

  MemoryPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  std::vector<size_t> placed;
  std::vector<Placed> neighbours;
  for (size_t i : order) {
    const BufferLife& buffer = buffers[i];
    if (buffer.bytes < 0 || buffer.bytes > limit) return too_large();
    const int64_t bytes = (buffer.bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    neighbours.clear();
    for (size_t j : placed) {
      if (buffers[j].first > buffer.last || buffers[j].last < buffer.first) continue;
      neighbours.push_back({plan.offsets[j], plan.offsets[j] + buffers[j].bytes});
    }
    std::sort(neighbours.begin(), neighbours.end(), [](const Placed& a, const Placed& b) { return a.begin < b.begin; });
    for (Placed& p : neighbours) p.end = (p.end + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    plan.offsets[i] = best_gap(neighbours, bytes);
    const auto end = checked_add(plan.offsets[i], bytes);
    if (!end || *end > limit) return too_large();
    plan.bytes = std::max(plan.bytes, *end);
    placed.push_back(i);
  }
  return plan;
}

}  // namespace halftone
