// Where the elements that a strip of output pixels needs lie: staged, or (pointwise) in the input itself.
#pragma once

#include <array>

#include "core/kernels/conv/geometry.h"

namespace halftone {

inline constexpr int64_t kStrip = 8;  // output pixels of a strip

template <typename T>
struct Source {
  const T* base;
  const int64_t* taps;   // offset of each tap
  int64_t row_pixels;    // pixels that follow each other in memory
  int64_t output_pitch;  // elements from one such row to the next

  int64_t offset(int64_t pixel) const { return pixel / row_pixels * output_pitch + pixel % row_pixels; }
};

// Offsets of the pixels [first, first + count); the strip's pixels beyond count repeat the last one.
struct StripPixels {
  std::array<int64_t, kStrip> offset;
  bool consecutive;
};

template <typename T>
StripPixels strip_pixels(const Source<T>& source, int64_t first, int64_t count) {
  StripPixels strip;
  for (int64_t i = 0; i < kStrip; ++i) {
    strip.offset[static_cast<size_t>(i)] = source.offset(first + std::min(i, count - 1));
  }
  strip.consecutive = count == kStrip && strip.offset[kStrip - 1] == strip.offset[0] + kStrip - 1 &&
                      first / source.row_pixels == (first + kStrip - 1) / source.row_pixels;
  return strip;
}

}  // namespace halftone
