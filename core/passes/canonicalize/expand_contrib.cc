// Contrib operators spelled out; the contract is in expand_contrib.h.
#include "core/passes/canonicalize/expand_contrib.h"

#include <algorithm>
#include <memory>

#include "core/graph/edit.h"
#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

constexpr std::string_view kDomain = "com.microsoft";
constexpr int64_t kQuantizeOpset = 10;

// Whether the node is spelled out now; it stays where its form is not one of those here.
using ExpandFn = bool (*)(OpsetEdit&, int64_t opset);

struct Expansion {
  std::string_view op;
  ExpandFn expand;
};

// Inputs first, first + 1, first + 2 (integers, scale, zero point) as real numbers.
ValueId dequantized(OpsetEdit& edit, const Node& node, size_t first, std::string_view what) {
  std::vector<ValueId> inputs = {node.input(first), node.input(first + 1)};
  if (node.input(first + 2) != kNoValue) inputs.push_back(node.input(first + 2));
  return edit.add_node("DequantizeLinear", what, std::move(inputs));
}

// The node's output from `real`, by the scale at input `scale` and the zero point behind it.
void quantize_to_output(OpsetEdit& edit, const Node& node, ValueId real, size_t scale) {
  std::vector<ValueId> inputs = {real, node.input(scale)};
  if (node.input(scale + 1) != kNoValue) inputs.push_back(node.input(scale + 1));
  edit.add_node_to(node.outputs.at(0), "QuantizeLinear", std::move(inputs));
  edit.node().removed = true;
}

bool expand_binary(OpsetEdit& edit, std::string_view op) {
  const Node node = edit.node();
  if (node.inputs.size() < 7) return false;
  const ValueId a = dequantized(edit, node, 0, "a"), b = dequantized(edit, node, 3, "b");
  quantize_to_output(edit, node, edit.add_node(op, "real", {a, b}), 6);
  return true;
}
bool expand_add(OpsetEdit& edit, int64_t) { return expand_binary(edit, "Add"); }
bool expand_mul(OpsetEdit& edit, int64_t) { return expand_binary(edit, "Mul"); }

// The operator without "QLinear" on the real numbers, with those of the node's attributes that are its own.
bool expand_unary(OpsetEdit& edit, int64_t opset) {
  const Node node = edit.node();
  if (node.inputs.size() < 4 || node.int_attr("channels_last", 0) != 0) return false;
  if (node.op_type == "QLinearSoftmax" && (node.int_attr("opset", opset) < 13) != (opset < 13)) return false;
  Attributes attributes = node.attributes;
  attributes.erase("channels_last");
  attributes.erase("opset");
  const ValueId x = dequantized(edit, node, 0, "x");
  const ValueId real = edit.add_node(node.op_type.substr(7), "real", {x}, std::move(attributes));
  quantize_to_output(edit, node, real, 3);
  return true;
}

bool expand_concat(OpsetEdit& edit, int64_t) {
  const Node node = edit.node();
  if (node.inputs.size() < 5 || node.inputs.size() % 3 != 2) return false;
  std::vector<ValueId> parts;
  for (size_t i = 2; i < node.inputs.size(); i += 3) parts.push_back(dequantized(edit, node, i, "part"));
  quantize_to_output(edit, node, edit.add_node("Concat", "real", std::move(parts), node.attributes), 0);
  return true;
}

bool change_domain(OpsetEdit& edit, int64_t opset) {
  if (edit.rank(edit.node().input(1)).value_or(1) > 0 && opset < 13) return false;
  edit.node().domain.clear();
  return true;
}

// --- a product, a sum, an activation ----------------------------------------------------------

struct Activation {
  std::string op;
  std::vector<float> params;
};

// Appends the activation so that it makes `output`. Clip takes its bounds as inputs from opset 11 on.
bool add_activation(OpsetEdit& edit, const Activation& f, ValueId x, ValueId output, int64_t opset) {
  const auto param = [&](size_t i, float fallback) { return i < f.params.size() ? f.params[i] : fallback; };
  Attributes attributes;
  std::vector<ValueId> inputs = {x};
  if (f.op == "Clip" && opset >= 11) {
    inputs.push_back(edit.add_number("min", param(0, -3.4028234e38f), DType::kFloat));
    inputs.push_back(edit.add_number("max", param(1, 3.4028234e38f), DType::kFloat));
  } else if (f.op == "Clip") {
    attributes.emplace("min", Attribute(param(0, -3.4028234e38f)));
    attributes.emplace("max", Attribute(param(1, 3.4028234e38f)));
  } else if (f.op == "LeakyRelu") {
    attributes.emplace("alpha", Attribute(param(0, 0.01f)));
  } else if (f.op == "HardSigmoid") {
    attributes.emplace("alpha", Attribute(param(0, 0.2f)));
    attributes.emplace("beta", Attribute(param(1, 0.5f)));
  }
  edit.add_node_to(output, f.op, std::move(inputs), std::move(attributes));
  return true;
}

bool is_known_activation(std::string_view op) {
  static constexpr std::string_view kKnown[] = {"Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid"};
  return std::find(std::begin(kKnown), std::end(kKnown), op) != std::end(kKnown);
}

// The node becomes `op` on its first `product_inputs` inputs; an addend (FusedConv's input 3) and the activation
// follow.
bool expand_fused(OpsetEdit& edit, std::string_view op, const Activation& f, size_t product_inputs, int64_t opset) {
  if (!f.op.empty() && !is_known_activation(f.op)) return false;
  const ValueId output = edit.node().outputs.at(0);
  const ValueId addend = edit.node().input(product_inputs);
  Node& node = edit.node();
  node.domain.clear();
  node.op_type = op;
  for (std::string_view key :
       {"activation", "activation_params", "activation_alpha", "activation_beta", "activation_gamma"}) {
    if (const auto it = node.attributes.find(key); it != node.attributes.end()) node.attributes.erase(it);
  }
  if (node.inputs.size() > product_inputs) node.inputs.resize(product_inputs);
  if (f.op.empty() && addend == kNoValue) return true;
  ValueId x = edit.detach_output("product");
  if (addend != kNoValue) {
    if (f.op.empty()) {
      edit.add_node_to(output, "Add", {x, addend});
      return true;
    }
    x = edit.add_node("Add", "sum", {x, addend});
  }
  return add_activation(edit, f, x, output, opset);
}

bool expand_conv(OpsetEdit& edit, int64_t opset) {
  const Activation f{edit.node().string_attr("activation", ""), edit.node().floats_attr("activation_params")};
  return expand_fused(edit, "Conv", f, 3, opset);
}

bool expand_gemm(OpsetEdit& edit, int64_t opset) {
  Activation f{edit.node().string_attr("activation", ""), {}};
  for (std::string_view key : {"activation_alpha", "activation_beta"}) {
    if (edit.node().has(key)) f.params.push_back(edit.node().float_attr(key, 0));
  }
  return expand_fused(edit, "Gemm", f, 3, opset);
}

constexpr Expansion kExpansions[] = {
    {"DequantizeLinear", change_domain},
    {"FusedConv", expand_conv},
    {"FusedGemm", expand_gemm},
    {"QLinearAdd", expand_add},
    {"QLinearAveragePool", expand_unary},
    {"QLinearConcat", expand_concat},
    {"QLinearGlobalAveragePool", expand_unary},
    {"QLinearLeakyRelu", expand_unary},
    {"QLinearMul", expand_mul},
    {"QLinearSigmoid", expand_unary},
    {"QLinearSoftmax", expand_unary},
    {"QuantizeLinear", change_domain},
};

const Expansion* find_expansion(const Node& node, int64_t opset) {
  if (node.removed || node.domain != kDomain || node.output(0) == kNoValue) return nullptr;
  const auto at = std::find_if(std::begin(kExpansions), std::end(kExpansions),
                               [&](const Expansion& e) { return e.op == node.op_type; });
  if (at == std::end(kExpansions)) return nullptr;
  const bool fused = node.op_type.starts_with("Fused");
  return fused || opset >= kQuantizeOpset ? &*at : nullptr;
}

bool mentions(const Graph& graph, int64_t opset) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
    if (find_expansion(node, opset) != nullptr) return true;
    return std::any_of(node.attributes.begin(), node.attributes.end(), [&](const auto& entry) {
      const auto* inner = std::get_if<GraphPtr>(&entry.second.value);
      return inner != nullptr && *inner && mentions(**inner, opset);
    });
  });
}

Status expand_graph(Graph& graph, int64_t opset) {
  const auto count = static_cast<int32_t>(graph.nodes.size());
  for (int32_t i = 0; i < count; ++i) {
    for (auto& [key, attribute] : graph.nodes[static_cast<size_t>(i)].attributes) {
      auto* inner = std::get_if<GraphPtr>(&attribute.value);
      if (inner == nullptr || !*inner || !mentions(**inner, opset)) continue;
      auto copy = std::make_shared<Graph>(**inner);
      HT_TRY(expand_graph(*copy, opset));
      *inner = std::move(copy);
    }
    const Expansion* expansion = find_expansion(graph.nodes[static_cast<size_t>(i)], opset);
    if (expansion == nullptr) continue;
    OpsetEdit edit(graph, i, opset, false);
    expansion->expand(edit, opset);
  }
  std::erase_if(graph.nodes, [](const Node& node) { return node.removed; });
  return sort_topologically(graph);
}

}  // namespace

Result<Model> expand_contrib(const Model& model) {
  if (!mentions(model.graph, model.opset())) return model;
  Model expanded = model;
  HT_TRY(expand_graph(expanded.graph, model.opset()));
  HT_TRY(verify(expanded.graph, ErrorCode::kInvalidModel));
  return expanded;
}

}  // namespace halftone
