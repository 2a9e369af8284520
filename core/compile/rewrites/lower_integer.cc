// Before:     y_q = QuantizeLinear(Op(DequantizeLinear(x_q), DequantizeLinear(w_q), DequantizeLinear(b_q)))
// After:      y_q = Op(x_q, w_q, b_q) {halftone.integer}, with Value::quant saying what the integers mean
// Conditions: Op's row has an integer kernel that takes this node (int8_applies); every float data input comes
//             from a DequantizeLinear with constant parameters: 8-bit activations per tensor, constant 8-bit
//             weights, constant int32 bias with scale = activation scale * weight scale; every use of every output is a
//             QuantizeLinear, all with the same parameters, and no output of the model lies between. Operators
//             that only move elements need the same parameters before and after. Dequantizations and
//             quantizations that others read stay. A tap between op and quantization gets y_q, dequantized.
// Formula:    real = scale * (q - zero_point) on every edge; the kernels' contract is in core/kernels/quant.
// Reference:  Jacob et al. 2018, section 2.2; ONNX QuantizeLinear, DequantizeLinear.
#include <algorithm>
#include <cmath>

#include "core/compile/match.h"
#include "core/compile/node_facts.h"
#include "core/compile/quant_match.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

struct IntegerInput {
  size_t index;
  ValueId value;
  QuantParams params;
};

struct IntegerOutput {
  size_t index;
  std::vector<int32_t> quantizers;  // all with the same parameters
  QuantParams params;
};

bool is_data_input(const QuantRule& rule, size_t index) {
  return rule.kind != QuantKind::kPassThrough || rule.share_inputs || index == 0;
}

bool suits(const QuantRule& rule, const Value& value, size_t index, const QuantParams& params) {
  if (value.quant && *value.quant != params) return false;
  if (value.dtype != params.dtype || params.block_size != 0) return false;
  const bool weighted = rule.kind == QuantKind::kWeighted;
  if (weighted && static_cast<int>(index) == rule.bias_input)
    return value.is_constant() && params.dtype == DType::kInt32;
  if (params.dtype != DType::kInt8 && params.dtype != DType::kUint8) return false;
  if (weighted && static_cast<int>(index) == rule.weight_input) return true;
  return params.per_tensor();
}

// Inputs to take as integers; nullopt where one that has to be is not.
std::optional<std::vector<IntegerInput>> integer_inputs(const RewriteContext& context, const Node& node,
                                                        const QuantRule& rule) {
  const Graph& graph = context.graph;
  std::vector<IntegerInput> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue || graph.value(node.inputs[i]).dtype != DType::kFloat) continue;
    const Node* from = producer(context, node.inputs[i]);
    const bool dequantized = from != nullptr && is_op(*from, "DequantizeLinear");
    if (!dequantized && is_data_input(rule, i)) return std::nullopt;
    if (!dequantized) continue;
    auto params = quant_params(graph, *from);
    if (!params || !suits(rule, graph.value(from->inputs[0]), i, *params)) return std::nullopt;
    inputs.push_back({i, from->inputs[0], *std::move(params)});
  }
  if (inputs.empty()) return std::nullopt;
  return inputs;
}

std::optional<std::vector<IntegerOutput>> integer_outputs(const RewriteContext& context, const Node& node) {
  const Graph& graph = context.graph;
  std::vector<IntegerOutput> outputs;
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue || context.uses.uses(node.outputs[i]).empty()) continue;
    IntegerOutput output{i, {}, {}};
    for (const Use& use : context.uses.uses(node.outputs[i])) {
      if (use.node < 0 && static_cast<size_t>(use.input) >= context.model_outputs) continue;
      if (use.node < 0 || use.input != 0) return std::nullopt;
      const Node& user = graph.nodes[static_cast<size_t>(use.node)];
      auto params = is_op(user, "QuantizeLinear") ? quant_params(graph, user) : std::nullopt;
      if (!params || !params->per_tensor()) return std::nullopt;
      if (params->dtype != DType::kInt8 && params->dtype != DType::kUint8) return std::nullopt;
      if (graph.value(user.outputs[0]).quant.value_or(*params) != *params) return std::nullopt;
      if (!output.quantizers.empty() && *params != output.params) return std::nullopt;
      output.quantizers.push_back(use.node);
      output.params = *std::move(params);
    }
    if (output.quantizers.empty()) return std::nullopt;
    outputs.push_back(std::move(output));
  }
  if (outputs.empty()) return std::nullopt;
  return outputs;
}

// bias scale = activation scale * weight scale, within float rounding: the accumulators' unit.
bool bias_fits(const QuantRule& rule, const std::vector<IntegerInput>& inputs) {
  if (rule.kind != QuantKind::kWeighted || rule.bias_input < 0) return true;
  const QuantParams *x = nullptr, *w = nullptr, *b = nullptr;
  for (const IntegerInput& input : inputs) {
    if (static_cast<int>(input.index) == rule.weight_input) {
      w = &input.params;
    } else if (static_cast<int>(input.index) == rule.bias_input) {
      b = &input.params;
    } else if (x == nullptr) {
      x = &input.params;
    }
  }
  if (b == nullptr) return true;
  if (x == nullptr || w == nullptr) return false;
  for (size_t i = 0; i < b->scale.size() || i < w->scale.size(); ++i) {
    const size_t bi = b->scale.size() == 1 ? 0 : i, wi = w->scale.size() == 1 ? 0 : i;
    if (bi >= b->scale.size() || wi >= w->scale.size() || b->zero_point[bi] != 0) return false;
    const double unit = static_cast<double>(x->scale[0]) * w->scale[wi];
    if (std::abs(b->scale[bi] - unit) > 1e-5 * unit) return false;
  }
  return true;
}

bool kernel_applies(const RewriteContext& context, const OpDef& op, const Node& node,
                    const std::vector<IntegerInput>& inputs, const std::vector<IntegerOutput>& outputs) {
  if (op.int8_applies == nullptr) {
    // A row that does not say otherwise moves integers without looking at what they mean.
    const QuantParams& meaning = outputs.front().params;
    return std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) { return input.params == meaning; }) &&
           std::all_of(outputs.begin(), outputs.end(), [&](const auto& output) { return output.params == meaning; });
  }
  NodeFacts facts(context.graph, node, context.opset, true);
  for (const IntegerInput& input : inputs) facts.set_input(input.index, context.graph, input.value, input.params);
  for (const IntegerOutput& output : outputs) facts.set_output(output.index, output.params);
  return op.int8_applies(facts);
}

void lower(RewriteContext& context, const std::vector<IntegerInput>& inputs,
           const std::vector<IntegerOutput>& outputs) {
  Graph& graph = context.graph;
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  for (const IntegerInput& input : inputs) {
    const ValueId real = node.inputs[input.index];
    node.inputs[input.index] = input.value;
    graph.value(input.value).quant = input.params;
    put_stand_in(context, real, input.value);
  }
  for (const IntegerOutput& output : outputs) {
    const ValueId real = node.outputs[output.index];
    const ValueId integer = graph.nodes[static_cast<size_t>(output.quantizers[0])].outputs[0];
    for (int32_t index : output.quantizers) {
      Node& quantize = graph.nodes[static_cast<size_t>(index)];
      quantize.removed = true;
      if (quantize.outputs[0] != integer) take_over(graph, quantize.outputs[0], integer);
    }
    node.outputs[output.index] = integer;
    graph.value(integer).quant = output.params;
    put_stand_in(context, real, integer);
  }
  node.attributes[std::string(kIntegerAttr)] = Attribute(int64_t{1});
}

bool apply(RewriteContext& context) {
  const Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  if (node.removed || !node.domain.empty() || is_integer_node(node)) return false;
  const OpDef* op = find_op(node.domain, node.op_type, context.opset);
  if (op == nullptr || op->run_int8 == nullptr) return false;
  const auto inputs = integer_inputs(context, node, op->quant);
  if (!inputs || !bias_fits(op->quant, *inputs)) return false;
  const auto outputs = integer_outputs(context, node);
  if (!outputs || !kernel_applies(context, *op, node, *inputs, *outputs)) return false;
  lower(context, *inputs, *outputs);
  return true;
}

}  // namespace

const RewriteRule kLowerInteger = {
    "lower_integer", "Runs operators between dequantization and quantization on the integers themselves.", apply};

}  // namespace halftone
