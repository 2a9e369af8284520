// The conditions of qoperator.h, one function each.
#include "core/passes/qoperator/cluster.h"

#include <algorithm>
#include <cmath>

#include "core/compile/match.h"

namespace halftone {
namespace {

bool is_byte(DType type) { return type == DType::kInt8 || type == DType::kUint8; }

QTriple triple_of(const Node& linear, size_t integers_from, QuantParams params) {
  const ValueId integers = integers_from == 0 ? linear.inputs[0] : linear.outputs[0];
  return {integers, linear.input(1), linear.input(2), std::move(params)};
}

std::optional<QTriple> dequantized(const RewriteContext& context, ValueId id) {
  const Node* from = id == kNoValue ? nullptr : producer(context, id);
  if (from == nullptr || !is_op(*from, "DequantizeLinear")) return std::nullopt;
  auto params = quant_params(context.graph, *from);
  if (!params || params->block_size != 0) return std::nullopt;
  return triple_of(*from, 0, *std::move(params));
}

// Weights may have a scale per output channel; everything else has one.
bool parameters_fit(const RewriteContext& context, const Node& node, size_t input, const QTriple& triple) {
  if (!is_byte(triple.params.dtype)) return false;
  if (triple.params.per_tensor()) return true;
  const Value& value = context.graph.value(triple.integers);
  if (input != 1 || !value.is_constant()) return false;
  if (is_op(node, "Conv")) return triple.params.axis == 0;
  if (is_op(node, "Gemm")) return triple.params.axis == (node.int_attr("transB", 0) != 0 ? 0 : 1);
  return is_op(node, "MatMul") && value.constant.rank() == 2 && triple.params.axis == 1;
}

// The bias counts in units of the product's sums, and its zero is 0.
bool bias_fits(const QTriple& bias, const QCluster& cluster) {
  const QuantParams &x = cluster.inputs[0].params, &w = cluster.inputs[1].params, &b = bias.params;
  if (b.dtype != DType::kInt32) return false;
  for (size_t i = 0; i < std::max(b.scale.size(), w.scale.size()); ++i) {
    const size_t bi = b.scale.size() == 1 ? 0 : i, wi = w.scale.size() == 1 ? 0 : i;
    if (bi >= b.scale.size() || wi >= w.scale.size() || b.zero_point[bi] != 0) return false;
    const double unit = static_cast<double>(x.scale[0]) * w.scale[wi];
    if (std::abs(b.scale[bi] - unit) > 1e-5 * unit) return false;
  }
  return true;
}

bool attributes_fit(const Node& node, int64_t opset) {
  if (is_op(node, "Gemm")) {
    return node.float_attr("alpha", 1) == 1 && node.float_attr("beta", 1) == 1 && node.int_attr("transA", 0) == 0;
  }
  if (is_op(node, "AveragePool")) return node.ints_attr("dilations").empty() && node.int_attr("ceil_mode", 0) == 0;
  return !is_op(node, "MaxPool") || opset >= 12;
}

bool find_inputs(const RewriteContext& context, const Node& node, const QForm& form, QCluster& cluster) {
  const bool has_bias = form.order == QOrder::kBiasLast || form.order == QOrder::kBiasBefore;
  const size_t data = form.order == QOrder::kMoves ? 1 : node.inputs.size();
  for (size_t i = 0; i < data; ++i) {
    if (node.inputs[i] == kNoValue) return false;
    auto triple = dequantized(context, node.inputs[i]);
    if (!triple) return false;
    if (has_bias && i == 2) {
      if (!bias_fits(*triple, cluster)) return false;
      cluster.bias = triple->integers;
    } else if (!parameters_fit(context, node, i, *triple)) {
      return false;
    } else {
      cluster.inputs.push_back(*std::move(triple));
    }
  }
  return !cluster.inputs.empty();
}

bool find_output(const RewriteContext& context, const Node& node, QCluster& cluster) {
  if (node.outputs.size() != 1) return false;
  for (const Use& use : context.uses.uses(node.outputs[0])) {
    if (use.node < 0 || use.input != 0) return false;
    const Node& user = context.graph.nodes[static_cast<size_t>(use.node)];
    auto params = is_op(user, "QuantizeLinear") ? quant_params(context.graph, user) : std::nullopt;
    if (!params || !params->per_tensor()) return false;
    if (!cluster.quantizers.empty() && *params != cluster.output.params) return false;
    if (cluster.quantizers.empty()) cluster.output = triple_of(user, 1, *std::move(params));
    cluster.quantizers.push_back(use.node);
  }
  return !cluster.quantizers.empty();
}

}  // namespace

std::optional<QCluster> find_cluster(const RewriteContext& context, const Node& node, const QForm& form) {
  QCluster cluster;
  if (!attributes_fit(node, context.opset) || !find_inputs(context, node, form, cluster) ||
      !find_output(context, node, cluster)) {
    return std::nullopt;
  }
  const QuantParams& out = cluster.output.params;
  const bool weighted = form.order == QOrder::kBiasLast || form.order == QOrder::kBiasBefore || is_op(node, "MatMul");
  for (size_t i = 0; i < cluster.inputs.size(); ++i) {
    const QuantParams& in = cluster.inputs[i].params;
    if (form.order == QOrder::kMoves && in != out) return std::nullopt;
    // Weights may be signed where activations are not, but not the other way round: no runtime has that product.
    const bool weight = weighted && i == 1;
    if (in.dtype != out.dtype && !(weight && out.dtype == DType::kUint8)) return std::nullopt;
  }
  return cluster;
}

}  // namespace halftone
