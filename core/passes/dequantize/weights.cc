// Before:     w = DequantizeLinear(constants), or y = MatMulNBits(x, constants)
// After:      w is a float constant; y = MatMul(x, w), plus the bias where there is one
// Conditions: the float form fits in memory.
// Formula:    what the operator's own kernel gives: MatMulNBits of the unit matrix is its weight.
#include <algorithm>

#include "core/base/checked.h"
#include "core/compile/match.h"
#include "core/compile/rewrites/fold.h"
#include "core/ops/evaluate.h"
#include "core/passes/dequantize/rules.h"

namespace halftone {
namespace {

constexpr int64_t kRows = 64;  // of the unit matrix at a time

// Rows [first, first + count) of the K x K unit matrix.
Result<Tensor> unit_rows(int64_t first, int64_t count, int64_t k) {
  HT_ASSIGN(Tensor rows, Tensor::allocate(DType::kFloat, {count, k}));
  const auto values = rows.mutable_data<float>();
  std::fill(values.begin(), values.end(), 0.0f);
  for (int64_t i = 0; i < count; ++i) values[static_cast<size_t>(i * k + first + i)] = 1;
  return rows;
}

Result<Tensor> weight_of(const Graph& graph, const Node& node, const OpDef& op, int64_t k, int64_t n) {
  Node product = node;
  product.attributes.erase("accuracy_level");
  product.outputs = {0};
  std::vector<Tensor> inputs(std::min<size_t>(node.inputs.size(), 5));  // the bias stays out
  for (size_t i = 1; i < inputs.size(); ++i) {
    if (node.inputs[i] != kNoValue) inputs[i] = graph.value(node.inputs[i]).constant;
  }
  HT_ASSIGN(Tensor weight, Tensor::allocate(DType::kFloat, {k, n}));
  const auto to = weight.mutable_data<float>();
  for (int64_t row = 0; row < k; row += kRows) {
    HT_ASSIGN(inputs[0], unit_rows(row, std::min(kRows, k - row), k));
    HT_ASSIGN(const auto part, evaluate_node(op, product, 1, inputs));
    if (part[0].dtype() != DType::kFloat) return Error{ErrorCode::kUnsupportedOperator, "not in float", "", ""};
    std::ranges::copy(part[0].data<float>(), to.begin() + row * n);
  }
  return weight;
}

bool dequantize_nbits(RewriteContext& context) {
  Graph& graph = context.graph;
  const Node before = graph.nodes[static_cast<size_t>(context.node)];
  const OpDef* op = find_op(before.domain, before.op_type, 1);
  for (size_t i = 1; i < before.inputs.size() && i < 5; ++i) {
    if (before.inputs[i] != kNoValue && constant_of(graph, before.inputs[i]) == nullptr) return false;
  }
  const int64_t k = before.int_attr("K", 0), n = before.int_attr("N", 0);
  const auto elements = checked_mul(k, n);
  if (op == nullptr || k < 1 || n < 1 || !elements || *elements > kMaxBytes / 4) return false;
  auto weight = weight_of(graph, before, *op, k, n);
  if (!weight.ok()) return false;
  const ValueId w = graph.add_constant(graph.value(before.inputs[1]).name + "_float", *std::move(weight));
  const ValueId bias = before.input(5);
  const ValueId product =
      bias == kNoValue ? before.outputs[0] : graph.add_value(graph.value(before.outputs[0]).name, DType::kFloat);
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  node.op_type = "MatMul";
  node.domain.clear();
  node.attributes.clear();
  node.inputs = {before.inputs[0], w};
  node.outputs = {product};
  if (bias == kNoValue) return true;
  Node add;
  add.op_type = "Add";
  add.name = graph.unique_node_name(node_label(graph, before) + "_bias");
  add.inputs = {product, bias};
  add.outputs = before.outputs;
  graph.nodes.push_back(std::move(add));
  return true;
}

bool apply(RewriteContext& context) {
  const Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  if (is_op(node, "DequantizeLinear")) return fold_node(context, kMaxBytes);
  return node.op_type == "MatMulNBits" && dequantize_nbits(context);
}

}  // namespace

const RewriteRule kDequantizeWeights = {"dequantize_weights", "Constant integers become the float weights they mean.",
                                        apply};

}  // namespace halftone
