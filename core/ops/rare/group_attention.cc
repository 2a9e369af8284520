// GroupQueryAttention of com.microsoft: what exporters of language models write. Queries of many heads share the keys
// of few; rotations are applied on the way; new keys and values go behind the past ones of each sequence. Formula:
// core/kernels/attention. Source: onnxruntime, docs/ContribOperators.md. Inputs: query, key, value, past_key,
// past_value, seqlens_k (valid keys - 1, per batch), total_sequence_length, cos_cache, sin_cache. Without key and value
// the query holds all three side by side.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "core/kernels/attention/rotary_f32.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/rare/attention_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

struct Groups {
  int64_t batch, rows, heads, groups, width;  // rows: new ones
  int64_t past, total;                        // rows of the past and of the result
  std::vector<int64_t> before;                // valid past rows per batch
};

Status infer_group(InferContext& ctx) {
  const SymShape& q = ctx.shape(0);
  const int64_t heads = ctx.node().int_attr("num_heads", 0), groups = ctx.node().int_attr("kv_num_heads", 0);
  SymShape out = SymShape::unknown_dims(3);
  Dim width;
  if (q.has_rank() && q.rank() == 3) {
    out = q;
    const int64_t shares = ctx.has_input(1) ? heads : heads + 2 * groups;
    if (q[2].known() && shares > 0) width = Dim(q[2].value / shares);
    if (!ctx.has_input(1)) out[2] = width.known() ? Dim(width.value * heads) : Dim();
  }
  const SymShape present({out[0], Dim(std::max<int64_t>(groups, 0)), Dim(), width});
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  ctx.set_output(1, ctx.dtype(0), present);
  ctx.set_output(2, ctx.dtype(0), present);
  return ok_status();
}

Status read_lengths(const RunContext& ctx, Groups& g) {
  if (ctx.has_input(3)) {
    const View &k = ctx.input(3), &v = ctx.input_count() > 4 && ctx.has_input(4) ? ctx.input(4) : k;
    if (k.rank() != 4 || k.dims != v.dims || k.dims[0] != g.batch || k.dims[1] != g.groups || k.dims[3] != g.width) {
      return invalid_model("the past " + to_string(k.dims) + " does not fit");
    }
    g.past = k.dims[2];
  }
  if (!ctx.has_input(5) || !ctx.has_input(6)) return invalid_model("seqlens_k and total_sequence_length are required");
  HT_ASSIGN(const auto lengths, int_input(ctx, 5));
  HT_ASSIGN(const auto total, int_input(ctx, 6));
  if (static_cast<int64_t>(lengths.size()) != g.batch || total.size() != 1 || total[0] > INT32_MAX) {
    return invalid_model("seqlens_k must hold one number per batch, total_sequence_length one");
  }
  g.total = std::max(g.past, total[0]);
  for (int64_t last : lengths) {
    // A prompt may be padded at its end: then its rows start at the front, and some of them are not valid.
    const int64_t before = total[0] == g.rows ? 0 : last + 1 - g.rows;
    if (last < 0 || last >= g.total || before < 0 || before > g.past || before + g.rows > g.total) {
      return invalid_model("seqlens_k does not fit the past and the new rows");
    }
    g.before.push_back(before);
  }
  return ok_status();
}

Result<Groups> read_groups(const RunContext& ctx) {
  for (size_t i : {0, 1, 2, 3, 4, 7, 8}) {
    if (ctx.has_input(i) && ctx.input(i).dtype != DType::kFloat) {
      return unsupported("GroupQueryAttention of " + std::string(dtype_name(ctx.input(i).dtype)));
    }
  }
  const View& q = ctx.input(0);
  Groups g{};
  g.heads = ctx.node().int_attr("num_heads", 0);
  g.groups = ctx.node().int_attr("kv_num_heads", 0);
  const bool packed = !ctx.has_input(1);
  const int64_t shares = packed ? g.heads + 2 * g.groups : g.heads;
  if (g.heads < 1 || g.groups < 1 || g.heads % g.groups != 0 || q.rank() != 3 || q.dims[2] % shares != 0) {
    return invalid_model("the query " + to_string(q.dims) + " does not fit num_heads and kv_num_heads");
  }
  g.batch = q.dims[0];
  g.rows = q.dims[1];
  g.width = q.dims[2] / shares;
  const Dims keys = {g.batch, g.rows, g.groups * g.width};
  if (!packed && (!ctx.has_input(2) || ctx.input(1).dims != keys || ctx.input(2).dims != keys)) {
    return invalid_model("key and value do not fit the query");
  }
  HT_TRY(read_lengths(ctx, g));
  return g;
}

// `heads` heads of the new rows: input i, or from column `column` of the packed query.
HeadTensor new_rows(const RunContext& ctx, const Groups& g, size_t i, int64_t heads, int64_t column) {
  const bool packed = !ctx.has_input(1);
  const int64_t row = packed ? ctx.input(0).dims[2] : heads * g.width;
  const float* data = packed ? ctx.input(0).as<float>() + column * g.width : ctx.input(i).as<float>();
  return {data, g.batch, heads, g.rows, g.width, g.rows * row, g.width, row};
}

// The same heads turned by their positions, in scratch.
Result<HeadTensor> rotated(RunContext& ctx, const Groups& g, const HeadTensor& x) {
  if (ctx.node().int_attr("do_rotary", 0) == 0) return x;
  if (!ctx.has_input(7) || !ctx.has_input(8)) return invalid_model("do_rotary without cos_cache and sin_cache");
  const View &cos = ctx.input(7), &sin = ctx.input(8);
  if (cos.rank() != 2 || cos.dims != sin.dims || cos.dims[1] * 2 > g.width || cos.dims[0] < g.total) {
    return invalid_model("the caches " + to_string(cos.dims) + " do not fit");
  }
  std::vector<int64_t> positions;
  for (int64_t i = 0; i < g.batch * g.rows; ++i)
    positions.push_back(g.before[static_cast<size_t>(i / g.rows)] + i % g.rows);
  // All rows of the tensor that x lies in, so that steps stay the same.
  HT_ASSIGN(void* block, ctx.scratch(g.batch * x.batch_step * static_cast<int64_t>(sizeof(float))));
  HeadTensor y = x;
  y.data = static_cast<float*>(block);
  rotate_f32({g.batch, x.heads, g.rows, g.width, x.batch_step, x.head_step, x.row_step, cos.dims[1] * 2,
              cos.as<float>(), sin.as<float>(), positions.data(), ctx.node().int_attr("rotary_interleaved", 0) != 0},
             x.data, static_cast<float*>(block));
  return y;
}

// Past rows and then new ones, sequence by sequence, in the output or in scratch; rows behind them are zero.
Result<HeadTensor> present(RunContext& ctx, const Groups& g, const HeadTensor& now, size_t past, size_t output) {
  const Dims dims = {g.batch, g.groups, g.total, g.width};
  float* to = nullptr;
  if (output < ctx.output_count() && ctx.wants_output(output)) {
    HT_ASSIGN(MutView view, ctx.output(output, DType::kFloat, dims));
    to = view.as<float>();
  } else {
    const auto count = element_count(dims);
    if (!count) return Error{ErrorCode::kOutOfMemory, "The keys of all rows do not fit into memory.", "", ""};
    HT_ASSIGN(void* block, ctx.scratch(*count * static_cast<int64_t>(sizeof(float))));
    to = static_cast<float*>(block);
  }
  const float* old = ctx.has_input(past) ? ctx.input(past).as<float>() : nullptr;
  for (int64_t i = 0; i < g.batch * g.groups; ++i) {
    const int64_t b = i / g.groups, before = g.before[static_cast<size_t>(b)];
    float* rows = to + i * g.total * g.width;
    if (old != nullptr) std::copy_n(old + i * g.past * g.width, before * g.width, rows);
    const HeadRows fresh = now.head(b, i % g.groups);
    for (int64_t r = 0; r < g.rows; ++r)
      std::copy_n(fresh.data + r * fresh.step, g.width, rows + (before + r) * g.width);
    std::fill(rows + (before + g.rows) * g.width, rows + g.total * g.width, 0.0f);
  }
  return HeadTensor::heads_first(to, g.batch, g.groups, g.total, g.width);
}

Status run_group(RunContext& ctx) {
  const Node& node = ctx.node();
  if (node.int_attr("smooth_softmax", 0) != 0) return unsupported("GroupQueryAttention with smooth_softmax");
  HT_ASSIGN(const Groups g, read_groups(ctx));
  AttentionPlan plan;
  HT_ASSIGN(plan.q, rotated(ctx, g, new_rows(ctx, g, 0, g.heads, 0)));
  HT_ASSIGN(const HeadTensor k, rotated(ctx, g, new_rows(ctx, g, 1, g.groups, g.heads)));
  HT_ASSIGN(plan.k, present(ctx, g, k, 3, 1));
  HT_ASSIGN(plan.v, present(ctx, g, new_rows(ctx, g, 2, g.groups, g.heads + g.groups), 4, 2));
  const float scale = node.float_attr("scale", 0);
  plan.scale = scale != 0 ? scale : 1.0f / std::sqrt(static_cast<float>(g.width));
  plan.softcap = node.float_attr("softcap", 0);
  plan.window = node.int_attr("local_window_size", -1);
  plan.reach = g.before;
  plan.rows_first = true;
  const Dims dims = {g.batch, g.rows, g.heads * g.width};
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, dims));
  plan.y = y.as<float>();
  return run_attention_plan(ctx, plan);
}

// Scores and values over the keys there are, counted once per query.
Cost group_cost(const CostContext& ctx) {
  const SymShape& q = ctx.inputs[0];
  if (!q.has_rank() || q.rank() != 3) return {};
  return Cost{.macs = saturating_size(q, 2 * (q[1].known() ? q[1].value : 1))};
}

}  // namespace

std::span<const OpDef> group_attention_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "GroupQueryAttention",
       .domain = "com.microsoft",
       .schema = {1, 9, 1, 3},
       .infer = infer_group,
       .run = in_single<run_group>,
       .cost = group_cost},
  };
  return kOps;
}

}  // namespace halftone
