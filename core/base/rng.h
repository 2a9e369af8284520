// Seeded random numbers, the same stream on every platform and build.
// Formula: SplitMix64 (Steele, Lea, Flood 2014): z = (s += 0x9e3779b97f4a7c15), then two xor-multiply mixes.
#pragma once

#include <cstdint>

namespace halftone {

class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
  }

  // Uniform in [0, 1), 24 bits: exact in float.
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }

  // Uniform in [0, n), n > 0, by multiply-shift (bias below 2^-32 for n < 2^32).
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(((next() >> 32) * n) >> 32); }

  // Approximately standard normal: sum of twelve uniforms minus six (exact additions only, no libm).
  float normal() {
    float sum = 0;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum - 6;
  }

 private:
  uint64_t state_;
};

}  // namespace halftone
