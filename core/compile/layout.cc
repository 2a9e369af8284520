// Layouts and the transposes between them; see the header.
#include "core/compile/layout.h"

#include <algorithm>
#include <numeric>

#include "core/compile/quant_match.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

constexpr std::string_view kChannelAxisOps[] = {"AveragePool",   "Conv",    "GlobalAveragePool",
                                                "GlobalMaxPool", "MaxPool", "Resize"};

constexpr std::string_view kElementwiseOps[] = {
    "Abs",     "Add",      "Cast",        "Ceil",      "Clip",     "Div",        "Elu",  "Erf",   "Exp",
    "Floor",   "Gelu",     "HardSigmoid", "HardSwish", "Identity", "LeakyRelu",  "Log",  "Max",   "Min",
    "Mish",    "Mul",      "Neg",         "PRelu",     "Pow",      "Reciprocal", "Relu", "Round", "Selu",
    "Sigmoid", "Softplus", "Softsign",    "Sqrt",      "Sub",      "Swish",      "Tanh"};

bool contains(std::span<const std::string_view> names, const Node& node) {
  return std::find(names.begin(), names.end(), node.op_type) != names.end();
}

SymShape permuted(const SymShape& shape, const std::vector<int64_t>& perm) {
  std::vector<Dim> dims;
  for (int64_t axis : perm) dims.push_back(shape[axis]);
  return SymShape(std::move(dims));
}

// A value like `id` in another order of axes.
ValueId add_permuted(Graph& graph, ValueId id, const std::vector<int64_t>& perm, std::string_view suffix) {
  const Value like = graph.value(id);
  const ValueId made = graph.add_value(like.name + std::string(suffix), like.dtype, permuted(like.shape, perm));
  graph.value(made).quant = like.quant;
  return made;
}

void add_transpose(Graph& graph, ValueId from, ValueId to, const std::vector<int64_t>& perm) {
  Node node;
  node.op_type = "Transpose";
  node.inputs = {from};
  node.outputs = {to};
  node.attributes["perm"] = Attribute(perm);
  if (graph.value(from).quant) node.attributes[std::string(kIntegerAttr)] = Attribute(int64_t{1});
  graph.nodes.push_back(std::move(node));
}

}  // namespace

LayoutKind layout_kind(const Graph& graph, const Node& node) {
  if (node.removed || node.outputs.size() != 1) return LayoutKind::kOpaque;
  if (node.domain == kInternalDomain && node.op_type == kTableOp) return LayoutKind::kElementwise;
  if (!node.domain.empty()) return LayoutKind::kOpaque;
  if (contains(kChannelAxisOps, node)) return LayoutKind::kChannelAxis;
  // Opset 6 and older aligns operands with attribute `axis`.
  if (contains(kElementwiseOps, node)) return node.has("axis") ? LayoutKind::kOpaque : LayoutKind::kElementwise;
  if (node.op_type == "Concat") return LayoutKind::kAxis;
  if (node.op_type == "QuantizeLinear" || node.op_type == "DequantizeLinear") {
    const auto params = quant_params(graph, node);
    return params && params->per_tensor() ? LayoutKind::kElementwise : LayoutKind::kOpaque;
  }
  return LayoutKind::kOpaque;
}

std::vector<int64_t> to_channels_last(int64_t rank) {
  std::vector<int64_t> perm(static_cast<size_t>(rank));
  std::iota(perm.begin(), perm.end(), 0);
  if (rank > 2) std::rotate(perm.begin() + 1, perm.begin() + 2, perm.end());
  return perm;
}

std::vector<int64_t> to_channels_first(int64_t rank) {
  std::vector<int64_t> perm(static_cast<size_t>(rank));
  std::iota(perm.begin(), perm.end(), 0);
  if (rank > 2) std::rotate(perm.begin() + 1, perm.end() - 1, perm.end());
  return perm;
}

ValueId channels_last_source(const RewriteContext& context, ValueId id) {
  const Node* node = producer(context, id);
  if (node == nullptr || !is_op(*node, "Transpose")) return kNoValue;
  const std::vector<int64_t> perm = node->ints_attr("perm");
  if (perm.size() < 3 || perm != to_channels_first(static_cast<int64_t>(perm.size()))) return kNoValue;
  return node->inputs[0];
}

ValueId make_channels_last(RewriteContext& context, ValueId id) {
  Graph& graph = context.graph;
  const ValueId source = channels_last_source(context, id);
  if (source != kNoValue) {
    // The same integers mean the same, also where only what was made of them was said to mean something.
    if (!graph.value(source).quant) graph.value(source).quant = graph.value(id).quant;
    return source;
  }
  const auto perm = to_channels_last(graph.value(id).shape.rank());
  for (const Use& use : context.uses.uses(id)) {
    if (use.node < 0) continue;
    const Node& user = graph.nodes[static_cast<size_t>(use.node)];
    if (is_op(user, "Transpose") && user.ints_attr("perm") == perm) return user.outputs[0];
  }
  const ValueId made = add_permuted(graph, id, perm, "_channels_last");
  add_transpose(graph, id, made, perm);
  return made;
}

void give_channels_last(RewriteContext& context, int32_t index) {
  Graph& graph = context.graph;
  const ValueId before = graph.nodes[static_cast<size_t>(index)].outputs[0];
  const int64_t rank = graph.value(before).shape.rank();
  const ValueId made = add_permuted(graph, before, to_channels_last(rank), "_channels_last");
  auto& names = graph.value(made).stands_for_first;
  names = graph.value(before).stands_for;
  names.push_back(graph.value(before).name);
  graph.nodes[static_cast<size_t>(index)].outputs[0] = made;
  add_transpose(graph, made, before, to_channels_first(rank));
}

}  // namespace halftone
