// Before:     s = Shape(DequantizeLinear(x))     (also QuantizeLinear; also Size)
// After:      s = Shape(x)
// Conditions: none.
// Formula:    quantization keeps shapes. Without this the float tensor would be made for its shape alone.
#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

bool apply(RewriteContext& context) {
  Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(node, "Shape") && !is_op(node, "Size")) return false;
  const Node* from = producer(context, node.input(0));
  if (from == nullptr || !(is_op(*from, "DequantizeLinear") || is_op(*from, "QuantizeLinear"))) return false;
  node.inputs[0] = from->inputs[0];
  return true;
}

}  // namespace

const RewriteRule kShapeOfQuantized = {"shape_of_quantized", "Reads a shape before a quantization instead of after it.",
                                       apply};

}  // namespace halftone
