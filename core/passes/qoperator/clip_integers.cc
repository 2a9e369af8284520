// Before: q = QuantizeLinear(Relu(x)) or QuantizeLinear(Clip(x, low, high)), x made by an operator with an integer
// form, or
//         x = DequantizeLinear(p) by the same parameters
// After:  q = Clip(QuantizeLinear(x), integers of low and high), or q = Clip(p, ...)
// Conditions: opset 12, where Clip takes 8-bit integers; nobody else reads what Relu gives.
// Formula: rounding keeps order, so that clipping before and after it is the same.
#include "core/passes/qoperator/clip_integers.h"

#include <algorithm>
#include <cmath>

#include "core/compile/match.h"
#include "core/compile/quant_match.h"
#include "core/compile/rewrites/clip_range.h"
#include "core/passes/qoperator/forms.h"

namespace halftone {
namespace {

ValueId bound(Graph& graph, const QuantParams& params, float real) {
  const double lowest = dtype_info(params.dtype).lowest, highest = dtype_info(params.dtype).highest;
  const double q = std::nearbyint(real / params.scale[0]) + params.zero_point[0];
  const auto code = static_cast<int32_t>(std::clamp(q, lowest, highest));
  return graph.add_constant("clip_bound", params.dtype == DType::kInt8
                                              ? Tensor::scalar<int8_t>(static_cast<int8_t>(code))
                                              : Tensor::scalar<uint8_t>(static_cast<uint8_t>(code)));
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const Node clip = graph.nodes[static_cast<size_t>(context.node)];
  const auto range = context.opset < 12 ? std::nullopt : clip_range(graph, clip);
  const int32_t index = range ? only_consumer(context, clip.outputs[0]) : -1;
  if (index < 0) return false;
  const Node quantize = graph.nodes[static_cast<size_t>(index)];
  const auto params = is_op(quantize, "QuantizeLinear") ? quant_params(graph, quantize) : std::nullopt;
  if (!params || !params->per_tensor() || (params->dtype != DType::kInt8 && params->dtype != DType::kUint8))
    return false;
  const Node* maker = producer(context, clip.inputs[0]);
  if (maker == nullptr) return false;
  const bool from_integers = is_op(*maker, "DequantizeLinear") && quant_params(graph, *maker) == params;
  const QForm* form = find_qform(maker->op_type);
  const bool becomes_integers =
      form != nullptr && form->order != QOrder::kMoves && only_consumer(context, clip.inputs[0]) >= 0;
  if (!from_integers && !becomes_integers) return false;
  const ValueId whole = from_integers ? maker->inputs[0]
                                      : graph.add_value(graph.value(quantize.outputs[0]).name + "_whole", params->dtype,
                                                        graph.value(quantize.outputs[0]).shape);
  const ValueId low = bound(graph, *params, range->lo), high = bound(graph, *params, range->hi);
  Node& first = graph.nodes[static_cast<size_t>(context.node)];
  if (from_integers) {
    first.removed = true;
  } else {
    first.op_type = "QuantizeLinear";
    first.attributes = quantize.attributes;
    first.inputs = quantize.inputs;
    first.inputs[0] = clip.inputs[0];
    first.outputs = {whole};
  }
  Node& second = graph.nodes[static_cast<size_t>(index)];
  second.op_type = "Clip";
  second.attributes.clear();
  second.inputs = {whole, low, high};
  return true;
}

}  // namespace

const RewriteRule kClipIntegers = {"clip_integers", "Clips integers instead of what they are rounded from.", apply};

}  // namespace halftone
