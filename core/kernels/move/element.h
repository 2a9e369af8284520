// Elements as what they are to a mover: so many bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/base/check.h"

namespace halftone {

// Calls f with a value of an unsigned type (or pair) that is as large as an element.
struct Pair {
  uint64_t low, high;
};
template <typename F>
void with_element(int64_t bytes, F&& f) {
  switch (bytes) {
    case 1:
      return f(uint8_t{});
    case 2:
      return f(uint16_t{});
    case 4:
      return f(uint32_t{});
    case 8:
      return f(uint64_t{});
    case 16:
      return f(Pair{});
    default:
      HT_CHECK(false);
  }
}

inline bool is_empty(std::span<const int64_t> dims) { return std::find(dims.begin(), dims.end(), 0) != dims.end(); }

}  // namespace halftone
