// Before:     y = Transpose(Transpose(x, p), q)
// After:      the users of y read x, or y = Transpose(x, p after q) where that is no identity
// Conditions: none: whoever else reads the inner one keeps it.
// Formula:    axis i of y is axis p[q[i]] of x.
#include <numeric>

#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& outer = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(outer, "Transpose")) return false;
  const Node* inner = producer(context, outer.inputs[0]);
  if (inner == nullptr || !is_op(*inner, "Transpose")) return false;
  const std::vector<int64_t> p = inner->ints_attr("perm"), q = outer.ints_attr("perm");
  if (p.empty() || p.size() != q.size()) return false;
  std::vector<int64_t> both, identity(p.size());
  std::iota(identity.begin(), identity.end(), 0);
  for (int64_t axis : q) {
    if (axis < 0 || axis >= static_cast<int64_t>(p.size())) return false;
    both.push_back(p[static_cast<size_t>(axis)]);
  }
  if (both != identity) {
    auto& meaning = graph.value(inner->inputs[0]).quant;
    if (is_integer_node(outer) && !meaning) meaning = graph.value(outer.outputs[0]).quant;
    outer.inputs[0] = inner->inputs[0];
    outer.attributes["perm"] = Attribute(std::move(both));
    return true;
  }
  const ValueId x = inner->inputs[0], y = outer.outputs[0];
  // An output keeps a value of its own where the model's input would become it.
  if (is_model_output(context, y) && context.uses.producer(x) < 0) return false;
  // The same integers mean the same, also where only what was made of x was said to mean something.
  if (!graph.value(x).quant) graph.value(x).quant = graph.value(y).quant;
  outer.removed = true;
  take_over(graph, y, x);
  return true;
}

}  // namespace

const RewriteRule kCancelTransposes = {"cancel_transposes", "Removes transposes that undo each other.", apply};

}  // namespace halftone
