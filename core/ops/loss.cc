// NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss: scores [N, C, d1 ...] against class indices [N, d1 ...].
// Formula: l_i = -weight[t_i] * logp[i, t_i], 0 where t_i is ignore_index; mean divides by the sum of the weights used.
// Source: ONNX operator specification, NegativeLogLikelihoodLoss-12/13/22, SoftmaxCrossEntropyLoss-12/13.
#include <string>

#include "core/kernels/reduce/softmax.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/index_util.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

Status infer_loss(InferContext& ctx) {
  const SymShape &scores = ctx.shape(0), &target = ctx.shape(1);
  if (scores.has_rank() && target.has_rank()) {
    if (scores.rank() < 2 || target.rank() != scores.rank() - 1)
      return invalid_model("target must lack the class axis");
    for (int64_t i = 0; i < target.rank(); ++i) {
      const Dim &a = scores[i == 0 ? 0 : i + 1], &b = target[i];
      if (a.known() && b.known() && a.value != b.value) return invalid_model("scores and target differ in shape");
    }
  }
  const bool reduced = ctx.node().string_attr("reduction", "mean") != "none";
  ctx.set_output(0, ctx.dtype(0), reduced ? SymShape::of({}) : target);
  if (ctx.node().output(1) != kNoValue) ctx.set_output(1, ctx.dtype(0), scores);
  return ok_status();
}

struct Loss {
  const float* log_probability;
  int64_t batch, classes, plane;
};

// The losses, or their sum or mean, of log probabilities.
Status write_loss(RunContext& ctx, const Loss& loss, std::span<const int64_t> dims) {
  const std::string reduction = ctx.node().string_attr("reduction", "mean");
  if (reduction != "none" && reduction != "sum" && reduction != "mean")
    return invalid_model("reduction is " + reduction);
  const float* weights = nullptr;
  if (ctx.has_input(2)) {
    const View& w = ctx.input(2);
    if (w.dtype != DType::kFloat || w.size() != loss.classes)
      return invalid_model("one weight for each class is needed");
    weights = w.as<float>();
  }
  const View& target = ctx.input(1);
  if (target.dtype != DType::kInt32 && target.dtype != DType::kInt64) return invalid_model("target must be integers");
  const bool ignores = ctx.node().has("ignore_index");
  const int64_t ignored = ctx.node().int_attr("ignore_index", -1);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, dims));
  double sum = 0, used = 0;
  for (int64_t i = 0; i < loss.batch * loss.plane; ++i) {
    int64_t t = target.dtype == DType::kInt64 ? target.as<int64_t>()[i] : target.as<int32_t>()[i];
    float value = 0;
    if (!(ignores && t == ignored)) {
      HT_ASSIGN(t, index_below(t, loss.classes));
      const float weight = weights == nullptr ? 1.0f : weights[t];
      value = -weight * loss.log_probability[(i / loss.plane * loss.classes + t) * loss.plane + i % loss.plane];
      used += static_cast<double>(weight);
    }
    sum += static_cast<double>(value);
    if (reduction == "none") y.as<float>()[i] = value;
  }
  if (reduction == "sum") *y.as<float>() = static_cast<float>(sum);
  if (reduction == "mean") *y.as<float>() = static_cast<float>(sum / used);
  return ok_status();
}

template <bool kSoftmax>
Status run_loss(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype != DType::kFloat) return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)));
  HT_ASSIGN(auto specs, resolve_outputs(ctx, infer_loss));
  if (x.rank() < 2) return invalid_model("scores need a class axis");
  Loss loss{x.as<float>(), x.dims[0], x.dims[1], *element_count(Dims(x.dims.begin() + 2, x.dims.end()))};
  if (kSoftmax) {
    float* log_probability = nullptr;
    if (ctx.output_count() > 1 && ctx.wants_output(1)) {
      HT_ASSIGN(MutView out, ctx.output(1, DType::kFloat, x.dims));
      log_probability = out.as<float>();
    } else {
      HT_ASSIGN(void* block, ctx.scratch(x.size() * static_cast<int64_t>(sizeof(float))));
      log_probability = static_cast<float*>(block);
    }
    if (x.size() > 0) log_softmax_f32(x.as<float>(), loss.batch, loss.classes, loss.plane, log_probability);
    loss.log_probability = log_probability;
  }
  return write_loss(ctx, loss, specs[0].dims);
}

}  // namespace

std::span<const OpDef> loss_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "NegativeLogLikelihoodLoss",
       .schema = {2, 3, 1, 1},
       .infer = infer_loss,
       .run = in_single<run_loss<false>>,
       .cost = elementwise_cost},
      {.name = "SoftmaxCrossEntropyLoss",
       .schema = {2, 3, 1, 2},
       .infer = infer_loss,
       .run = in_single<run_loss<true>>,
       .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
