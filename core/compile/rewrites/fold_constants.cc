// Before:     y = Op(constants...)          or  s = Shape(x), s = Size(x) with every dim of x known
// After:      y (or s) is a constant
// Conditions: Op is an ai.onnx operator with a float kernel, without subgraphs, not random; results are small, or
//             not much larger than the constants they come from (a file of a few nodes must not fill the memory).
//             DequantizeLinear stays: integer lowering wants the integers (fold_dequantize comes after).
// Formula:    y is what the operator's own kernel gives.
#include <algorithm>

#include "core/compile/rewrites/fold.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

// Bytes that results may always have, and up to which they may be twice what they come from.
constexpr int64_t kSmallBytes = int64_t{64} << 10, kLargeBytes = int64_t{16} << 20;

int64_t max_result_bytes(const Graph& graph, const Node& node) {
  int64_t from = 0;
  for (ValueId id : node.inputs) {
    if (const Tensor* constant = constant_of(graph, id)) from += constant->byte_size();
  }
  return std::max({kSmallBytes, from, std::min(2 * from, kLargeBytes)});
}

bool is_foldable(const Node& node) {
  if (node.removed || !node.domain.empty() || node.inputs.empty() || is_integer_node(node)) return false;
  for (std::string_view name : {"DequantizeLinear", "Multinomial", "Bernoulli"}) {
    if (node.op_type == name) return false;
  }
  if (node.op_type.starts_with("Random")) return false;
  return std::none_of(node.attributes.begin(), node.attributes.end(), [](const auto& item) {
    return std::holds_alternative<GraphPtr>(item.second.value) ||
           std::holds_alternative<std::vector<GraphPtr>>(item.second.value);
  });
}

// Shape (with start and end, opset 15) and Size of a value whose dims are all numbers.
std::optional<Tensor> known_shape(const Graph& graph, const Node& node) {
  const bool shape = is_op(node, "Shape");
  if ((!shape && !is_op(node, "Size")) || node.input(0) == kNoValue) return std::nullopt;
  const auto dims = graph.value(node.input(0)).shape.concrete();
  if (!dims) return std::nullopt;
  if (!shape) {
    const auto count = element_count(*dims);
    return count ? std::optional(Tensor::scalar<int64_t>(*count)) : std::nullopt;
  }
  const int64_t rank = static_cast<int64_t>(dims->size());
  const auto clamped = [&](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + rank : i, 0, rank); };
  const int64_t start = clamped(node.int_attr("start", 0)), end = clamped(node.int_attr("end", rank));
  Dims part;
  for (int64_t i = start; i < end; ++i) part.push_back((*dims)[static_cast<size_t>(i)]);
  return Tensor::of<int64_t>({static_cast<int64_t>(part.size())}, part);
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_foldable(node) || node.output(0) == kNoValue) return false;
  if (auto shape = known_shape(graph, node)) {
    Value& value = graph.value(node.outputs[0]);
    value.dtype = DType::kInt64;
    value.shape = SymShape::of(shape->dims());
    value.constant = *std::move(shape);
    node.removed = true;
    return true;
  }
  return fold_node(context, max_result_bytes(graph, node));
}

}  // namespace

const RewriteRule kFoldConstants = {"fold_constants", "Computes ahead what depends on constants only.", apply};

}  // namespace halftone
