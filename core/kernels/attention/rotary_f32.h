// Rotary position embedding (Su et al. 2021): pairs (a, b) of a head's first `rotary` elements turn by the angle of
// their position, (a cos - b sin, b cos + a sin). Pairs are `rotary / 2` apart, or neighbours where interleaved.
#pragma once

#include <cstdint>

namespace halftone {

struct Rotary {
  int64_t batch = 0, heads = 0, rows = 0, width = 0;
  int64_t batch_step = 0, head_step = 0, row_step = 0;  // of x and y
  int64_t rotary = 0;
  const float *cos = nullptr, *sin = nullptr;  // rows of rotary / 2
  const int64_t* positions = nullptr;          // [batch, rows]: rows of cos and sin; nullptr: one after the other
  bool interleaved = false;
};

// x and y do not overlap, unless they are the same.
void rotate_f32(const Rotary& r, const float* x, float* y);

}  // namespace halftone
