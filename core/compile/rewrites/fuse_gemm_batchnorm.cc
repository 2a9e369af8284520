// Before:     y = BatchNormalization(Gemm(a, w, c), gamma, beta, mean, variance)
// After:      y = Gemm(a, w', c')
// Conditions: inference; w [K, N] (or [N, K] with transB) and c are float32 constants, c one number or one per
//             column; alpha and beta are 1; nobody else reads the product.
// Formula:    w'[k, n] = w[k, n] * f[n], c'[n] = c[n] * f[n] + o[n], f and o as in batchnorm.h
#include "core/compile/batchnorm.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& batchnorm = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(batchnorm, "BatchNormalization")) return false;
  const ValueId between = batchnorm.input(0);
  const Node* found = producer(context, between);
  if (found == nullptr || !is_op(*found, "Gemm") || only_consumer(context, between) != context.node) return false;
  if (found->float_attr("alpha", 1) != 1 || found->float_attr("beta", 1) != 1 || found->has(kClampAttr)) return false;
  const auto affine = batchnorm_as_affine(context, batchnorm);
  const Tensor* w = constant_of(graph, found->input(1));
  if (!affine || w == nullptr || w->dtype() != DType::kFloat || w->rank() != 2) return false;
  const bool transposed = found->int_attr("transB", 0) != 0;
  const size_t columns = static_cast<size_t>(w->dims()[1]);
  const size_t channels = transposed ? static_cast<size_t>(w->dims()[0]) : columns;
  if (affine->factor.size() != channels) return false;

  std::vector<float> bias(channels);
  if (found->input(2) != kNoValue) {
    const Tensor* c = constant_of(graph, found->input(2));
    const auto given = c == nullptr ? std::nullopt : per_channel_constant(*c, 2, 1, static_cast<int64_t>(channels));
    if (!given) return false;
    bias = *given;
  }
  for (size_t n = 0; n < channels; ++n) {
    bias[n] = static_cast<float>(bias[n] * affine->factor[n] + affine->offset[n]);
  }
  std::vector<float> weight(w->data<float>().begin(), w->data<float>().end());
  for (size_t i = 0; i < weight.size(); ++i) {
    weight[i] = static_cast<float>(weight[i] * affine->factor[transposed ? i / columns : i % columns]);
  }

  const std::string base = graph.value(found->input(1)).name;
  const int32_t gemm_index = context.uses.producer(between);
  const ValueId new_w = graph.add_constant(base + "_bn", Tensor::of<float>(Dims(w->dims()), weight));
  const ValueId new_b =
      graph.add_constant(base + "_bn_bias", Tensor::of<float>({static_cast<int64_t>(channels)}, bias));
  Node& gemm = graph.nodes[static_cast<size_t>(gemm_index)];
  put_input(gemm, 1, new_w);
  put_input(gemm, 2, new_b);
  gemm.outputs[0] = batchnorm.outputs[0];
  batchnorm.removed = true;
  return true;
}

}  // namespace

const RewriteRule kFuseGemmBatchnorm = {
    "fuse_gemm_batchnorm", "Folds a batch normalization into the weights and bias of the Gemm before it.", apply};

}  // namespace halftone
