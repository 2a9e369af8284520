// Copying and filling a few dozen bytes in line. WebAssembly's memory.copy and memory.fill, which compilers make of
// memcpy, std::fill and of plain loops, are calls that cost more than a short row does.
#pragma once

#include "core/kernels/simd.h"

namespace halftone {

// The first n bytes of v, 0 <= n <= 16.
inline void store_bytes(void* p, i8x16 v, int64_t n) {
  uint8_t* to = static_cast<uint8_t*>(p);
  if (n >= 16) return store(to, v);
  uint64_t halves[2];
  store(halves, v);
  uint64_t rest = halves[0];
  if (n & 8) {
    std::memcpy(to, &rest, 8);
    to += 8;
    rest = halves[1];
  }
  if (n & 4) {
    std::memcpy(to, &rest, 4);
    to += 4;
    rest >>= 32;
  }
  if (n & 2) {
    std::memcpy(to, &rest, 2);
    to += 2;
    rest >>= 16;
  }
  if (n & 1) *to = static_cast<uint8_t>(rest);
}

// n bytes; no overlap of source and destination.
inline void copy_short(void* out, const void* in, int64_t n) {
  uint8_t* to = static_cast<uint8_t*>(out);
  const uint8_t* from = static_cast<const uint8_t*>(in);
  if (n >= 16) {
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
      i8x16 v = load<i8x16>(from + i);
      settle(v);  // keeps the loop from becoming memory.copy
      store(to + i, v);
    }
    store(to + n - 16, load<i8x16>(from + n - 16));
  } else if (n >= 8) {
    const i8x16 head = load_half<i8x16>(from), tail = load_half<i8x16>(from + n - 8);
    store_half(to, head);
    store_half(to + n - 8, tail);
  } else if (n >= 4) {
    uint32_t head, tail;
    std::memcpy(&head, from, 4);
    std::memcpy(&tail, from + n - 4, 4);
    std::memcpy(to, &head, 4);
    std::memcpy(to + n - 4, &tail, 4);
  } else if (n > 0) {
    to[0] = from[0];
    to[n / 2] = from[n / 2];
    to[n - 1] = from[n - 1];
  }
}

// n bytes of any number: in line where that is faster.
inline void copy_run(void* out, const void* in, int64_t n) {
  if (n < 1024) {
    copy_short(out, in, n);
  } else {
    std::memcpy(out, in, static_cast<size_t>(n));
  }
}

// n bytes of a repeated element: `v` holds it all over, n is a multiple of its size.
inline void fill_short(void* out, i8x16 v, int64_t n) {
  uint8_t* to = static_cast<uint8_t*>(out);
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    settle(v);  // keeps the loop from becoming memory.fill
    store(to + i, v);
  }
  store_bytes(to + i, v, n - i);
}

inline i8x16 splat_bytes(float v) { return reinterpret_cast<i8x16>(splat(v)); }
inline i8x16 splat_bytes(uint8_t v) { return i8x16{} + static_cast<int8_t>(v); }

}  // namespace halftone
