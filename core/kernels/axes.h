// Spatial axes of windowed kernels, right-aligned to (depth, height, width): unused leading axes are 1 (pads 0).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace halftone {

using Axes3 = std::array<int64_t, 3>;

struct Span {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
};

// Outputs o in [0, out) for which o * stride + offset lies in [0, in).
inline Span inside_span(int64_t in, int64_t out, int64_t stride, int64_t offset) {
  const int64_t begin = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  const int64_t end = offset >= in ? 0 : (in - 1 - offset) / stride + 1;
  const int64_t first = std::min(begin, out);
  return {first, std::max(first, std::min(end, out))};
}

}  // namespace halftone
