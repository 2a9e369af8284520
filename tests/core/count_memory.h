// Memory counted by replacing operator new and delete: for one file of a test program, which it then counts for as a
// whole.
#pragma once

#include <malloc.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

std::atomic<int64_t> g_live{0}, g_peak{0}, g_count{0};

void* count(void* block) {
  if (block != nullptr) {
    ++g_count;
    const int64_t live = g_live += static_cast<int64_t>(malloc_usable_size(block));
    int64_t peak = g_peak;
    while (live > peak && !g_peak.compare_exchange_weak(peak, live)) {
    }
  }
  return block;
}

void release(void* block) {
  if (block != nullptr) g_live -= static_cast<int64_t>(malloc_usable_size(block));
  std::free(block);
}

void* aligned(size_t size, std::align_val_t alignment) {
  const size_t a = static_cast<size_t>(alignment);
  return count(std::aligned_alloc(a, (size + a - 1) / a * a));
}

}  // namespace

void* operator new(size_t size) { return count(std::malloc(size)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return count(std::malloc(size)); }
void* operator new(size_t size, std::align_val_t alignment) { return aligned(size, alignment); }
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return aligned(size, alignment);
}
void operator delete(void* block) noexcept { release(block); }
void operator delete(void* block, size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { release(block); }

namespace halftone::testing {
namespace {

// Bytes allocated now.
[[maybe_unused]] inline int64_t live_bytes() { return g_live; }

// How often `work` allocates.
template <typename Work>
int64_t allocations_of(Work&& work) {
  const int64_t before = g_count;
  work();
  return g_count - before;
}

// Most bytes allocated at once while `work` runs, beyond what was there before.
template <typename Work>
int64_t peak_of(Work&& work) {
  const int64_t before = g_live;
  g_peak = before;
  work();
  return g_peak - before;
}

}  // namespace
}  // namespace halftone::testing
