// Attention: grouped heads, masks, causal limits, past keys and values. Formula: core/kernels/attention. Source: ONNX
// operator specification, Attention-23/24. Queries, keys, values are [batch, heads, rows, width], or
// [batch, rows, heads * width] with the numbers of heads as attributes.
#include <cmath>
#include <string>

#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/rare/attention_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// Sizes of one of Q, K, V: from rank 4, or rank 3 with a number of heads.
struct HeadShape {
  Dim batch, heads, rows, width;
};
Result<HeadShape> head_shape(const SymShape& shape, int64_t heads, std::string_view name) {
  if (!shape.has_rank()) return HeadShape{};
  if (shape.rank() == 4) return HeadShape{shape[0], shape[1], shape[2], shape[3]};
  if (shape.rank() != 3) return invalid_model(std::string(name) + " must have rank 3 or 4, not " + shape.to_string());
  if (heads < 1) return invalid_model("the number of heads is missing");
  HeadShape out{shape[0], Dim(heads), shape[1], Dim()};
  if (shape[2].known()) {
    if (shape[2].value % heads != 0) return invalid_model(std::string(name) + " does not divide into its heads");
    out.width = Dim(shape[2].value / heads);
  }
  return out;
}

Dim product(const Dim& a, const Dim& b) { return a.known() && b.known() ? Dim(a.value * b.value) : Dim(); }

Status infer_attention(InferContext& ctx) {
  const int64_t q_heads = ctx.node().int_attr("q_num_heads", 0), kv_heads = ctx.node().int_attr("kv_num_heads", 0);
  HT_ASSIGN(const HeadShape q, head_shape(ctx.shape(0), q_heads, "Q"));
  HT_ASSIGN(const HeadShape k, head_shape(ctx.shape(1), kv_heads, "K"));
  HT_ASSIGN(const HeadShape v, head_shape(ctx.shape(2), kv_heads, "V"));
  SymShape y;
  if (ctx.shape(0).has_rank()) {
    y = ctx.shape(0).rank() == 4 ? SymShape({q.batch, q.heads, q.rows, v.width})
                                 : SymShape({q.batch, q.rows, product(q.heads, v.width)});
  }
  ctx.set_output(0, ctx.dtype(0), std::move(y));
  Dim keys = k.rows;
  if (ctx.has_input(4)) {
    const SymShape& past = ctx.shape(4);
    const bool known = past.has_rank() && past.rank() == 4 && past[2].known() && keys.known();
    keys = known ? Dim(past[2].value + keys.value) : Dim();
  }
  ctx.set_output(1, ctx.dtype(1), SymShape({k.batch, k.heads, keys, k.width}));
  ctx.set_output(2, ctx.dtype(2), SymShape({v.batch, v.heads, keys, v.width}));
  ctx.set_output(3, ctx.dtype(0), SymShape({q.batch, q.heads, q.rows, keys}));
  return ok_status();
}

Result<HeadTensor> head_tensor(const RunContext& ctx, size_t i, int64_t heads) {
  const View& x = ctx.input(i);
  if (x.dtype != DType::kFloat) return unsupported("Attention of " + std::string(dtype_name(x.dtype)));
  HT_ASSIGN(const HeadShape s, head_shape(SymShape::of(x.dims), heads, i == 0 ? "Q" : i == 1 ? "K" : "V"));
  const auto layout = x.rank() == 4 ? HeadTensor::heads_first : HeadTensor::rows_first;
  return layout(x.as<float>(), s.batch.value, s.heads.value, s.rows.value, s.width.value);
}

// Keys (values) with the past in front, in the output where that is wanted, else in scratch where there is a past.
Result<HeadTensor> with_past(RunContext& ctx, const HeadTensor& now, size_t past_input, size_t output,
                             const OutputSpec& spec) {
  const bool wanted = output < ctx.output_count() && ctx.wants_output(output), past = ctx.has_input(past_input);
  if (!wanted && !past) return now;
  HeadTensor before;
  if (past) {
    const View& p = ctx.input(past_input);
    if (p.dtype != DType::kFloat || p.rank() != 4 || p.dims[0] != now.batch || p.dims[1] != now.heads ||
        p.dims[3] != now.width) {
      return invalid_model("the past " + to_string(p.dims) + " does not fit the new keys or values");
    }
    before = HeadTensor::heads_first(p.as<float>(), now.batch, now.heads, p.dims[2], now.width);
  }
  if (spec.dims != Dims{now.batch, now.heads, before.rows + now.rows, now.width}) {
    return invalid_model("past keys and values have different lengths");
  }
  float* to = nullptr;
  if (wanted) {
    HT_ASSIGN(MutView view, ctx.output(output, DType::kFloat, spec.dims));
    to = view.as<float>();
  } else {
    HT_ASSIGN(void* block, ctx.scratch(*element_count(spec.dims) * static_cast<int64_t>(sizeof(float))));
    to = static_cast<float*>(block);
  }
  join_rows(before, now, to);
  return HeadTensor::heads_first(to, now.batch, now.heads, before.rows + now.rows, now.width);
}

// How far each batch's queries see: everything, or up to their own key.
Status set_limits(const RunContext& ctx, AttentionPlan& plan, int64_t past) {
  const bool causal = ctx.node().int_attr("is_causal", 0) != 0;
  if (ctx.has_input(6)) {
    HT_ASSIGN(plan.visible_keys, int_input(ctx, 6));
    if (static_cast<int64_t>(plan.visible_keys.size()) != plan.q.batch) {
      return invalid_model("nonpad_kv_seqlen must hold one number per batch");
    }
  }
  if (!causal) return ok_status();
  for (int64_t b = 0; b < plan.q.batch; ++b) {
    const bool outside = !ctx.has_input(4) && !plan.visible_keys.empty();
    plan.reach.push_back(outside ? plan.visible_keys[static_cast<size_t>(b)] - plan.q.rows : past);
  }
  return ok_status();
}

Status run_attention(RunContext& ctx) {
  const Node& node = ctx.node();
  const int64_t q_heads = node.int_attr("q_num_heads", 0), kv_heads = node.int_attr("kv_num_heads", 0);
  AttentionPlan plan;
  HT_ASSIGN(plan.q, head_tensor(ctx, 0, q_heads));
  HT_ASSIGN(const HeadTensor k, head_tensor(ctx, 1, kv_heads));
  HT_ASSIGN(const HeadTensor v, head_tensor(ctx, 2, kv_heads));
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_attention));
  HT_ASSIGN(plan.k, with_past(ctx, k, 4, 1, specs[1]));
  HT_ASSIGN(plan.v, with_past(ctx, v, 5, 2, specs[2]));
  plan.scale = node.float_attr("scale", 1.0f / std::sqrt(static_cast<float>(plan.q.width)));
  plan.softcap = node.float_attr("softcap", 0);
  if (ctx.has_input(3)) {
    HT_ASSIGN(plan.bias, head_bias(ctx, ctx.input(3), plan.q.batch, plan.q.heads, plan.q.rows, plan.k.rows));
  }
  HT_TRY(set_limits(ctx, plan, plan.k.rows - k.rows));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, specs[0].dims));
  plan.y = y.as<float>();
  plan.rows_first = ctx.input(0).rank() == 3;
  if (ctx.output_count() > 3 && ctx.wants_output(3)) {
    HT_ASSIGN(MutView scores, ctx.output(3, DType::kFloat, specs[3].dims));
    plan.scores_out = scores.as<float>();
    const int64_t mode = node.int_attr("qk_matmul_output_mode", 0);
    if (mode < 0 || mode > 3) return invalid_model("qk_matmul_output_mode must be 0 to 3");
    plan.stage = static_cast<ScoreStage>(mode);
  }
  return run_attention_plan(ctx, plan);
}

// Products of queries with keys and of scores with values.
Cost attention_cost(const CostContext& ctx) {
  const SymShape &q = ctx.inputs[0], &k = ctx.inputs[1];
  if (!q.has_rank() || !k.has_rank() || k.rank() < 3) return {};
  const Dim& keys = k[k.rank() == 4 ? 2 : 1];
  return Cost{.macs = saturating_size(q, keys.known() ? 2 * keys.value : 2)};
}

}  // namespace

std::span<const OpDef> attention_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "Attention",
       .since = 23,
       .schema = {3, 7, 1, 4},
       .infer = infer_attention,
       .run = in_single<run_attention>,
       .cost = attention_cost},
  };
  return kOps;
}

}  // namespace halftone
