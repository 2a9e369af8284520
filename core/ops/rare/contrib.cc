// Fused operators of com.microsoft that graph optimizers write: Gelu and its kin, LayerNormalization with what comes
// before it, the embeddings of BERT. Source: onnxruntime, docs/ContribOperators.md.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/kernels/eltwise/unary.h"
#include "core/kernels/reduce/normalize.h"
#include "core/ops/binary_run.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/index_util.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_elementwise.h"
#include "core/ops/move_util.h"

namespace halftone {
namespace {

Status need_floats(const RunContext& ctx, size_t first, size_t last) {
  for (size_t i = first; i <= last; ++i) {
    if (ctx.has_input(i) && ctx.input(i).dtype != DType::kFloat) {
      return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(ctx.input(i).dtype)));
    }
  }
  return ok_status();
}

// --- f(x), f(x + bias) ------------------------------------------------------------------------

// bias: one number per element of the last axis.
template <Unary kFunction>
Status run_biased(RunContext& ctx) {
  HT_TRY(need_floats(ctx, 0, 1));
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  const float* from = x.as<float>();
  if (ctx.has_input(1)) {
    if (ctx.input(1).rank() != 1 || x.rank() == 0 || ctx.input(1).size() != x.dims.back()) {
      return invalid_model("the bias " + to_string(ctx.input(1).dims) + " does not fit " + to_string(x.dims));
    }
    HT_TRY(apply_binary(Binary::kAdd, x, ctx.input(1), y));
    from = y.as<float>();
  }
  const UnaryParams params{kFunction == Unary::kSwish ? ctx.node().float_attr("alpha", 1.702f) : 0};
  unary_row(kFunction, DType::kFloat)(from, y.data, y.size(), params);
  return ok_status();
}

// --- LayerNormalization behind sums -----------------------------------------------------------

struct Norm {
  bool rms;
  int64_t n;
  float epsilon;
  const float *gamma, *beta;
};

Result<Norm> read_norm(const RunContext& ctx, bool rms, size_t gamma, size_t beta, int64_t n) {
  Norm norm{rms, n, ctx.node().float_attr("epsilon", 1e-12f), nullptr, nullptr};
  for (const auto& [i, to] : {std::pair(gamma, &norm.gamma), std::pair(beta, &norm.beta)}) {
    if (!ctx.has_input(i)) continue;
    if (ctx.input(i).size() != n) return invalid_model("gamma and beta must hold " + std::to_string(n) + " numbers");
    *to = ctx.input(i).as<float>();
  }
  return norm;
}

void normalize_row(const Norm& norm, const float* x, float* y) {
  const Moments m = norm.rms ? Moments{0, mean_square_f32(x, norm.n)} : moments_f32(x, norm.n);
  const double deviation = std::sqrt(m.variance + static_cast<double>(norm.epsilon));
  normalize_f32(x, norm.n, static_cast<float>(m.mean), static_cast<float>(1 / deviation), norm.gamma, norm.beta, y);
}

Status infer_skip(InferContext& ctx) {
  ctx.set_output(0, ctx.dtype(0), ctx.shape(0));
  ctx.set_output(3, ctx.dtype(0), ctx.shape(0));
  return ok_status();
}

// y = norm(input + skip + bias); output 3 is the sum. Inputs: input, skip, gamma, beta (not RMS), bias.
template <bool kRms>
Status run_skip_norm(RunContext& ctx) {
  const size_t bias = kRms ? 3 : 4;
  HT_TRY(need_floats(ctx, 0, bias));
  const View& x = ctx.input(0);
  if (x.rank() == 0) return invalid_model(ctx.node().op_type + " of a scalar");
  HT_ASSIGN(const Norm norm, read_norm(ctx, kRms, 2, kRms ? 99 : 3, x.dims.back()));
  for (size_t i : {size_t{1}, bias}) {
    if (!ctx.has_input(i)) continue;
    if (broadcast_dims(x.dims, ctx.input(i).dims) != x.dims)
      return invalid_model("skip or bias does not fit the input");
  }
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  MutView sum = y;
  if (ctx.output_count() > 3 && ctx.wants_output(3)) {
    HT_ASSIGN(sum, ctx.output(3, DType::kFloat, x.dims));
  }
  HT_TRY(apply_binary(Binary::kAdd, x, ctx.input(1), sum));
  if (ctx.has_input(bias)) HT_TRY(apply_binary(Binary::kAdd, sum, ctx.input(bias), sum));
  for (int64_t at = 0; at < y.size(); at += norm.n) normalize_row(norm, sum.as<float>() + at, y.as<float>() + at);
  return ok_status();
}

// --- EmbedLayerNormalization ------------------------------------------------------------------

Status infer_embed(InferContext& ctx) {
  const SymShape &ids = ctx.shape(0), &words = ctx.shape(2);
  SymShape out = SymShape::unknown_dims(3);
  if (ids.has_rank() && ids.rank() == 2) out[0] = ids[0], out[1] = ids[1];
  if (words.has_rank() && words.rank() == 2) out[2] = words[1];
  ctx.set_output(0, ctx.dtype(2), out);
  ctx.set_output(1, DType::kInt32, SymShape({out[0]}));
  ctx.set_output(2, ctx.dtype(2), out);
  return ok_status();
}

// Rows of a table, added to y: one per id.
Status add_rows(const View& table, std::span<const int64_t> ids, int64_t width, float* y) {
  for (int64_t id : ids) {
    const float* row = table.as<float>() + id * width;
    for (int64_t k = 0; k < width; ++k) *y++ += row[k];
  }
  return ok_status();
}

// How many tokens of each sequence the mask (input 7) leaves.
Status give_lengths(RunContext& ctx, int64_t batch, int64_t tokens) {
  if (ctx.output_count() < 2 || !ctx.wants_output(1)) return ok_status();
  const Dims dims = {batch};
  HT_ASSIGN(MutView y, ctx.output(1, DType::kInt32, dims));
  std::fill_n(y.as<int32_t>(), batch, 0);
  if (!ctx.has_input(7)) return ok_status();
  const View& mask = ctx.input(7);
  if (mask.dtype != DType::kInt32 || mask.size() != batch * tokens)
    return invalid_model("the mask does not fit the ids");
  for (int64_t i = 0; i < mask.size(); ++i) y.as<int32_t>()[i / tokens] += mask.as<int32_t>()[i] != 0 ? 1 : 0;
  return ok_status();
}

// norm(words[input_ids] + positions[position or position_ids] + segments[segment_ids])
Status run_embed(RunContext& ctx) {
  HT_TRY(need_floats(ctx, 2, 6));
  for (size_t i : {2, 3, 5, 6}) {  // 1 and 4 between them may be absent
    if (!ctx.has_input(i)) return invalid_model("input " + std::to_string(i) + " is required");
  }
  const View &ids = ctx.input(0), &words = ctx.input(2), &places = ctx.input(3);
  if (ids.rank() != 2 || words.rank() != 2 || places.rank() != 2 || places.dims[1] != words.dims[1]) {
    return invalid_model("EmbedLayerNormalization takes ids of rank 2 and tables of rank 2");
  }
  const int64_t batch = ids.dims[0], tokens = ids.dims[1], width = words.dims[1];
  const Dims dims = {batch, tokens, width};
  HT_ASSIGN(const Norm norm, read_norm(ctx, false, 5, 6, width));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, dims));
  MutView sum = y;
  if (ctx.output_count() > 2 && ctx.wants_output(2)) {
    HT_ASSIGN(sum, ctx.output(2, DType::kFloat, dims));
  }
  std::fill_n(sum.as<float>(), sum.size(), 0.0f);
  HT_ASSIGN(const auto word_ids, indices_below(ctx, 0, words.dims[0]));
  HT_TRY(add_rows(words, word_ids, width, sum.as<float>()));
  std::span<const int64_t> given;
  if (ctx.has_input(8)) {
    HT_ASSIGN(given, indices_below(ctx, 8, places.dims[0]));
  }
  if (tokens > places.dims[0] && given.empty()) return invalid_model("there are more tokens than positions");
  Dims places_of;
  for (int64_t i = 0; i < batch * tokens; ++i) {
    const int64_t n = static_cast<int64_t>(given.size());
    if (n != 0 && n != tokens && n != batch * tokens) return invalid_model("position_ids do not fit the ids");
    places_of.push_back(n == 0 ? i % tokens : given[static_cast<size_t>(i % n)]);
  }
  HT_TRY(add_rows(places, places_of, width, sum.as<float>()));
  if (ctx.has_input(1) && ctx.has_input(4)) {
    if (ctx.input(1).size() != batch * tokens || ctx.input(4).rank() != 2 || ctx.input(4).dims[1] != width) {
      return invalid_model("segment ids do not fit");
    }
    HT_ASSIGN(const auto segments, indices_below(ctx, 1, ctx.input(4).dims[0]));
    HT_TRY(add_rows(ctx.input(4), segments, width, sum.as<float>()));
  }
  for (int64_t at = 0; at < y.size(); at += width) normalize_row(norm, sum.as<float>() + at, y.as<float>() + at);
  return give_lengths(ctx, batch, tokens);
}

template <Unary kFunction>
constexpr OpDef gelu_op(std::string_view name, int inputs) {
  return {.name = name,
          .domain = "com.microsoft",
          .schema = {1, inputs, 1, 1},
          .infer = infer_like,
          .run = in_single<run_biased<kFunction>>,
          .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> contrib_ops() {
  static constexpr OpDef kOps[] = {
      gelu_op<Unary::kGelu>("BiasGelu", 2),
      gelu_op<Unary::kGeluTanh>("FastGelu", 2),
      gelu_op<Unary::kGelu>("Gelu", 1),
      gelu_op<Unary::kSwish>("QuickGelu", 1),
      {.name = "EmbedLayerNormalization",
       .domain = "com.microsoft",
       .schema = {1, 9, 1, 3},
       .infer = infer_embed,
       .run = in_single<run_embed>,
       .cost = elementwise_cost},
      {.name = "SkipLayerNormalization",
       .domain = "com.microsoft",
       .schema = {3, 5, 1, 4},
       .infer = infer_skip,
       .run = in_single<run_skip_norm<false>>,
       .cost = elementwise_cost},
      {.name = "SkipSimplifiedLayerNormalization",
       .domain = "com.microsoft",
       .schema = {3, 4, 1, 4},
       .infer = infer_skip,
       .run = in_single<run_skip_norm<true>>,
       .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
