// How well codes of an integer grid can stand for numbers under given parameters, and one step of getting better
// parameters: the inner loops of searches over scales.
// Formula: q = clamp(round_half_even(x / scale) + zero, lowest, highest); x' = (q - zero) * scale.
// Half-quadratic step: e = shrink(x - x'), shrink(v) = sign(v) max(0, |v| - |v|^(p-1) / beta), the part of the error
// that is taken for outliers; the sums give the zero point and the scale that fit x - e best under the same codes.
// Reference: Badri, Shaji 2023, "Half-Quadratic Quantization of Large Machine Learning Models" (HQQ).
#pragma once

#include <cstdint>

namespace halftone {

struct GridFit {
  float scale = 1, zero = 0;  // zero need not be whole
  float lowest = -128, highest = 127;
};

// Sum of (x - x')^2.
double grid_error(const float* x, int64_t n, const GridFit& fit);
void grid_codes(const float* x, int64_t n, const GridFit& fit, int16_t* codes);

struct HalfQuadraticSums {
  double error = 0;                // (x - x')^2
  double zero = 0;                 // q - (x - e) / scale
  double product = 0, square = 0;  // (q - zero) (x - e), (q - zero)^2
};
HalfQuadraticSums half_quadratic_step(const float* x, int64_t n, const GridFit& fit, float p, float beta);

}  // namespace halftone
