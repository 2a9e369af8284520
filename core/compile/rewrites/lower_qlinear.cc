// Before:     y = QLinearConv(x, sx, zx, w, sw, zw, sy, zy, b); likewise QLinearMatMul, and QGemm with a quantized
//             result
// After:      y = Conv(x, w, b) {halftone.integer}, with Value::quant saying what the integers mean
// Conditions: scales and zero points are constants that quantizers could have (quant_params), and the operator's integer
//             kernel takes the node so (int8_applies). No value gets two meanings.
// Formula:    the operators' own; b counts units of sx * sw. The same integers come out.
// Reference:  ONNX QLinearConv-10, QLinearMatMul-10; ONNX Runtime, ContribOperators.md (QGemm).
#include "core/compile/match.h"
#include "core/compile/node_facts.h"
#include "core/compile/quant_match.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

// Inputs: x, its scale and zero point, the same for w; then the result's scale and zero point, and the bias.
struct Form {
  std::string_view domain, op, target;
  size_t y_scale, bias;  // bias 0: none
};

constexpr Form kForms[] = {
    {"", "QLinearConv", "Conv", 6, 8}, {"", "QLinearMatMul", "MatMul", 6, 0}, {"com.microsoft", "QGemm", "Gemm", 7, 6}};

const Form* find_form(const Node& node) {
  for (const Form& form : kForms) {
    if (!node.removed && node.op_type == form.op && node.domain == form.domain) return &form;
  }
  return nullptr;
}

// What integers `id` mean by the scale and the zero point at inputs `scale` and scale + 1. nullopt: not known, or they
// mean something else already.
std::optional<QuantParams> meaning(const Graph& graph, const Node& node, ValueId id, size_t scale, int64_t axis) {
  if (id == kNoValue || node.input(scale + 1) == kNoValue) return std::nullopt;
  Node quantizer;
  quantizer.op_type = "DequantizeLinear";
  quantizer.inputs = {id, node.input(scale), node.input(scale + 1)};
  quantizer.outputs = {id};
  quantizer.attributes["axis"] = Attribute(axis);
  auto params = quant_params(graph, quantizer);
  const Value& value = graph.value(id);
  if (!params || value.dtype != params->dtype || value.quant.value_or(*params) != *params) return std::nullopt;
  return params;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  const Form* form = find_form(node);
  const OpDef* op = form != nullptr ? find_op("", form->target, context.opset) : nullptr;
  if (op == nullptr) return false;
  Node after = node;
  after.op_type = form->target;
  after.domain.clear();
  after.inputs = {node.input(0), node.input(3)};
  const ValueId bias = form->bias != 0 ? node.input(form->bias) : kNoValue;
  if (bias != kNoValue) after.inputs.push_back(bias);
  after.attributes[std::string(kIntegerAttr)] = Attribute(int64_t{1});
  const int axis = op->quant.channel_axis != nullptr ? op->quant.channel_axis(after) : op->quant.weight_channel_axis;

  std::vector<std::pair<ValueId, QuantParams>> meanings;
  const auto add = [&](ValueId id, size_t scale, int64_t along) {
    auto params = meaning(graph, node, id, scale, along);
    if (params) meanings.emplace_back(id, *std::move(params));
    return params.has_value();
  };
  if (!add(node.input(0), 1, 0) || !add(node.input(3), 4, axis) || !add(node.output(0), form->y_scale, 0)) return false;
  if (bias != kNoValue) {
    QuantParams units = meanings[1].second;
    units.dtype = DType::kInt32;
    for (float& scale : units.scale) scale *= meanings[0].second.scale[0];
    units.zero_point.assign(units.scale.size(), 0);
    if (units.scale.size() > 1) units.axis = 0;
    if (graph.value(bias).dtype != DType::kInt32 || graph.value(bias).quant.value_or(units) != units) return false;
    meanings.emplace_back(bias, std::move(units));
  }
  NodeFacts facts(graph, after, context.opset, true);
  facts.set_input(0, graph, meanings[0].first, meanings[0].second);
  facts.set_input(1, graph, meanings[1].first, meanings[1].second);
  facts.set_output(0, meanings[2].second);
  if (bias != kNoValue) facts.set_input(2, graph, bias, meanings[3].second);
  if (op->int8_applies != nullptr && !op->int8_applies(facts)) return false;
  for (auto& [id, params] : meanings) graph.value(id).quant = std::move(params);
  node = std::move(after);
  return true;
}

}  // namespace

const RewriteRule kLowerQLinear = {
    "lower_qlinear", "Runs QLinearConv, QLinearMatMul and QGemm as the operators between quantizations are run.", apply};

}  // namespace halftone
