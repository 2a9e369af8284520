// What the attention operators share: heads as strided rows of a tensor, past keys and values in front of the new ones,
// masks as float biases, and the loop over batch and heads.
#pragma once

#include <span>
#include <vector>

#include "core/kernels/attention/attention_f32.h"
#include "core/ops/op_def.h"

namespace halftone {

// A tensor of heads: [batch, heads, rows, width], or [batch, rows, heads * width].
struct HeadTensor {
  const float* data = nullptr;
  int64_t batch = 0, heads = 0, rows = 0, width = 0;
  int64_t batch_step = 0, head_step = 0, row_step = 0;

  static HeadTensor heads_first(const float* data, int64_t batch, int64_t heads, int64_t rows, int64_t width);
  static HeadTensor rows_first(const float* data, int64_t batch, int64_t heads, int64_t rows, int64_t width);
  HeadRows head(int64_t b, int64_t h) const { return {data + b * batch_step + h * head_step, rows, width, row_step}; }
};

// `past` (may be absent: data = nullptr) and then `now` in `out` [batch, heads, past + now rows, width].
void join_rows(const HeadTensor& past, const HeadTensor& now, float* out);

// A mask that broadcasts to [batch, heads, queries, keys], as floats to add; a last dim below `keys` hides the rest.
struct HeadBias {
  const float* data = nullptr;
  int64_t batch_step = 0, head_step = 0, row_step = 0, key_step = 0, keys = 0;
};
// Bool masks become 0 and -infinity in scratch. Errors: kInvalidModel, kUnsupportedOperator.
Result<HeadBias> head_bias(RunContext& ctx, const View& mask, int64_t batch, int64_t heads, int64_t queries,
                           int64_t keys);

struct AttentionPlan {
  HeadTensor q, k, v;  // k and v may have fewer heads than q: each serves a group
  float scale = 1, softcap = 0;
  HeadBias bias;
  std::vector<int64_t> visible_keys, reach;  // per batch; empty: all keys
  int64_t window = -1;
  float* y = nullptr;  // laid out like q, but of v's width
  bool rows_first = false;
  float* scores_out = nullptr;  // [batch, heads, queries, keys]
  ScoreStage stage = ScoreStage::kProduct;
};
// Errors: kInvalidModel where sizes do not agree, kOutOfMemory.
Status run_attention_plan(RunContext& ctx, const AttentionPlan& plan);

}  // namespace halftone
