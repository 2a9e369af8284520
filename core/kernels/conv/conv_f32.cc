#include "core/kernels/conv/conv_f32.h"

#include <algorithm>

#include "core/kernels/conv/reference.h"

namespace halftone {

int64_t conv_f32_scratch_bytes(const ConvGeometry&) { return 0; }

void conv_f32(const ConvGeometry& g, const ConvF32& a, void*) {
  conv_reference<float>(
      g, a.x, a.w, 0, [](int64_t) { return 0; },
      [&](int64_t i, int64_t f, float acc) {
        a.y[i] = std::min(std::max(acc + (a.bias ? a.bias[f] : 0.0f), a.lo), a.hi);
      });
}

}  // namespace halftone
