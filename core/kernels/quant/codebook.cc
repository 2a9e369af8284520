// Binary search without branches over the midpoints.
#include "core/kernels/quant/codebook.h"

#include <bit>
#include <limits>

namespace halftone {

Codebook::Codebook(std::span<const float> levels) : levels_(levels.begin(), levels.end()) {
  for (size_t i = 1; i < levels_.size(); ++i) middles_.push_back(levels_[i - 1] + (levels_[i] - levels_[i - 1]) / 2);
  const size_t whole = std::bit_ceil(levels_.size());
  middles_.resize(whole - 1, std::numeric_limits<float>::infinity());
  half_ = static_cast<int>(whole / 2);
}

// How many midpoints are below v.
int Codebook::index(float v) const {
  int at = 0;
  for (int step = half_; step > 0; step /= 2) at += v > middles_[static_cast<size_t>(at + step - 1)] ? step : 0;
  return at;
}

double Codebook::error(const float* x, int64_t n, float scale) const {
  const float inverse = 1 / scale;
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    const float e = x[i] - levels_[static_cast<size_t>(index(x[i] * inverse))] * scale;
    sum += static_cast<double>(e) * e;
  }
  return sum;
}

void Codebook::indices(const float* x, int64_t n, float scale, uint8_t* out) const {
  const float inverse = 1 / scale;
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<uint8_t>(index(x[i] * inverse));
}

}  // namespace halftone
