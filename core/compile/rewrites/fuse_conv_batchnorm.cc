// Before:     y = BatchNormalization(Conv(x, w, b), gamma, beta, mean, variance)   (also ConvTranspose)
// After:      y = Conv(x, w', b')
// Conditions: inference; w, b (where there is one) and the four parameters are float32 constants; nobody else
//             reads the convolution's output.
// Formula:    w'[m] = w[m] * f[m], b'[m] = b[m] * f[m] + o[m], f and o as in batchnorm.h
// Reference:  Jacob et al. 2018, "Quantization and Training of Neural Networks", section 3.2.
#include "core/compile/batchnorm.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

// Output channel of element i of the weight: Conv [M, C/g, ...], ConvTranspose [C, M/g, ...].
struct ChannelOf {
  bool transposed;
  int64_t inner, dim1, rows_per_group;  // elements below axis 1, size of axis 1, rows of axis 0 in a group
  size_t operator()(int64_t i) const {
    const int64_t column = i / inner % dim1, row = i / (inner * dim1);
    return static_cast<size_t>(transposed ? row / rows_per_group * dim1 + column : row);
  }
};

std::optional<Tensor> scaled_weight(const Tensor& w, const ChannelOf& channel_of, const std::vector<double>& factor) {
  auto scaled = Tensor::allocate(DType::kFloat, w.dims());
  if (!scaled.ok()) return std::nullopt;
  const auto from = w.data<float>();
  const auto to = scaled->mutable_data<float>();
  for (size_t i = 0; i < from.size(); ++i) {
    to[i] = static_cast<float>(from[i] * factor[channel_of(static_cast<int64_t>(i))]);
  }
  return *std::move(scaled);
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& batchnorm = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(batchnorm, "BatchNormalization")) return false;
  const ValueId between = batchnorm.input(0);
  const Node* found = producer(context, between);
  if (found == nullptr || only_consumer(context, between) != context.node || found->has(kClampAttr)) return false;
  const bool transposed = is_op(*found, "ConvTranspose");
  if (!transposed && !is_op(*found, "Conv")) return false;
  const auto affine = batchnorm_as_affine(context, batchnorm);
  const Tensor* w = constant_of(graph, found->input(1));
  if (!affine || w == nullptr || w->dtype() != DType::kFloat || w->rank() < 3 || w->size() == 0) return false;

  const int64_t groups = found->int_attr("group", 1), rows = w->dims()[0], columns = w->dims()[1];
  if (groups < 1 || rows % groups != 0) return false;
  const size_t channels = static_cast<size_t>(transposed ? columns * groups : rows);
  if (affine->factor.size() != channels) return false;
  std::vector<float> bias(channels);
  if (found->input(2) != kNoValue) {
    const auto given = float_constant(graph, found->input(2));
    if (!given || given->size() != channels) return false;
    bias = *given;
  }
  for (size_t c = 0; c < channels; ++c) {
    bias[c] = static_cast<float>(bias[c] * affine->factor[c] + affine->offset[c]);
  }
  const ChannelOf channel_of{transposed, w->size() / (rows * columns), columns, rows / groups};
  auto scaled = scaled_weight(*w, channel_of, affine->factor);
  if (!scaled) return false;

  const std::string base = graph.value(found->input(1)).name;
  const int32_t conv_index = context.uses.producer(between);
  const ValueId new_w = graph.add_constant(base + "_bn", *std::move(scaled));
  const ValueId new_b =
      graph.add_constant(base + "_bn_bias", Tensor::of<float>({static_cast<int64_t>(channels)}, bias));
  Node& conv = graph.nodes[static_cast<size_t>(conv_index)];
  put_input(conv, 1, new_w);
  put_input(conv, 2, new_b);
  conv.outputs[0] = batchnorm.outputs[0];
  batchnorm.removed = true;
  return true;
}

}  // namespace

const RewriteRule kFuseConvBatchnorm = {
    "fuse_conv_batchnorm", "Folds a batch normalization into the weights and bias of the convolution before it.",
    apply};

}  // namespace halftone
