// parallel_for splits [0, n) into pieces and calls body(begin, end) on each, on several threads where there are any.
// The one entry for parallel work: kernels never see threads. Pieces are independent, so results do not depend on how
// many threads there are, nor on how the pieces are cut: a piece begins at a multiple of `grain` and may be all of
// [0, n). A call allocates nothing; within a body it runs inline; n <= grain runs inline.
// In WebAssembly bodies run on stacks of 256 KB, and one that crashes (or runs out of memory) on another thread costs
// the engine: scratch memory belongs to the caller, one block per worker (parallel_for_workers).
#pragma once

#include <cstdint>
#include <type_traits>

// WebAssembly without shared memory has one thread, and all of this comes to a plain call of the body.
#if defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__)
#define HALFTONE_THREADS 0
#else
#define HALFTONE_THREADS 1
#endif

namespace halftone {

inline constexpr int kMaxThreads = 32;

#if HALFTONE_THREADS

// Number of threads that parallel_for uses, the calling one included.
int thread_count();

// Starts or ends threads until there are `count` (1 ends all), kMaxThreads, or as many as the system gives. Not while a
// parallel_for runs. At the start there is one.
void set_thread_count(int count);

namespace internal {
using PieceFn = void (*)(void* context, int64_t begin, int64_t end, int worker);
void run_pieces(int64_t n, int64_t grain, PieceFn run, void* context);
}  // namespace internal

// The same with body(begin, end, worker): worker is in [0, thread_count()) and no two bodies of this call that run at
// the same time have the same, so that scratch memory can be one block per worker.
template <typename Body>
void parallel_for_workers(int64_t n, int64_t grain, Body&& body) {
  using Callable = std::remove_reference_t<Body>;
  const auto run = [](void* context, int64_t begin, int64_t end, int worker) {
    (*static_cast<Callable*>(context))(begin, end, worker);
  };
  internal::run_pieces(n, grain, run, const_cast<void*>(static_cast<const void*>(&body)));
}

template <typename Body>
void parallel_for(int64_t n, int64_t grain, Body&& body) {
  parallel_for_workers(n, grain, [&body](int64_t begin, int64_t end, int) { body(begin, end); });
}

#else

inline int thread_count() { return 1; }
inline void set_thread_count(int) {}

template <typename Body>
void parallel_for_workers(int64_t n, int64_t, Body&& body) {
  if (n > 0) body(int64_t{0}, n, 0);
}

template <typename Body>
void parallel_for(int64_t n, int64_t, Body&& body) {
  if (n > 0) body(int64_t{0}, n);
}

#endif

}  // namespace halftone
