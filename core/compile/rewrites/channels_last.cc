// Before:     y = Op(x, ...)
// After:      y = Transpose(Op(Transpose(x), ...) {halftone.channels_last})
// Conditions: Op works in either layout (Conv, pools, Resize); ranks known, at least 3. Conv always, since its kernels
//             are channels-last; the others only where x comes from a channels-last value, so that regions grow from
//             convolutions and what lies outside stays as it is.
// Formula:    a permutation of axes that Op's spatial axes and channel axis follow. cancel_transposes and
//             sink_transpose remove what is between two such nodes.
#include "core/compile/layout.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const auto node = [&]() -> Node& { return graph.nodes[static_cast<size_t>(context.node)]; };
  if (layout_kind(graph, node()) != LayoutKind::kChannelAxis || node().has(kChannelsLastAttr)) return false;
  const ValueId x = node().inputs[0], y = node().outputs[0];
  // Pools of rare types have kernels for channels-first planes only.
  const DType type = graph.value(x).dtype;
  if (type != DType::kFloat && !is_integer_node(node())) return false;
  const SymShape &in = graph.value(x).shape, &out = graph.value(y).shape;
  if (!in.has_rank() || !out.has_rank() || in.rank() < 3 || in.rank() != out.rank()) return false;
  if (!is_op(node(), "Conv") && channels_last_source(context, x) == kNoValue) return false;
  const ValueId last = make_channels_last(context, x);
  node().inputs[0] = last;
  node().attributes[std::string(kChannelsLastAttr)] = Attribute(int64_t{1});
  give_channels_last(context, context.node);
  return true;
}

}  // namespace

const RewriteRule kChannelsLast = {"channels_last", "Lets convolutions and what follows them keep channels innermost.",
                                   apply};

}  // namespace halftone
