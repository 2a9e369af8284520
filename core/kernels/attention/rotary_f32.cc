// Rotary position embedding.
#include "core/kernels/attention/rotary_f32.h"

#include <algorithm>

namespace halftone {

void rotate_f32(const Rotary& r, const float* x, float* y) {
  const int64_t half = r.rotary / 2, step = r.interleaved ? 2 : 1, apart = r.interleaved ? 1 : half;
  for (int64_t i = 0; i < r.batch * r.heads * r.rows; ++i) {
    const int64_t b = i / (r.heads * r.rows), h = i / r.rows % r.heads, row = i % r.rows;
    const int64_t at = b * r.batch_step + h * r.head_step + row * r.row_step, token = b * r.rows + row;
    const int64_t place = (r.positions == nullptr ? token : r.positions[token]) * half;
    for (int64_t k = 0; k < half; ++k) {
      const float c = r.cos[place + k], s = r.sin[place + k];
      const float first = x[at + k * step], second = x[at + k * step + apart];
      y[at + k * step] = first * c - second * s;
      y[at + k * step + apart] = second * c + first * s;
    }
    std::copy_n(x + at + r.rotary, r.width - r.rotary, y + at + r.rotary);
  }
}

}  // namespace halftone
