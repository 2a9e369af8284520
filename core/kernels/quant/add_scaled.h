// y += factor * x, which rounding does with rows of a Hessian or of its factor.
#pragma once

#include <cstdint>

#include "core/kernels/simd.h"

namespace halftone {

inline void add_scaled(float* y, const float* x, float factor, int64_t n) {
  int64_t i = 0;
  const f32x4 f = splat(factor);
  for (; i + 4 <= n; i += 4) store(y + i, load<f32x4>(y + i) + f * load<f32x4>(x + i));
  for (; i < n; ++i) y[i] += factor * x[i];
}

}  // namespace halftone
