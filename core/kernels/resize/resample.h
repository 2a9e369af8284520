// Resampling along one axis: each output element is a weighted sum of a few input elements. Linear and cubic
// interpolation, with or without antialiasing, are tables of such taps; several axes are resampled one after the other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace halftone {

struct Taps {
  int64_t per_output = 0;
  std::vector<int64_t> index;  // per_output entries for each output element, inside the input
  std::vector<float> weight;
};

enum class Filter : uint8_t { kLinear, kCubic };

struct FilterOptions {
  Filter filter = Filter::kLinear;
  double cubic_a = -0.75;        // the cubic's one coefficient (Keys 1981)
  bool exclude_outside = false;  // taps beyond the edge get weight 0 instead of the edge's element
  bool antialias = false;        // a filter stretched by 1/scale where the output is smaller
};

// Taps for outputs at these places (in input elements, any real number); `n` input elements, output / input = scale.
Taps make_taps(std::span<const double> places, int64_t n, double scale, const FilterOptions& options);

// x [outer, n, inner] -> y [outer, taps, inner], dense.
void resample_axis_f32(const float* x, int64_t outer, int64_t n, int64_t inner, const Taps& taps, float* y);

}  // namespace halftone
