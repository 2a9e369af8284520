// Before:     w = Gather(levels, Cast(codes))     (or GatherElements)
// After:      w is a float constant
// Conditions: levels and codes are constants, codes integers of 8 bits or less, nobody else reads the Cast.
// Formula:    w is what both kernels give. One step, because the indices alone take up to eight times the bytes of the
//             codes, which fold_constants does not allow and which nobody needs afterwards.
#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/evaluate.h"

namespace halftone {
namespace {

Result<Tensor> run(const Node& node, int64_t opset, std::vector<Tensor> inputs) {
  const OpDef* op = find_op(node.domain, node.op_type, opset);
  if (op == nullptr) return Error{ErrorCode::kUnsupportedOperator, "", "", ""};
  HT_ASSIGN(std::vector<Tensor> results, evaluate_node(*op, node, opset, inputs));
  return results.front();
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& gather = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(gather, "Gather") && !is_op(gather, "GatherElements")) return false;
  const Node* found = producer(context, gather.input(1));
  const Tensor* levels = constant_of(graph, gather.input(0));
  if (found == nullptr || levels == nullptr || !is_op(*found, "Cast")) return false;
  if (only_consumer(context, gather.input(1)) != context.node) return false;
  const Tensor* codes = constant_of(graph, found->input(0));
  if (codes == nullptr || !is_integer(codes->dtype()) || dtype_info(codes->dtype()).bits > 8) return false;
  auto indices = run(*found, context.opset, {*codes});
  if (!indices.ok()) return false;
  auto weight = run(gather, context.opset, {*levels, *std::move(indices)});
  if (!weight.ok()) return false;
  Value& value = graph.value(gather.outputs[0]);
  value.dtype = weight->dtype();
  value.shape = SymShape::of(weight->dims());
  value.constant = *std::move(weight);
  gather.removed = true;
  graph.nodes[static_cast<size_t>(context.uses.producer(gather.inputs[1]))].removed = true;
  return true;
}

}  // namespace

const RewriteRule kFoldCodebook = {"fold_codebook", "Looks up constant weights of a codebook once.", apply};

}  // namespace halftone
