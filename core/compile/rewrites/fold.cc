// Replaces a node by the constants it computes.
#include "core/compile/rewrites/fold.h"

#include "core/ops/evaluate.h"

namespace halftone {

bool fold_node(RewriteContext& context, int64_t max_bytes) {
  Graph& graph = context.graph;
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  std::vector<Tensor> inputs;
  for (ValueId id : node.inputs) {
    if (id != kNoValue && constant_of(graph, id) == nullptr) return false;
    inputs.push_back(id == kNoValue ? Tensor() : graph.value(id).constant);
  }
  const OpDef* op = find_op(node.domain, node.op_type, context.opset);
  if (op == nullptr || op->run == nullptr) return false;
  auto results = evaluate_node(*op, node, context.opset, inputs, {max_bytes});
  if (!results.ok()) return false;  // whatever is wrong with the node shows when the program runs it
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != kNoValue && !(*results)[i].defined()) return false;
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    Value& value = graph.value(node.outputs[i]);
    value.constant = std::move((*results)[i]);
    value.dtype = value.constant.dtype();
    value.shape = SymShape::of(value.constant.dims());
  }
  node.removed = true;
  return true;
}

}  // namespace halftone
