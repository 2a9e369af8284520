// Best fit in order of size. Within a few percent of the lower bound (the most bytes alive at one step) on the
// networks we know, where an exact answer would be NP-hard.
#include "core/compile/memory_plan.h"

#include <algorithm>

#include "core/base/checked.h"
#include "core/base/sort_order.h"

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
  const auto larger = [&](int64_t a, int64_t b) {
    return buffers[static_cast<size_t>(a)].bytes > buffers[static_cast<size_t>(b)].bytes;
  };
  MemoryPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  std::vector<size_t> placed;  // by offset
  std::vector<Placed> neighbours;
  for (const int64_t place : sorted_order(static_cast<int64_t>(buffers.size()), larger)) {
    const size_t i = static_cast<size_t>(place);
    const BufferLife& buffer = buffers[i];
    if (buffer.bytes < 0 || buffer.bytes > limit) return too_large();
    const int64_t bytes = (buffer.bytes + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    neighbours.clear();
    for (size_t j : placed) {
      if (buffers[j].first > buffer.last || buffers[j].last < buffer.first) continue;
      neighbours.push_back({plan.offsets[j], plan.offsets[j] + buffers[j].bytes});
    }
    for (Placed& p : neighbours) p.end = (p.end + kBufferAlignment - 1) / kBufferAlignment * kBufferAlignment;
    plan.offsets[i] = best_gap(neighbours, bytes);
    const auto end = checked_add(plan.offsets[i], bytes);
    if (!end || *end > limit) return too_large();
    plan.bytes = std::max(plan.bytes, *end);
    const auto above = [&](size_t j) { return plan.offsets[j] > plan.offsets[i]; };
    placed.insert(std::find_if(placed.begin(), placed.end(), above), i);
  }
  return plan;
}

}  // namespace halftone
