// LayerNormalization, RMSNormalization, LpNormalization, MeanVarianceNormalization: statistics over the last axes, over
// one axis, or over a list. Source: ONNX operator specification, LayerNormalization-17, RMSNormalization-23,
// LpNormalization-1/22, MeanVarianceNormalization-9/13.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/kernels/move/strided.h"
#include "core/kernels/reduce/normalize.h"
#include "core/ops/axis_view.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

Status check_float(const RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype == DType::kFloat) return ok_status();
  return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)) + " elements");
}

Status infer_layer_norm(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  ctx.set_output(0, ctx.dtype(0), x);
  if (ctx.node().outputs.size() < 2) return ok_status();
  SymShape statistics = x;
  if (x.has_rank()) {
    HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", -1), x.rank()));
    for (int64_t i = axis; i < x.rank(); ++i) statistics[i] = Dim(1);
  }
  HT_ASSIGN(DType type, dtype_attribute(ctx.node(), "stash_type", DType::kFloat));
  for (size_t i = 1; i < ctx.node().outputs.size(); ++i) ctx.set_output(i, type, statistics);
  return ok_status();
}

// Scale or bias (input i) spread over the normalized dims: itself when it has them, else a broadcast copy.
Result<const float*> spread(RunContext& ctx, size_t i, const Dims& dims) {
  if (!ctx.has_input(i)) return nullptr;
  const View& v = ctx.input(i);
  if (v.dtype != DType::kFloat) return invalid_model("input " + std::to_string(i) + " must be float");
  const auto out = broadcast_dims(v.dims, dims);
  if (!out || *out != dims) {
    return invalid_model("input " + std::to_string(i) + " of shape " + to_string(v.dims) +
                         " does not fit the normalized dims " + to_string(dims));
  }
  if (v.size() == *element_count(dims)) return v.as<float>();
  const Dims strides = row_major_strides(v.dims);
  Dims from(dims.size(), 0);
  for (size_t k = 0; k < v.dims.size(); ++k) {
    if (v.dims[k] != 1) from[dims.size() - v.dims.size() + k] = strides[k];
  }
  HT_ASSIGN(void* copy, ctx.scratch(*element_count(dims) * static_cast<int64_t>(sizeof(float))));
  copy_strided(sizeof(float), copy, row_major_strides(dims), v.data, from, dims);
  return static_cast<const float*>(copy);
}

template <bool kRms>
Status run_layer_norm(RunContext& ctx) {
  HT_TRY(check_float(ctx));
  const View& x = ctx.input(0);
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", -1), x.rank()));
  HT_ASSIGN(auto specs, resolve_outputs(ctx, infer_layer_norm));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  const AxisView v = flat_view(x.dims, axis);
  const Dims normalized(x.dims.begin() + axis, x.dims.end());
  HT_ASSIGN(const float* scale, spread(ctx, 1, normalized));
  HT_ASSIGN(const float* bias, spread(ctx, 2, normalized));
  float* statistics[2] = {nullptr, nullptr};
  for (size_t i = 1; i < specs.size(); ++i) {
    if (!ctx.wants_output(i)) continue;
    if (specs[i].dtype != DType::kFloat) return unsupported("statistics of another type than float");
    HT_ASSIGN(MutView out, ctx.output(i, DType::kFloat, specs[i].dims));
    statistics[i - 1] = out.as<float>();
  }
  const double epsilon = static_cast<double>(ctx.node().float_attr("epsilon", 1e-5f));
  for (int64_t o = 0; o < v.outer; ++o) {
    const float* from = x.as<float>() + o * v.n;
    const Moments m = kRms ? Moments{0, mean_square_f32(from, v.n)} : moments_f32(from, v.n);
    const float mean = static_cast<float>(m.mean), factor = static_cast<float>(1.0 / std::sqrt(m.variance + epsilon));
    normalize_f32(from, v.n, mean, factor, scale, bias, y.as<float>() + o * v.n);
    if (statistics[0] != nullptr) statistics[0][o] = mean;
    if (statistics[1] != nullptr) statistics[1][o] = factor;
  }
  return ok_status();
}

Status run_lp_norm(RunContext& ctx) {
  HT_TRY(check_float(ctx));
  const View& x = ctx.input(0);
  const int64_t p = ctx.node().int_attr("p", 2);
  if (p != 1 && p != 2) return invalid_model("p must be 1 or 2");
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", -1), x.rank()));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  const AxisView v = axis_view(x.dims, axis);
  for (int64_t o = 0; o < v.outer * v.inner; ++o) {
    const int64_t at = o / v.inner * v.n * v.inner + o % v.inner;
    const float* from = x.as<float>() + at;
    double norm = 0;
    for (int64_t i = 0; i < v.n; ++i) {
      const double e = static_cast<double>(from[i * v.inner]);
      norm += p == 2 ? e * e : std::abs(e);
    }
    norm = p == 2 ? std::sqrt(norm) : norm;
    for (int64_t i = 0; i < v.n; ++i) {
      y.as<float>()[at + i * v.inner] =
          norm == 0 ? 0 : static_cast<float>(static_cast<double>(from[i * v.inner]) / norm);
    }
  }
  return ok_status();
}

// (x - mean) / (deviation + 1e-9) over `axes`, which default to all but the channels. The other axes come first in a
// dense copy, which is normalized row by row and moved back.
Status run_mean_variance(RunContext& ctx) {
  HT_TRY(check_float(ctx));
  const View& x = ctx.input(0);
  Dims axes = ctx.node().has("axes") ? Dims(ctx.node().ints_attr("axes")) : Dims{0, 2, 3};
  HT_ASSIGN(axes, axes_in_rank(std::move(axes), x.rank()));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, x.dims));
  if (x.size() == 0) return ok_status();
  const Dims strides = row_major_strides(x.dims);
  Dims dims, from;
  int64_t n = 1;
  for (const bool pick : {false, true}) {
    for (int64_t i = 0; i < x.rank(); ++i) {
      if ((std::find(axes.begin(), axes.end(), i) != axes.end()) != pick) continue;
      dims.push_back(x.dims[static_cast<size_t>(i)]);
      from.push_back(strides[static_cast<size_t>(i)]);
      if (pick) n *= dims.back();
    }
  }
  HT_ASSIGN(void* block, ctx.scratch(x.size() * static_cast<int64_t>(sizeof(float))));
  float* rows = static_cast<float*>(block);
  const Dims dense = row_major_strides(dims);
  copy_strided(sizeof(float), rows, dense, x.data, from, dims);
  for (int64_t at = 0; at < x.size(); at += n) {
    const Moments m = moments_f32(rows + at, n);
    const float factor = static_cast<float>(1.0 / (std::sqrt(m.variance) + 1e-9));
    normalize_f32(rows + at, n, static_cast<float>(m.mean), factor, nullptr, nullptr, rows + at);
  }
  copy_strided(sizeof(float), y.data, from, rows, dense, dims);
  return ok_status();
}

constexpr OpDef norm_op(std::string_view name, OpSchema schema, InferFn infer, RunFn run) {
  return {.name = name, .schema = schema, .infer = infer, .run = run, .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> layer_norm_ops() {
  // Bits 1 and 2: mean and inverse deviation stay float beside a half output.
  static constexpr OpDef kOps[] = {
      norm_op("LayerNormalization", {2, 3, 1, 3}, infer_layer_norm, in_single<run_layer_norm<false>, 0b110>),
      norm_op("LpNormalization", {1, 1, 1, 1}, infer_like, in_single<run_lp_norm>),
      norm_op("MeanVarianceNormalization", {1, 1, 1, 1}, infer_like, in_single<run_mean_variance>),
      norm_op("RMSNormalization", {2, 2, 1, 1}, infer_layer_norm, in_single<run_layer_norm<true>>),
      // What onnxruntime's optimizer called it before there was a standard for it.
      norm_op("SimplifiedLayerNormalization", {2, 2, 1, 1}, infer_layer_norm, in_single<run_layer_norm<true>>),
  };
  return kOps;
}

}  // namespace halftone
