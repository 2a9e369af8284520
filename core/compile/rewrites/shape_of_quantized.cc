// Before:     s = Shape(DequantizeLinear(x))     or  s = Shape(y) where y is quantized: x = QuantizeLinear(y)
// After:      s = Shape(x)                       (also Size)
// Conditions: none.
// Formula:    quantization keeps shapes. Without this a float tensor would be made, and its producer kept from
//             running on integers, for the shape alone.
#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

// The quantized form of a value, kNoValue where there is none.
ValueId quantized_form(const RewriteContext& context, ValueId id) {
  const Node* from = producer(context, id);
  if (from != nullptr && is_op(*from, "DequantizeLinear")) return from->input(0);
  for (const Use& use : context.uses.uses(id)) {
    if (use.node < 0 || use.input != 0) continue;
    const Node& user = context.graph.nodes[static_cast<size_t>(use.node)];
    if (is_op(user, "QuantizeLinear")) return user.output(0);
  }
  return kNoValue;
}

bool apply(RewriteContext& context) {
  Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  if ((!is_op(node, "Shape") && !is_op(node, "Size")) || node.input(0) == kNoValue) return false;
  const ValueId integers = quantized_form(context, node.inputs[0]);
  if (integers == kNoValue) return false;
  node.inputs[0] = integers;
  return true;
}

}  // namespace

const RewriteRule kShapeOfQuantized = {"shape_of_quantized", "Reads a shape from the quantized form of a value.",
                                       apply};

}  // namespace halftone
