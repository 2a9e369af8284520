// Softmax over the middle axis of x [outer, n, inner]: y = exp(x - max) / sum(exp(x - max)); log_softmax:
// y = x - max - log(sum(exp(x - max))). x and y may be the same array.
#pragma once

#include <cstdint>

namespace halftone {

void softmax_f32(const float* x, int64_t outer, int64_t n, int64_t inner, float* y);
void log_softmax_f32(const float* x, int64_t outer, int64_t n, int64_t inner, float* y);
void softmax_f64(const double* x, int64_t outer, int64_t n, int64_t inner, bool log, double* y);

}  // namespace halftone
