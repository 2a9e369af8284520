// Before:     y = QLinearConv(x, sx, zx, w, sw, zw, sy, zy, b) or QLinearMatMul(a, sa, za, b, sb, zb, sy, zy)
// After:      y = QuantizeLinear(Op(DequantizeLinear(x ...), DequantizeLinear(w ...), DequantizeLinear(b)), sy, zy)
// Conditions: scales are constants; those of activations are one number.
// Formula:    the bias counts in units of sx * sw.
#include "core/compile/match.h"
#include "core/passes/dequantize/rules.h"

namespace halftone {
namespace {

// Adds nodes to a graph; the rule's own node keeps its place and becomes the last of them.
class SpellOut {
 public:
  explicit SpellOut(Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  ValueId dequantize(size_t first, int64_t axis) {
    return add("DequantizeLinear", {node_.input(first), node_.input(first + 1), node_.input(first + 2)}, axis);
  }

  ValueId dequantize_bias(size_t input, const std::vector<float>& scales) {
    const auto count = static_cast<int64_t>(scales.size());
    const ValueId scale =
        graph_.add_constant("bias_scale", Tensor::of<float>(count == 1 ? Dims{} : Dims{count}, scales));
    return add("DequantizeLinear", {node_.input(input), scale}, 0);
  }

  ValueId product(std::string_view op, std::vector<ValueId> inputs) {
    return add(op, std::move(inputs), -1, node_.attributes);
  }

 private:
  ValueId add(std::string_view op, std::vector<ValueId> inputs, int64_t axis, Attributes attributes = {}) {
    Node node;
    node.op_type = std::string(op);
    node.name = graph_.unique_node_name(node_label(graph_, node_) + "_" + node.op_type);
    node.inputs = std::move(inputs);
    while (!node.inputs.empty() && node.inputs.back() == kNoValue) node.inputs.pop_back();
    node.attributes = std::move(attributes);
    if (axis >= 0) node.attributes["axis"] = Attribute(axis);
    const ValueId output = graph_.add_value(graph_.value(node_.outputs[0]).name + "_real", DType::kFloat);
    node.outputs = {output};
    graph_.nodes.push_back(std::move(node));
    return output;
  }

  Graph& graph_;
  const Node node_;
};

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const Node before = graph.nodes[static_cast<size_t>(context.node)];
  const bool conv = is_op(before, "QLinearConv");
  if ((!conv && !is_op(before, "QLinearMatMul")) || before.inputs.size() < 8) return false;
  const auto sx = float_constant(graph, before.input(1)), sw = float_constant(graph, before.input(4)),
             sy = float_constant(graph, before.input(6));
  const SymShape& right = graph.value(before.inputs[3]).shape;
  if (!sx || !sw || !sy || sx->size() != 1 || sy->size() != 1 || (!conv && !right.has_rank())) return false;
  SpellOut spell(graph, before);
  const int64_t axis = conv ? 0 : right.rank() - 1;
  std::vector<ValueId> inputs = {spell.dequantize(0, -1), spell.dequantize(3, sw->size() == 1 ? -1 : axis)};
  if (conv && before.input(8) != kNoValue) {
    std::vector<float> scales = *sw;
    for (float& scale : scales) scale *= (*sx)[0];
    inputs.push_back(spell.dequantize_bias(8, scales));
  }
  const ValueId real = spell.product(conv ? "Conv" : "MatMul", std::move(inputs));
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  node.op_type = "QuantizeLinear";
  node.attributes.clear();
  node.inputs = {real, before.inputs[6], before.inputs[7]};
  return true;
}

}  // namespace

const RewriteRule kSpellOutProducts = {
    "spell_out_products", "Integer products become products between dequantization and quantization.", apply};

}  // namespace halftone
