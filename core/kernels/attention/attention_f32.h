// Scaled dot-product attention of one head, float: scores = cap(scale * q k^T) + bias, limited to the keys a query may
// see; y = softmax(scores) v. cap(s) = c * tanh(s / c). A query that sees no key gives zeros.
// Source: Vaswani et al. 2017; ONNX Attention-23/24. Two matrix products (core/kernels/gemm) and a row loop between.
#pragma once

#include <cstdint>

namespace halftone {

// A matrix [rows][width], `step` floats from row to row.
struct HeadRows {
  const float* data = nullptr;
  int64_t rows = 0, width = 0, step = 0;
};

enum class ScoreStage : uint8_t { kProduct, kCapped, kBiased, kSoftmax };

struct AttentionHead {
  HeadRows q, k, v;  // q.width == k.width, k.rows == v.rows
  float scale = 1, softcap = 0;
  // Added to scores: [q.rows][bias_keys] with these steps (0 repeats); keys from bias_keys on are hidden.
  const float* bias = nullptr;
  int64_t bias_step = 0, bias_key_step = 1, bias_keys = 0;
  // Query i sees key j where j < visible_keys and first_key(i) <= j <= i + reach.
  int64_t visible_keys = 0, reach = 0;
  int64_t window = -1;  // keys a query sees at most, its own included; -1: all
  float* y = nullptr;
  int64_t y_step = 0;
  float* scores_out = nullptr;  // [q.rows][k.rows], the scores at a stage; nullptr: not wanted
  ScoreStage stage = ScoreStage::kProduct;
};

// Floats of scratch for a head of these sizes.
int64_t attention_scratch(int64_t queries, int64_t keys, int64_t width, int64_t value_width);
void attention_head(const AttentionHead& head, float* scratch);

}  // namespace halftone
