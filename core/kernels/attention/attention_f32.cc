// One head of attention.
#include "core/kernels/attention/attention_f32.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/kernels/eltwise/unary.h"
#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/reduce/softmax.h"

namespace halftone {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

void multiply(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* packed, float* c,
              int64_t ldc) {
  gemm_f32({.m = m,
            .n = n,
            .k = k,
            .a = a,
            .lda = lda,
            .b = packed,
            .c = c,
            .ldc = ldc,
            .accumulate = false,
            .bias = nullptr,
            .lo = -kInfinity,
            .hi = kInfinity});
}

void cap_scores(float cap, float* scores, int64_t n) {
  const UnaryRow tanh_row = unary_row(Unary::kTanh, DType::kFloat);
  for (int64_t i = 0; i < n; ++i) scores[i] /= cap;
  tanh_row(scores, scores, n, {});
  for (int64_t i = 0; i < n; ++i) scores[i] *= cap;
}

// Bias, and -infinity where query i does not look.
void mask_row(const AttentionHead& a, int64_t i, float* row) {
  if (a.bias != nullptr) {
    const float* bias = a.bias + i * a.bias_step;
    for (int64_t j = 0; j < std::min(a.bias_keys, a.k.rows); ++j) row[j] += bias[j * a.bias_key_step];
  }
  int64_t end = std::min({a.k.rows, a.visible_keys, i + a.reach + 1});
  if (a.bias != nullptr) end = std::min(end, a.bias_keys);
  end = std::max<int64_t>(end, 0);
  const int64_t begin = a.window < 0 ? 0 : std::clamp<int64_t>(i + a.reach + 1 - a.window, 0, end);
  std::fill(row, row + begin, -kInfinity);
  std::fill(row + end, row + a.k.rows, -kInfinity);
}

void softmax_row(float* row, int64_t n) {
  if (std::all_of(row, row + n, [](float v) { return v == -kInfinity; })) {
    std::fill_n(row, n, 0.0f);
  } else {
    softmax_f32(row, 1, n, 1, row);
  }
}

}  // namespace

int64_t attention_scratch(int64_t queries, int64_t keys, int64_t width, int64_t value_width) {
  return queries * keys + std::max(packed_b_f32_size(width, keys), packed_b_f32_size(keys, value_width));
}

void attention_head(const AttentionHead& a, float* scratch) {
  const int64_t queries = a.q.rows, keys = a.k.rows, size = queries * keys;
  float *scores = scratch, *packed = scratch + size;
  const auto hand_out = [&](ScoreStage stage) {
    if (a.scores_out != nullptr && a.stage == stage) std::copy_n(scores, size, a.scores_out);
  };
  pack_b_f32(a.k.data, a.k.width, keys, 1, a.k.step, a.scale, packed);
  multiply(queries, keys, a.q.width, a.q.data, a.q.step, packed, scores, keys);
  hand_out(ScoreStage::kProduct);
  if (a.softcap > 0) cap_scores(a.softcap, scores, size);
  hand_out(ScoreStage::kCapped);
  for (int64_t i = 0; i < queries; ++i) mask_row(a, i, scores + i * keys);
  hand_out(ScoreStage::kBiased);
  for (int64_t i = 0; i < queries; ++i) softmax_row(scores + i * keys, keys);
  hand_out(ScoreStage::kSoftmax);
  pack_b_f32(a.v.data, keys, a.v.width, a.v.step, 1, 1.0f, packed);
  multiply(queries, a.v.width, keys, scores, keys, packed, a.y, a.y_step);
}

}  // namespace halftone
