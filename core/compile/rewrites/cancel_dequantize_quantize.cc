// Before:     y = QuantizeLinear(DequantizeLinear(x))
// After:      the users of y read x
// Conditions: the same type, scale, zero point and axis on both.
// Formula:    round(scale * (x - zero) / scale) + zero = x, exactly: the float32 product of an 8- or 16-bit
//             integer and a scale, divided by that scale, is less than a half away from the integer.
#include "core/compile/match.h"
#include "core/compile/quant_match.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& quantize = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(quantize, "QuantizeLinear")) return false;
  const Node* dequantize = producer(context, quantize.input(0));
  if (dequantize == nullptr || !is_op(*dequantize, "DequantizeLinear")) return false;
  const auto out = quant_params(graph, quantize), in = quant_params(graph, *dequantize);
  if (!out || out != in || dtype_info(out->dtype).bits > 16) return false;
  quantize.removed = true;
  take_over(graph, quantize.outputs[0], dequantize->inputs[0]);
  return true;
}

}  // namespace

const RewriteRule kCancelDequantizeQuantize = {"cancel_dequantize_quantize",
                                               "Removes a dequantization that the same quantization undoes.", apply};

}  // namespace halftone
