// Before:     w = DequantizeLinear(constant)
// After:      w is a float constant
// Conditions: runs after integer lowering, on what no integer kernel took; the float form fits in memory.
// Formula:    w = scale * (q - zero_point), once instead of at every run.
#include "core/compile/rewrites/fold.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

bool apply(RewriteContext& context) {
  const Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  return is_op(node, "DequantizeLinear") && fold_node(context, kMaxBytes);
}

}  // namespace

const RewriteRule kFoldDequantize = {"fold_dequantize",
                                     "Dequantizes constant weights once where the operator runs in float.", apply};

}  // namespace halftone
