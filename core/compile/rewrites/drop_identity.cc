// Before:     y = Op(x), where Op gives x back unchanged
// After:      the users of y read x
// Conditions: Op is Identity; Dropout whose mask nobody uses and that is not told to train; Cast to x's own
//             type; Reshape, Flatten, Expand to the same known shape; Transpose by the identity
//             permutation; Pad by zeros; Concat, Sum, Mean, Max, Min of one input.
// Formula:    y = x
#include <algorithm>

#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

bool all_zero(const std::optional<std::vector<int64_t>>& values) {
  return values && std::all_of(values->begin(), values->end(), [](int64_t v) { return v == 0; });
}

bool dropout_is_identity(const Graph& graph, const UseMap& uses, const Node& node) {
  const ValueId mask = node.output(1);
  if (mask != kNoValue && !uses.uses(mask).empty()) return false;
  if (node.input(2) == kNoValue) return true;
  const Tensor* training = constant_of(graph, node.input(2));
  return training != nullptr && training->dtype() == DType::kBool && training->size() == 1 &&
         !training->data<bool>()[0];
}

bool transpose_is_identity(const Node& node) {
  const auto perm = node.ints_attr("perm");
  if (perm.empty()) return false;  // the default reverses
  for (size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

bool pad_is_identity(const Graph& graph, const Node& node) {
  if (node.has("pads")) return all_zero(node.ints_attr("pads"));
  return all_zero(int_constant(graph, node.input(1)));
}

bool is_identity(const RewriteContext& context, const Node& node) {
  const Graph& graph = context.graph;
  const Value& x = graph.value(node.input(0));
  const Value& y = graph.value(node.output(0));
  if (is_op(node, "Identity")) return true;
  if (is_op(node, "Dropout")) return dropout_is_identity(graph, context.uses, node);
  if (is_op(node, "Cast")) return x.dtype != DType::kUndefined && x.dtype == y.dtype;
  if (is_op(node, "Transpose")) return transpose_is_identity(node);
  if (is_op(node, "Pad")) return pad_is_identity(graph, node);
  if (is_op(node, "Reshape") || is_op(node, "Flatten") || is_op(node, "Expand")) return same_shape(x.shape, y.shape);
  for (std::string_view name : {"Concat", "Sum", "Mean", "Max", "Min"}) {
    if (is_op(node, name)) return node.inputs.size() == 1;
  }
  return false;
}

bool apply(RewriteContext& context) {
  Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  if (node.input(0) == kNoValue || node.output(0) == kNoValue) return false;
  if (context.graph.value(node.inputs[0]).quant != context.graph.value(node.outputs[0]).quant) return false;
  if (!is_identity(context, node)) return false;
  node.removed = true;
  take_over(context.graph, node.outputs[0], node.inputs[0]);
  return true;
}

}  // namespace

const RewriteRule kDropIdentity = {"drop_identity", "Removes operators that give their input back unchanged.", apply};

}  // namespace halftone
