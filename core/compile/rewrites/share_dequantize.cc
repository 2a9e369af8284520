// Before:     a = DequantizeLinear(x), b = DequantizeLinear(x)
// After:      the users of b read a
// Conditions: the same x, scale, zero point and axis.
// Formula:    b = a
#include "core/compile/match.h"
#include "core/compile/quant_match.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(node, "DequantizeLinear")) return false;
  std::optional<QuantParams> params;
  for (const Use& use : context.uses.uses(node.inputs[0])) {
    if (use.node < 0 || use.node >= context.node || use.input != 0) continue;
    const Node& first = graph.nodes[static_cast<size_t>(use.node)];
    if (!is_op(first, "DequantizeLinear")) continue;
    if (!params) params = quant_params(graph, node);
    if (!params) return false;
    if (quant_params(graph, first) != params) continue;
    node.removed = true;
    take_over(graph, node.outputs[0], first.outputs[0]);
    return true;
  }
  return false;
}

}  // namespace

const RewriteRule kShareDequantize = {"share_dequantize", "Dequantizes a value once where several nodes do the same.",
                                      apply};

}  // namespace halftone
