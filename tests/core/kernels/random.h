// Seeded random data for kernel tests.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/rng.h"

namespace halftone {

inline std::vector<float> random_floats(Rng& rng, int64_t n, float low = -1, float high = 1) {
  std::vector<float> v(static_cast<size_t>(n));
  for (float& x : v) x = rng.uniform(low, high);
  return v;
}

// Uniform over [low, high].
template <typename T>
std::vector<T> random_ints(Rng& rng, int64_t n, int32_t low, int32_t high) {
  std::vector<T> v(static_cast<size_t>(n));
  for (T& x : v) x = static_cast<T>(low + static_cast<int32_t>(rng.below(static_cast<uint32_t>(high - low + 1))));
  return v;
}

}  // namespace halftone
