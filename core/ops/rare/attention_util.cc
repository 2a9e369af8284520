// Heads, masks and the loop over heads; see the header.
#include "core/ops/rare/attention_util.h"

#include <algorithm>
#include <limits>
#include <string>

#include "core/base/checked.h"
#include "core/ops/infer_util.h"

namespace halftone {
namespace {

constexpr int64_t kFloat = static_cast<int64_t>(sizeof(float));

Status check_sizes(const AttentionPlan& p) {
  const bool fits = p.q.batch == p.k.batch && p.k.batch == p.v.batch && p.q.width == p.k.width &&
                    p.k.rows == p.v.rows && p.k.heads == p.v.heads && p.k.heads > 0 && p.q.heads % p.k.heads == 0;
  return fits ? ok_status() : invalid_model("queries, keys and values of attention do not fit each other");
}

}  // namespace

HeadTensor HeadTensor::heads_first(const float* data, int64_t batch, int64_t heads, int64_t rows, int64_t width) {
  return {data, batch, heads, rows, width, heads * rows * width, rows * width, width};
}

HeadTensor HeadTensor::rows_first(const float* data, int64_t batch, int64_t heads, int64_t rows, int64_t width) {
  return {data, batch, heads, rows, width, heads * rows * width, width, heads * width};
}

void join_rows(const HeadTensor& past, const HeadTensor& now, float* out) {
  const int64_t before = past.data == nullptr ? 0 : past.rows;
  for (int64_t i = 0; i < now.batch * now.heads; ++i) {
    const int64_t b = i / now.heads, h = i % now.heads;
    for (const auto& [tensor, rows] : {std::pair(&past, before), std::pair(&now, now.rows)}) {
      const float* from = tensor->data + b * tensor->batch_step + h * tensor->head_step;
      for (int64_t r = 0; r < rows; ++r, out += now.width) std::copy_n(from + r * tensor->row_step, now.width, out);
    }
  }
}

Result<HeadBias> head_bias(RunContext& ctx, const View& mask, int64_t batch, int64_t heads, int64_t queries,
                           int64_t keys) {
  if (mask.rank() < 1 || mask.rank() > 4) return invalid_model("a mask of rank " + std::to_string(mask.rank()));
  HeadBias bias;
  if (mask.dtype == DType::kFloat) {
    bias.data = mask.as<float>();
  } else if (mask.dtype == DType::kBool) {
    HT_ASSIGN(void* block, ctx.scratch(mask.size() * kFloat));
    float* to = static_cast<float*>(block);
    std::transform(mask.as<bool>(), mask.as<bool>() + mask.size(), to,
                   [](bool seen) { return seen ? 0.0f : -std::numeric_limits<float>::infinity(); });
    bias.data = to;
  } else {
    return unsupported("a mask of " + std::string(dtype_name(mask.dtype)));
  }
  const Dims strides = row_major_strides(mask.dims);
  const int64_t sizes[] = {batch, heads, queries, keys};
  int64_t* steps[] = {&bias.batch_step, &bias.head_step, &bias.row_step, &bias.key_step};
  bias.keys = keys;
  for (int64_t i = 0; i < mask.rank(); ++i) {
    const size_t at = static_cast<size_t>(4 - mask.rank() + i);
    const int64_t n = mask.dims[static_cast<size_t>(i)];
    const bool shorter = at == 3 && n != 1 && n < keys;
    if (n != 1 && n != sizes[at] && !shorter) {
      return invalid_model("the mask " + to_string(mask.dims) + " does not broadcast to " + to_string(sizes));
    }
    if (n != 1) *steps[at] = strides[static_cast<size_t>(i)];
    if (shorter) bias.keys = n;
  }
  return bias;
}

Status run_attention_plan(RunContext& ctx, const AttentionPlan& p) {
  HT_TRY(check_sizes(p));
  const int64_t queries = p.q.rows, keys = p.k.rows, width = p.v.width;
  const auto scores = checked_product({{queries, keys, kFloat}});
  if (!scores || *scores > kMaxBytes) {
    return Error{ErrorCode::kOutOfMemory, "The attention scores do not fit into memory.", "", "Use shorter inputs."};
  }
  HT_ASSIGN(void* block, ctx.scratch(attention_scratch(queries, keys, p.q.width, width) * kFloat));
  const HeadTensor y = p.rows_first ? HeadTensor::rows_first(p.y, p.q.batch, p.q.heads, queries, width)
                                    : HeadTensor::heads_first(p.y, p.q.batch, p.q.heads, queries, width);
  for (int64_t b = 0; b < p.q.batch; ++b) {
    for (int64_t h = 0; h < p.q.heads; ++h) {
      const int64_t shared = h / (p.q.heads / p.k.heads);
      AttentionHead head{.q = p.q.head(b, h), .k = p.k.head(b, shared), .v = p.v.head(b, shared)};
      head.scale = p.scale;
      head.softcap = p.softcap;
      if (p.bias.data != nullptr) head.bias = p.bias.data + b * p.bias.batch_step + h * p.bias.head_step;
      head.bias_step = p.bias.row_step;
      head.bias_key_step = p.bias.key_step;
      head.bias_keys = p.bias.keys;
      head.visible_keys = p.visible_keys.empty() ? keys : p.visible_keys[static_cast<size_t>(b)];
      head.reach = p.reach.empty() ? keys : p.reach[static_cast<size_t>(b)];
      head.window = p.window;
      head.y = p.y + b * y.batch_step + h * y.head_step;
      head.y_step = y.row_step;
      if (p.scores_out != nullptr) head.scores_out = p.scores_out + (b * p.q.heads + h) * queries * keys;
      head.stage = p.stage;
      attention_head(head, static_cast<float*>(block));
    }
  }
  return ok_status();
}

}  // namespace halftone
