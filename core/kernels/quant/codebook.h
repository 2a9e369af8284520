// Numbers as indices of the nearest of a few sorted levels times a scale.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace halftone {

class Codebook {
 public:
  // levels: sorted, 1 to 256.
  explicit Codebook(std::span<const float> levels);

  const std::vector<float>& levels() const { return levels_; }
  // Sum of (x - scale * level)^2. scale > 0.
  double error(const float* x, int64_t n, float scale) const;
  void indices(const float* x, int64_t n, float scale, uint8_t* out) const;

 private:
  int index(float v) const;

  std::vector<float> levels_;
  std::vector<float> middles_;  // between neighbours, filled up to a power of two less one by infinity
  int half_ = 0;                // half of that power
};

}  // namespace halftone
