// Loops of the normalization operators, float. Mean and variance are accumulated in double over eight lanes, in a fixed
// order; variance is that of the population.
#pragma once

#include <cstdint>

namespace halftone {

struct Moments {
  double mean = 0, variance = 0;
};
Moments moments_f32(const float* x, int64_t n);

// Mean of squares.
double mean_square_f32(const float* x, int64_t n);

// y = x * scale + shift.
void scale_shift_f32(const float* x, int64_t n, float scale, float shift, float* y);

// y = (x - mean) * factor * scale[i] + shift[i]; scale and shift may be null (1 and 0).
void normalize_f32(const float* x, int64_t n, float mean, float factor, const float* scale, const float* shift,
                   float* y);

// Local response normalization of x [channels, plane]: y = x / (bias + alpha / size * sum(x^2))^beta, the sum over
// `size` neighbouring channels.
void local_response_f32(const float* x, int64_t channels, int64_t plane, int64_t size, float alpha, float beta,
                        float bias, float* y);

}  // namespace halftone
