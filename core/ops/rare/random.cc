// RandomUniform, RandomNormal, their Like forms and Bernoulli. The same numbers in every run: attribute `seed` (its
// bits) or a fixed one starts the generator, so that two runs over the same input can be compared. Source: ONNX
// operator specification, RandomNormal-1/22, RandomUniform-1/22, Bernoulli-15/22. Normal numbers: Box and Muller 1958.
#include <bit>
#include <string>

#include "core/base/rng.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/rare/wide.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

Rng generator(const Node& node) {
  constexpr uint64_t kFixed = 0x9e3779b97f4a7c15u;
  return Rng(node.has("seed") ? std::bit_cast<uint32_t>(node.float_attr("seed", 0)) : kFixed);
}

Status infer_random(InferContext& ctx) {
  const std::vector<int64_t> dims = ctx.node().ints_attr("shape");
  if (!element_count(dims)) return invalid_model("attribute shape is " + to_string(dims));
  HT_ASSIGN(const DType type, dtype_attribute(ctx.node(), "dtype", DType::kFloat));
  ctx.set_output(0, type, SymShape::of(dims));
  return ok_status();
}

Status infer_like_random(InferContext& ctx) {
  HT_ASSIGN(const DType type, dtype_attribute(ctx.node(), "dtype", ctx.dtype(0)));
  ctx.set_output(0, type, ctx.shape(0));
  return ok_status();
}

template <bool kNormal, InferFn kInfer>
Status run_random(RunContext& ctx) {
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, kInfer));
  HT_ASSIGN(Tensor values, zero_doubles(specs[0].dims));
  Rng rng = generator(ctx.node());
  const Node& node = ctx.node();
  const double first = static_cast<double>(node.float_attr(kNormal ? "mean" : "low", 0));
  const double second = static_cast<double>(node.float_attr(kNormal ? "scale" : "high", 1));
  for (double& v : values.mutable_data<double>()) {
    v = first + (kNormal ? second : second - first) * static_cast<double>(kNormal ? rng.normal() : rng.uniform());
  }
  return give_doubles(ctx, 0, specs[0].dtype, values);
}

// 1 with the probability that the input says.
Status run_bernoulli(RunContext& ctx) {
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_like_random));
  HT_ASSIGN(Tensor values, as_doubles(ctx.input(0)));
  Rng rng = generator(ctx.node());
  for (double& v : values.mutable_data<double>()) v = static_cast<double>(rng.uniform()) < v ? 1 : 0;
  return give_doubles(ctx, 0, specs[0].dtype, values);
}

constexpr OpDef random_op(std::string_view name, int inputs, InferFn infer, RunFn run) {
  return {.name = name, .schema = {inputs, inputs, 1, 1}, .infer = infer, .run = run, .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> random_ops() {
  static constexpr OpDef kOps[] = {
      random_op("Bernoulli", 1, infer_like_random, run_bernoulli),
      random_op("RandomNormal", 0, infer_random, run_random<true, infer_random>),
      random_op("RandomNormalLike", 1, infer_like_random, run_random<true, infer_like_random>),
      random_op("RandomUniform", 0, infer_random, run_random<false, infer_random>),
      random_op("RandomUniformLike", 1, infer_like_random, run_random<false, infer_like_random>),
  };
  return kOps;
}

}  // namespace halftone
