// Where intermediate buffers lie in one block of memory: buffers that are never alive together may share bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/result.h"

namespace halftone {

inline constexpr int64_t kBufferAlignment = 64;  // bytes: a cache line, and more than any vector load asks for

struct BufferLife {
  int64_t bytes = 0;
  int32_t first = 0, last = 0;  // steps, both included
};

struct MemoryPlan {
  std::vector<int64_t> offsets;  // one per buffer, multiples of kBufferAlignment
  int64_t bytes = 0;             // of the whole block
};

// Largest buffers first, each into the smallest gap it fits between the buffers alive with it, else the end
// that is lowest. Error: kOutOfMemory when the block would exceed `limit`.
Result<MemoryPlan> plan_memory(std::span<const BufferLife> buffers, int64_t limit);

}  // namespace halftone
