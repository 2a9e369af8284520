// Softmax in blocks of columns, each with its maximum and sum; see the header.
#include "core/kernels/reduce/softmax.h"

#include <algorithm>

#include "core/kernels/eltwise/math.h"
#include "core/kernels/eltwise/math_double.h"
#include "core/kernels/rare.h"

namespace halftone {
namespace {

// One column, dense: lanes keep the sum's order fixed and let the loops vectorize.
template <bool kLog>
void softmax_row(const float* x, int64_t n, float* y) {
  constexpr int kLanes = 8;
  float top = x[0];
  for (int64_t i = 1; i < n; ++i) top = x[i] > top ? x[i] : top;
  float lanes[kLanes] = {};
  int64_t i = 0;
  if constexpr (kLog) {
    for (; i + kLanes <= n; i += kLanes) {
      for (int k = 0; k < kLanes; ++k) lanes[k] += exp_f(x[i + k] - top);
    }
    for (; i < n; ++i) lanes[0] += exp_f(x[i] - top);
  } else {
    for (int64_t j = 0; j < n; ++j) y[j] = exp_f(x[j] - top);
    for (; i + kLanes <= n; i += kLanes) {
      for (int k = 0; k < kLanes; ++k) lanes[k] += y[i + k];
    }
    for (; i < n; ++i) lanes[0] += y[i];
  }
  float sum = 0;
  for (float lane : lanes) sum += lane;
  if constexpr (kLog) {
    const float log_sum = log_f(sum);
    for (int64_t j = 0; j < n; ++j) y[j] = (x[j] - top) - log_sum;
  } else {
    const float scale = 1.0f / sum;
    for (int64_t j = 0; j < n; ++j) y[j] *= scale;
  }
}

constexpr int64_t kBlock = 32;

// `width` columns beside each other.
template <bool kLog>
void softmax_block(const float* x, int64_t n, int64_t inner, int64_t width, float* y) {
  float top[kBlock], sum[kBlock] = {};
  std::copy_n(x, width, top);
  for (int64_t k = 1; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) top[j] = x[k * inner + j] > top[j] ? x[k * inner + j] : top[j];
  }
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) {
      const float shifted = x[k * inner + j] - top[j], e = exp_f(shifted);
      y[k * inner + j] = kLog ? shifted : e;
      sum[j] += e;
    }
  }
  for (int64_t j = 0; j < width; ++j) sum[j] = kLog ? log_f(sum[j]) : 1.0f / sum[j];
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) {
      y[k * inner + j] = kLog ? y[k * inner + j] - sum[j] : y[k * inner + j] * sum[j];
    }
  }
}

template <bool kLog>
void softmax(const float* x, int64_t outer, int64_t n, int64_t inner, float* y) {
  if (n == 0) return;
  for (int64_t o = 0; o < outer; ++o, x += n * inner, y += n * inner) {
    if (inner == 1) {
      softmax_row<kLog>(x, n, y);
    } else {
      for (int64_t j = 0; j < inner; j += kBlock) {
        softmax_block<kLog>(x + j, n, inner, std::min(kBlock, inner - j), y + j);
      }
    }
  }
}

}  // namespace

void softmax_f32(const float* x, int64_t outer, int64_t n, int64_t inner, float* y) {
  softmax<false>(x, outer, n, inner, y);
}
void log_softmax_f32(const float* x, int64_t outer, int64_t n, int64_t inner, float* y) {
  softmax<true>(x, outer, n, inner, y);
}
HT_RARE void softmax_f64(const double* x, int64_t outer, int64_t n, int64_t inner, bool log, double* y) {
  for (int64_t i = 0; i < outer * inner; ++i) {
    const int64_t first = i / inner * n * inner + i % inner, end = first + n * inner;
    double top = -kInfinity, sum = 0;
    for (int64_t k = first; k < end; k += inner) top = x[k] > top ? x[k] : top;
    for (int64_t k = first; k < end; k += inner) sum += exp_d(x[k] - top);
    const double log_sum = log_d(sum);
    for (int64_t k = first; k < end; k += inner) {
      y[k] = log ? (x[k] - top) - log_sum : exp_d(x[k] - top) / sum;
    }
  }
}

}  // namespace halftone
