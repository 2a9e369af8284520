// Before:     y = Add(Conv(x, w, b), c)     (either order; also ConvTranspose)
// After:      y = Conv(x, w, b + c)
// Conditions: c is a float32 constant that is one number or one per output channel; b is absent or constant;
//             nobody else reads the convolution's output.
// Formula:    (w * x + b) + c = w * x + (b + c)
#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

// Output channels of Conv [M, C/g, ...] or ConvTranspose [C, M/g, ...]; 0 where the weight says nothing.
int64_t output_channels(const Graph& graph, const Node& conv) {
  const Value& w = graph.value(conv.input(1));
  if (!w.shape.has_rank() || w.shape.rank() < 3) return 0;
  const Dim& dim = is_op(conv, "Conv") ? w.shape[0] : w.shape[1];
  if (!dim.known()) return 0;
  return is_op(conv, "Conv") ? dim.value : dim.value * conv.int_attr("group", 1);
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& add = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(add, "Add") || add.inputs.size() != 2 || is_integer_node(add)) return false;
  if (!add.attributes.empty()) return false;  // old broadcasting, or a clamp that would be lost
  for (size_t side : {size_t{0}, size_t{1}}) {
    const Node* found = producer(context, add.input(side));
    const Tensor* constant = constant_of(graph, add.input(1 - side));
    if (found == nullptr || constant == nullptr) continue;
    if (!is_op(*found, "Conv") && !is_op(*found, "ConvTranspose")) continue;
    if (found->input(1) == kNoValue || only_consumer(context, add.input(side)) != context.node) continue;
    if (is_integer_node(*found) || found->has(kClampAttr)) continue;
    const int64_t channels = output_channels(graph, *found);
    if (channels == 0) continue;
    auto sum = per_channel_constant(*constant, graph.value(found->input(1)).shape.rank(), 1, channels);
    if (!sum) continue;
    if (found->input(2) != kNoValue) {
      const auto bias = float_constant(graph, found->input(2));
      if (!bias || bias->size() != sum->size()) continue;
      for (size_t i = 0; i < sum->size(); ++i) (*sum)[i] = (*bias)[i] + (*sum)[i];
    }
    const int32_t conv_index = context.uses.producer(add.input(side));
    const ValueId b =
        graph.add_constant(graph.value(add.output(0)).name + "_bias", Tensor::of<float>({channels}, *sum));
    Node& conv = graph.nodes[static_cast<size_t>(conv_index)];
    put_input(conv, 2, b);
    conv.outputs[0] = add.outputs[0];
    add.removed = true;
    return true;
  }
  return false;
}

}  // namespace

const RewriteRule kFuseConvBiasAdd = {"fuse_conv_bias_add",
                                      "Adds a per-channel constant after a convolution to its bias.", apply};

}  // namespace halftone
