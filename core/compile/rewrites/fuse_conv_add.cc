// Before:     y = Add(Conv(x, w, b), r)      (or r first; either may be clamped, the Conv may not)
// After:      y = Conv(x, w, b, r) {halftone.addend}, with Add's clamp
// Conditions: float, channels-last, one group; r has the shape of y, all dims known to be the same; nobody else reads
//             the Conv.
// Formula:    sums start from r + b instead of b: one pass less over both, and the last bits of the sums may differ.
#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

bool can_add(const RewriteContext& context, int32_t add, ValueId sum, ValueId addend) {
  const Graph& graph = context.graph;
  const Node* conv = producer(context, sum);
  if (conv == nullptr || !is_op(*conv, "Conv") || is_integer_node(*conv) || !conv->has(kChannelsLastAttr)) return false;
  if (conv->has(kClampAttr) || conv->has(kAddendAttr) || conv->int_attr("group", 1) != 1) return false;
  if (only_consumer(context, sum) != add || addend == sum) return false;
  const Value &a = graph.value(sum), &b = graph.value(addend);
  return a.dtype == DType::kFloat && b.dtype == DType::kFloat && same_shape(a.shape, b.shape);
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& add = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(add, "Add") || is_integer_node(add) || add.inputs.size() != 2 || add.has("axis")) return false;
  for (size_t i = 0; i < 2; ++i) {
    const ValueId sum = add.inputs[i], addend = add.inputs[1 - i];
    if (!can_add(context, context.node, sum, addend)) continue;
    Node& conv = graph.nodes[static_cast<size_t>(context.uses.producer(sum))];
    put_input(conv, 3, addend);
    conv.attributes[std::string(kAddendAttr)] = Attribute(int64_t{1});
    if (add.has(kClampAttr)) conv.attributes[std::string(kClampAttr)] = Attribute(add.floats_attr(kClampAttr));
    conv.outputs[0] = add.outputs[0];
    add.removed = true;
    return true;
  }
  return false;
}

}  // namespace

const RewriteRule kFuseConvAdd = {"fuse_conv_add", "Lets a convolution start its sums from what is added to it.",
                                  apply};

}  // namespace halftone
