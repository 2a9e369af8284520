// Softmax in blocks of columns, each with its maximum and sum; see the header.
#include "core/kernels/reduce/softmax.h"

#include <algorithm>

#include "core/kernels/eltwise/math.h"
#include "core/kernels/eltwise/math_double.h"
#include "core/kernels/rare.h"

namespace halftone {
namespace {

float exp_of(float x) { return exp_f(x); }
double exp_of(double x) { return exp_d(x); }
float log_of(float x) { return log_f(x); }
double log_of(double x) { return log_d(x); }

// One column, dense: lanes keep the sum's order fixed and let the loops vectorize.
template <typename T, bool kLog>
void softmax_row(const T* x, int64_t n, T* y) {
  constexpr int kLanes = 8;
  T top = x[0];
  for (int64_t i = 1; i < n; ++i) top = x[i] > top ? x[i] : top;
  T lanes[kLanes] = {};
  int64_t i = 0;
  if constexpr (kLog) {
    for (; i + kLanes <= n; i += kLanes) {
      for (int k = 0; k < kLanes; ++k) lanes[k] += exp_of(x[i + k] - top);
    }
    for (; i < n; ++i) lanes[0] += exp_of(x[i] - top);
  } else {
    for (int64_t j = 0; j < n; ++j) y[j] = exp_of(x[j] - top);
    for (; i + kLanes <= n; i += kLanes) {
      for (int k = 0; k < kLanes; ++k) lanes[k] += y[i + k];
    }
    for (; i < n; ++i) lanes[0] += y[i];
  }
  T sum = 0;
  for (T lane : lanes) sum += lane;
  if constexpr (kLog) {
    const T log_sum = log_of(sum);
    for (int64_t j = 0; j < n; ++j) y[j] = (x[j] - top) - log_sum;
  } else {
    const T scale = T(1) / sum;
    for (int64_t j = 0; j < n; ++j) y[j] *= scale;
  }
}

constexpr int64_t kBlock = 32;

// `width` columns beside each other.
template <typename T, bool kLog>
void softmax_block(const T* x, int64_t n, int64_t inner, int64_t width, T* y) {
  T top[kBlock], sum[kBlock] = {};
  std::copy_n(x, width, top);
  for (int64_t k = 1; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) top[j] = x[k * inner + j] > top[j] ? x[k * inner + j] : top[j];
  }
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) {
      const T shifted = x[k * inner + j] - top[j], e = exp_of(shifted);
      y[k * inner + j] = kLog ? shifted : e;
      sum[j] += e;
    }
  }
  for (int64_t j = 0; j < width; ++j) sum[j] = kLog ? log_of(sum[j]) : T(1) / sum[j];
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) {
      y[k * inner + j] = kLog ? y[k * inner + j] - sum[j] : y[k * inner + j] * sum[j];
    }
  }
}

template <typename T, bool kLog>
void softmax(const T* x, int64_t outer, int64_t n, int64_t inner, T* y) {
  if (n == 0) return;
  for (int64_t o = 0; o < outer; ++o, x += n * inner, y += n * inner) {
    if (inner == 1) {
      softmax_row<T, kLog>(x, n, y);
    } else {
      for (int64_t j = 0; j < inner; j += kBlock) {
        softmax_block<T, kLog>(x + j, n, inner, std::min(kBlock, inner - j), y + j);
      }
    }
  }
}

}  // namespace

void softmax_f32(const float* x, int64_t outer, int64_t n, int64_t inner, float* y) {
  softmax<float, false>(x, outer, n, inner, y);
}
void log_softmax_f32(const float* x, int64_t outer, int64_t n, int64_t inner, float* y) {
  softmax<float, true>(x, outer, n, inner, y);
}
HT_RARE void softmax_f64(const double* x, int64_t outer, int64_t n, int64_t inner, double* y) {
  softmax<double, false>(x, outer, n, inner, y);
}
HT_RARE void log_softmax_f64(const double* x, int64_t outer, int64_t n, int64_t inner, double* y) {
  softmax<double, true>(x, outer, n, inner, y);
}

}  // namespace halftone
