// parallel_for splits [0, n) into pieces of at least `grain` and calls body(begin, end) on each.
// The one entry for parallel work: kernels never see threads. Pieces are independent, so results do
// not depend on how many workers there are. This build runs the pieces on the calling thread.
#pragma once

#include <cstdint>

namespace halftone {

template <typename Body>
void parallel_for(int64_t n, int64_t grain, Body&& body) {
  static_cast<void>(grain);
  if (n > 0) body(int64_t{0}, n);
}

// The same, and says which worker runs a piece: body(begin, end, worker), worker in [0, thread_count()).
template <typename Body>
void parallel_for_workers(int64_t n, int64_t grain, Body&& body) {
  static_cast<void>(grain);
  if (n > 0) body(int64_t{0}, n, 0);
}

inline constexpr int kMaxThreads = 16;

// Number of threads that parallel_for uses, the calling one included.
inline int thread_count() { return 1; }

}  // namespace halftone
