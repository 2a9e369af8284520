// kLiftDequantize
// Before:     y = DequantizeLinear(Op(q)), Op moving elements only
// After:      y = Op(DequantizeLinear(q))
// Conditions: one scale, and nobody else reads what Op gives.
//
// kDropRounding
// Before:     y = DequantizeLinear(QuantizeLinear(x))
// After:      y = x, or Relu(x), or Clip(x, 0, 6)
// Conditions: both by the same constants. A range that starts at 0 behind a product or a sum was an activation: the
//             integers cut off what is below. One that ends at 6, to a step, was Relu6.
#include <algorithm>
#include <cmath>

#include "core/compile/match.h"
#include "core/compile/quant_match.h"
#include "core/passes/dequantize/rules.h"

namespace halftone {
namespace {

bool one_of(const Node& node, std::initializer_list<std::string_view> ops) {
  return std::any_of(ops.begin(), ops.end(), [&](std::string_view op) { return is_op(node, op); });
}

bool lift(RewriteContext& context) {
  Graph& graph = context.graph;
  const Node dequantize = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(dequantize, "DequantizeLinear")) return false;
  const ValueId moved = dequantize.input(0);
  const int32_t index = moved == kNoValue ? -1 : context.uses.producer(moved);
  if (index < 0 || only_consumer(context, moved) < 0) return false;
  const Node mover = graph.nodes[static_cast<size_t>(index)];
  const bool joins = is_op(mover, "Concat");
  if (!joins && !one_of(mover, {"Identity", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice",
                                "Gather", "MaxPool", "DepthToSpace", "SpaceToDepth", "Expand", "Tile"})) {
    return false;
  }
  const auto params = quant_params(graph, dequantize);
  if (!params || !params->per_tensor() || mover.outputs.size() != 1) return false;
  for (size_t i = 0; i < (joins ? mover.inputs.size() : 1); ++i) {
    Node before = dequantize;
    before.name = graph.unique_node_name(node_label(graph, mover) + "_dequantize");
    before.inputs[0] = mover.inputs[i];
    before.outputs[0] = graph.add_value(graph.value(mover.inputs[i]).name, DType::kFloat);
    graph.nodes[static_cast<size_t>(index)].inputs[i] = before.outputs[0];
    graph.nodes.push_back(std::move(before));
  }
  graph.nodes[static_cast<size_t>(index)].outputs = dequantize.outputs;
  graph.nodes[static_cast<size_t>(context.node)].removed = true;
  return true;
}

// What the quantization of x did besides rounding: "", "Relu" or "Clip" (to 6).
std::string_view activation_of(const RewriteContext& context, const Node& quantize, const QuantParams& params) {
  const double lowest = dtype_info(params.dtype).lowest, highest = dtype_info(params.dtype).highest;
  if (!params.per_tensor() || params.zero_point[0] != lowest) return "";
  const Node* maker = producer(context, quantize.inputs[0]);
  if (maker == nullptr || !one_of(*maker, {"Conv", "ConvTranspose", "Gemm", "MatMul", "Add", "BatchNormalization"})) {
    return "";
  }
  const double high = static_cast<double>(params.scale[0]) * (highest - lowest);
  return std::abs(high - 6) <= 1.5 * params.scale[0] ? "Clip" : "Relu";
}

bool drop_rounding(RewriteContext& context) {
  Graph& graph = context.graph;
  const Node dequantize = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(dequantize, "DequantizeLinear")) return false;
  const Node* from = producer(context, dequantize.input(0));
  if (from == nullptr || !is_op(*from, "QuantizeLinear")) return false;
  const Node quantize = *from;
  const auto in = quant_params(graph, quantize), out = quant_params(graph, dequantize);
  if (!in || in != out) return false;
  const std::string_view activation = activation_of(context, quantize, *in);
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  node.inputs = {quantize.inputs[0]};
  node.attributes.clear();
  if (activation == "Clip") {
    node.inputs.push_back(graph.add_constant("relu6_low", Tensor::scalar<float>(0)));
    node.inputs.push_back(graph.add_constant("relu6_high", Tensor::scalar<float>(6)));
  }
  node.op_type = std::string(activation);
  if (activation.empty()) {
    node.removed = true;
    take_over(graph, node.outputs[0], node.inputs[0]);
  }
  return true;
}

}  // namespace

const RewriteRule kLiftDequantize = {"lift_dequantize", "Dequantizes before elements are moved.", lift};
const RewriteRule kDropRounding = {"drop_rounding", "Activations are no longer rounded.", drop_rounding};

}  // namespace halftone
