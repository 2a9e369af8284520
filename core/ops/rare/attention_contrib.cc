// The attention operators of com.microsoft with as many keys as queries have heads: Attention (with its own projection)
// and MultiHeadAttention. GroupQueryAttention: group_attention.cc.
// Formula: core/kernels/attention. Source: onnxruntime, docs/ContribOperators.md.
// Packed queries, keys and values (rank 4 and 5), shared buffers of past and present and beam search are refused.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/packed_matrix.h"
#include "core/ops/rare/attention_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Result<float*> floats(RunContext& ctx, int64_t count) {
  HT_ASSIGN(void* block, ctx.scratch(count * static_cast<int64_t>(sizeof(float))));
  return static_cast<float*>(block);
}

Status need_float(const RunContext& ctx, std::initializer_list<size_t> inputs) {
  for (size_t i : inputs) {
    if (ctx.has_input(i) && ctx.input(i).dtype != DType::kFloat) {
      return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(ctx.input(i).dtype)));
    }
  }
  return ok_status();
}

Result<int64_t> head_count(const Node& node, std::string_view name, int64_t width) {
  const int64_t heads = node.int_attr(name, 0);
  if (heads < 1 || width % heads != 0)
    return invalid_model(std::string(name) + " does not divide " + std::to_string(width));
  return heads;
}

float scale_of(const Node& node, int64_t width) {
  const float scale = node.float_attr("scale", 0);
  return scale != 0 ? scale : 1.0f / std::sqrt(static_cast<float>(width));
}

// Masks of integers: [batch, keys] or [batch, queries, keys] of 0 and 1, or [batch] lengths (which set visible_keys).
Status add_integer_mask(RunContext& ctx, const View& mask, AttentionPlan& plan) {
  const int64_t batch = plan.q.batch, queries = plan.q.rows, keys = plan.k.rows;
  if (mask.dtype != DType::kInt32) return unsupported("a mask of " + std::string(dtype_name(mask.dtype)));
  if (mask.rank() == 1 && mask.size() == batch) {
    plan.visible_keys.assign(mask.as<int32_t>(), mask.as<int32_t>() + batch);
    return ok_status();
  }
  const bool per_key = mask.dims == Dims{batch, keys}, per_query = mask.dims == Dims{batch, queries, keys};
  if (!per_key && !per_query) return unsupported("a mask of shape " + to_string(mask.dims));
  // The mask and a bias that is there already, spread to [batch, heads, queries, keys].
  HT_ASSIGN(float* all, floats(ctx, batch * plan.q.heads * queries * keys));
  const float hidden = ctx.node().float_attr("mask_filter_value", -10000.0f);
  const HeadBias before = plan.bias;
  float* to = all;
  for (int64_t i = 0; i < batch * plan.q.heads * queries; ++i) {
    const int64_t b = i / (plan.q.heads * queries), h = i / queries % plan.q.heads, q = i % queries;
    const int32_t* row = mask.as<int32_t>() + (per_key ? b : b * queries + q) * keys;
    const float* bias = before.data == nullptr
                            ? nullptr
                            : before.data + b * before.batch_step + h * before.head_step + q * before.row_step;
    for (int64_t k = 0; k < keys; ++k)
      *to++ = (bias == nullptr ? 0 : bias[k * before.key_step]) + (row[k] != 0 ? 0 : hidden);
  }
  plan.bias = {all, plan.q.heads * queries * keys, queries * keys, keys, 1, keys};
  return ok_status();
}

Status set_bias(RunContext& ctx, size_t input, AttentionPlan& plan) {
  if (!ctx.has_input(input)) return ok_status();
  HT_ASSIGN(plan.bias, head_bias(ctx, ctx.input(input), plan.q.batch, plan.q.heads, plan.q.rows, plan.k.rows));
  return ok_status();
}

// Past in front of `now`, in the output where that is wanted. `past`: [batch, heads, rows, width].
Result<HeadTensor> with_past(RunContext& ctx, const HeadTensor& now, size_t past_input, size_t output) {
  const bool wanted = output < ctx.output_count() && ctx.wants_output(output), has_past = ctx.has_input(past_input);
  if (!wanted && !has_past) return now;
  HeadTensor past;
  if (has_past) {
    const View& p = ctx.input(past_input);
    if (p.rank() != 4 || p.dims[0] != now.batch || p.dims[1] != now.heads || p.dims[3] != now.width) {
      return invalid_model("the past " + to_string(p.dims) + " does not fit");
    }
    past = HeadTensor::heads_first(p.as<float>(), now.batch, now.heads, p.dims[2], now.width);
  }
  const Dims dims = {now.batch, now.heads, past.rows + now.rows, now.width};
  float* to = nullptr;
  if (wanted) {
    HT_ASSIGN(MutView view, ctx.output(output, DType::kFloat, dims));
    to = view.as<float>();
  } else {
    HT_ASSIGN(to, floats(ctx, *element_count(dims)));
  }
  join_rows(past, now, to);
  return HeadTensor::heads_first(to, now.batch, now.heads, dims[2], now.width);
}

Status finish(RunContext& ctx, AttentionPlan& plan) {
  const Dims dims = {plan.q.batch, plan.q.rows, plan.q.heads * plan.v.width};
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, dims));
  plan.y = y.as<float>();
  plan.rows_first = true;
  return run_attention_plan(ctx, plan);
}

// --- MultiHeadAttention -----------------------------------------------------------------------

Status infer_mha(InferContext& ctx) {
  const SymShape &q = ctx.shape(0), &k = ctx.shape(1), &v = ctx.shape(2);
  if (!q.has_rank() || q.rank() != 3) return ok_status();
  Dim width = v.has_rank() && v.rank() == 3 ? v[2] : Dim();
  const int64_t heads = ctx.node().int_attr("num_heads", 0);
  if (v.has_rank() && v.rank() == 4 && v[1].known() && v[3].known()) width = Dim(v[1].value * v[3].value);
  ctx.set_output(0, ctx.dtype(0), SymShape({q[0], q[1], width}));
  const Dim keys = ctx.has_input(6) || !k.has_rank() || k.rank() < 3 ? Dim() : k[k.rank() == 4 ? 2 : 1];
  const auto split = [&](const Dim& d) { return d.known() && heads > 0 ? Dim(d.value / heads) : Dim(); };
  ctx.set_output(1, ctx.dtype(0), SymShape({q[0], Dim(heads), keys, split(q[2])}));
  ctx.set_output(2, ctx.dtype(0), SymShape({q[0], Dim(heads), keys, split(width)}));
  return ok_status();
}

// x [batch, rows, width] + its part of the bias.
Result<HeadTensor> biased_heads(RunContext& ctx, const View& x, const float* bias, int64_t heads) {
  if (x.rank() == 4) return HeadTensor::heads_first(x.as<float>(), x.dims[0], x.dims[1], x.dims[2], x.dims[3]);
  if (x.rank() != 3 || x.dims[2] % heads != 0)
    return unsupported("packed queries, keys or values of shape " + to_string(x.dims));
  const float* data = x.as<float>();
  if (bias != nullptr) {
    HT_ASSIGN(float* sum, floats(ctx, x.size()));
    for (int64_t i = 0; i < x.size(); ++i) sum[i] = data[i] + bias[i % x.dims[2]];
    data = sum;
  }
  return HeadTensor::rows_first(data, x.dims[0], heads, x.dims[1], x.dims[2] / heads);
}

// Inputs: query, key, value, bias, key_padding_mask, attention_bias, past_key, past_value.
Status run_mha(RunContext& ctx) {
  HT_TRY(need_float(ctx, {0, 1, 2, 3, 5, 6, 7}));
  if (!ctx.has_input(1) || !ctx.has_input(2)) return unsupported("MultiHeadAttention with packed inputs");
  const View &q = ctx.input(0), &k = ctx.input(1), &v = ctx.input(2);
  if (q.rank() != 3) return unsupported("packed queries of shape " + to_string(q.dims));
  HT_ASSIGN(const int64_t heads, head_count(ctx.node(), "num_heads", q.dims[2]));
  const float* bias = nullptr;
  if (ctx.has_input(3)) {
    const int64_t value_width = v.rank() == 3 ? v.dims[2] : 0;
    if (ctx.input(3).size() != 2 * q.dims[2] + value_width || (k.rank() == 3 && k.dims[2] != q.dims[2]))
      return invalid_model("the bias does not fit query, key and value");
    bias = ctx.input(3).as<float>();
  }
  AttentionPlan plan;
  HT_ASSIGN(plan.q, biased_heads(ctx, q, bias, heads));
  HT_ASSIGN(plan.k, biased_heads(ctx, k, bias == nullptr ? nullptr : bias + q.dims[2], heads));
  HT_ASSIGN(plan.v, biased_heads(ctx, v, bias == nullptr ? nullptr : bias + 2 * q.dims[2], heads));
  const int64_t fresh = plan.k.rows;
  HT_ASSIGN(plan.k, with_past(ctx, plan.k, 6, 1));
  HT_ASSIGN(plan.v, with_past(ctx, plan.v, 7, 2));
  plan.scale = scale_of(ctx.node(), plan.q.width);
  HT_TRY(set_bias(ctx, 5, plan));
  if (ctx.has_input(4)) HT_TRY(add_integer_mask(ctx, ctx.input(4), plan));
  if (ctx.node().int_attr("unidirectional", 0) != 0) {
    plan.reach.assign(static_cast<size_t>(plan.q.batch), plan.k.rows - fresh);
  }
  return finish(ctx, plan);
}

// --- Attention --------------------------------------------------------------------------------

struct Projection {
  int64_t q, k, v;  // widths
  int64_t all() const { return q + k + v; }
};
Result<Projection> projection(const Node& node, int64_t columns) {
  const auto sizes = node.ints_attr("qkv_hidden_sizes");
  if (sizes.empty() && columns % 3 == 0) return Projection{columns / 3, columns / 3, columns / 3};
  if (sizes.size() == 3 && sizes[0] > 0 && sizes[0] == sizes[1] && sizes[2] > 0 &&
      sizes[0] + sizes[1] + sizes[2] == columns) {
    return Projection{sizes[0], sizes[1], sizes[2]};
  }
  return invalid_model("qkv_hidden_sizes do not fit the weights");
}

Status infer_ms_attention(InferContext& ctx) {
  const SymShape &x = ctx.shape(0), &w = ctx.shape(1);
  SymShape out = SymShape::unknown_dims(3);
  if (x.has_rank() && x.rank() == 3) out[0] = x[0], out[1] = x[1];
  if (w.has_rank() && w.rank() == 2 && w[1].known()) {
    HT_ASSIGN(const Projection p, projection(ctx.node(), w[1].value));
    out[2] = Dim(p.v);
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  ctx.set_output(1, ctx.dtype(0), SymShape::unknown_dims(5));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_ms_attention(PrepareContext& ctx) {
  const Tensor* w = ctx.constant(1);
  if (w == nullptr || w->dtype() != DType::kFloat || w->rank() != 2) return std::unique_ptr<OpState>();
  HT_ASSIGN(std::unique_ptr<OpState> state, pack_matrices(ctx, 1, false, 1.0f));
  return state;
}

// [batch, rows, q + k + v] = x w + bias
Result<const float*> project(RunContext& ctx, int64_t rows, int64_t inputs, int64_t columns) {
  HT_ASSIGN(float* out, floats(ctx, rows * columns));
  const float* bias = ctx.has_input(2) ? ctx.input(2).as<float>() : nullptr;
  for (int64_t i = 0; i < rows * columns; ++i) out[i] = bias == nullptr ? 0 : bias[i % columns];
  const float* packed = nullptr;
  if (ctx.state() != nullptr) {
    packed = static_cast<const PackedMatrix*>(ctx.state())->matrix(0);
  } else {
    HT_ASSIGN(float* own, floats(ctx, packed_b_f32_size(inputs, columns)));
    pack_b_f32(ctx.input(1).as<float>(), inputs, columns, columns, 1, 1.0f, own);
    packed = own;
  }
  gemm_f32({.m = rows,
            .n = columns,
            .k = inputs,
            .a = ctx.input(0).as<float>(),
            .lda = inputs,
            .b = packed,
            .c = out,
            .ldc = columns,
            .accumulate = true,
            .bias = nullptr,
            .lo = -kInfinity,
            .hi = kInfinity});
  return out;
}

// Inputs: input, weights, bias, mask_index, past [2, batch, heads, rows, width], attention_bias. `past` and `present`
// stack keys and values.
Status join_stacked(RunContext& ctx, AttentionPlan& plan) {
  const bool has_past = ctx.has_input(4), wanted = ctx.output_count() > 1 && ctx.wants_output(1);
  if (!has_past && !wanted) return ok_status();
  if (plan.k.width != plan.v.width) return unsupported("past keys and values of different widths");
  HeadTensor past_k, past_v;
  const HeadTensor& now = plan.k;
  if (has_past) {
    const View& p = ctx.input(4);
    if (p.rank() != 5 || p.dims[0] != 2 || p.dims[1] != now.batch || p.dims[2] != now.heads || p.dims[4] != now.width) {
      return invalid_model("the past " + to_string(p.dims) + " does not fit");
    }
    past_k = HeadTensor::heads_first(p.as<float>(), now.batch, now.heads, p.dims[3], now.width);
    past_v = past_k;
    past_v.data += p.size() / 2;
  }
  const Dims dims = {2, now.batch, now.heads, past_k.rows + now.rows, now.width};
  const int64_t half = *element_count(dims) / 2;
  float* to = nullptr;
  if (wanted) {
    HT_ASSIGN(MutView view, ctx.output(1, DType::kFloat, dims));
    to = view.as<float>();
  } else {
    HT_ASSIGN(to, floats(ctx, 2 * half));
  }
  join_rows(past_k, plan.k, to);
  join_rows(past_v, plan.v, to + half);
  plan.k = HeadTensor::heads_first(to, dims[1], dims[2], dims[3], dims[4]);
  plan.v = HeadTensor::heads_first(to + half, dims[1], dims[2], dims[3], dims[4]);
  return ok_status();
}

Status run_ms_attention(RunContext& ctx) {
  HT_TRY(need_float(ctx, {0, 1, 2, 4, 5}));
  const View &x = ctx.input(0), &w = ctx.input(1);
  if (x.rank() != 3 || w.rank() != 2 || w.dims[0] != x.dims[2])
    return invalid_model("the weights do not fit the input");
  HT_ASSIGN(const Projection p, projection(ctx.node(), w.dims[1]));
  HT_ASSIGN(const int64_t heads, head_count(ctx.node(), "num_heads", p.q));
  if (p.v % heads != 0 || (ctx.has_input(2) && ctx.input(2).size() != p.all()))
    return invalid_model("the bias does not fit the weights");
  if (ctx.node().int_attr("do_rotary", 0) != 0) return unsupported("Attention that rotates its keys");
  HT_ASSIGN(const float* qkv, project(ctx, x.dims[0] * x.dims[1], x.dims[2], p.all()));
  AttentionPlan plan;
  const auto part = [&](int64_t at, int64_t width) {
    return HeadTensor{qkv + at,      x.dims[0],           heads,         x.dims[1],
                      width / heads, x.dims[1] * p.all(), width / heads, p.all()};
  };
  plan.q = part(0, p.q);
  plan.k = part(p.q, p.k);
  plan.v = part(p.q + p.k, p.v);
  HT_TRY(join_stacked(ctx, plan));
  plan.scale = scale_of(ctx.node(), plan.q.width);
  HT_TRY(set_bias(ctx, 5, plan));
  if (ctx.has_input(3)) HT_TRY(add_integer_mask(ctx, ctx.input(3), plan));
  if (ctx.node().int_attr("unidirectional", 0) != 0) {
    plan.reach.assign(static_cast<size_t>(plan.q.batch), plan.k.rows - plan.q.rows);
  }
  return finish(ctx, plan);
}

Cost contrib_attention_cost(const CostContext& ctx) {
  const SymShape& x = ctx.inputs[0];
  if (!x.has_rank() || x.rank() != 3) return {};
  const int64_t rows = x[1].known() ? x[1].value : 1;
  int64_t macs = saturating_size(x, 2 * rows);
  if (ctx.node.op_type == "Attention" && ctx.inputs[1].has_rank() && ctx.inputs[1].rank() == 2 &&
      ctx.inputs[1][1].known()) {
    macs += saturating_size(x, ctx.inputs[1][1].value);
  }
  return Cost{.macs = macs};
}

}  // namespace

std::span<const OpDef> attention_contrib_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "Attention",
       .domain = "com.microsoft",
       .schema = {2, 7, 1, 2},
       .infer = infer_ms_attention,
       .run = in_single<run_ms_attention>,
       .prepare = prepare_ms_attention,
       .cost = contrib_attention_cost},
      {.name = "MultiHeadAttention",
       .domain = "com.microsoft",
       .schema = {1, 10, 1, 4},
       .infer = infer_mha,
       .run = in_single<run_mha>,
       .cost = contrib_attention_cost},
  };
  return kOps;
}

}  // namespace halftone
