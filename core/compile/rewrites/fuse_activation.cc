// Before:     y = Clip(Op(...), lo, hi)     (Relu is Clip(0, inf))
// After:      y = Op(...) {halftone.clamp = [lo, hi]}
// Conditions: Op is Conv, Gemm, MatMul or Add on float32; lo and hi are constants; nobody else reads Op's output.
// Formula:    the clamp happens where Op stores its result. A clamp that Op has already is applied first:
//             clip(clip(v, a, b), lo, hi) = clip(v, clip(a, lo, hi), clip(b, lo, hi)).
#include <algorithm>
#include <array>
#include <limits>

#include "core/compile/match.h"
#include "core/compile/rewrites/clip_range.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

bool honours_clamp(const Node& node) {
  for (std::string_view name : {"Conv", "Gemm", "MatMul", "Add"}) {
    if (is_op(node, name)) return true;
  }
  return false;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& clip = graph.nodes[static_cast<size_t>(context.node)];
  const auto range = clip_range(graph, clip);
  if (!range || is_integer_node(clip)) return false;
  const ValueId between = clip.input(0);
  const Node* found = producer(context, between);
  if (found == nullptr || !honours_clamp(*found) || is_integer_node(*found)) return false;
  if (only_consumer(context, between) != context.node || graph.value(between).dtype != DType::kFloat) return false;

  Node& op = graph.nodes[static_cast<size_t>(context.uses.producer(between))];
  ClipRange merged = *range;
  const std::vector<float> inner = op.floats_attr(kClampAttr);
  if (inner.size() == 2) {
    merged.lo = std::min(std::max(inner[0], range->lo), range->hi);
    merged.hi = std::min(std::max(inner[1], range->lo), range->hi);
  }
  op.attributes[std::string(kClampAttr)] = Attribute(std::vector<float>{merged.lo, merged.hi});
  op.outputs[0] = clip.outputs[0];
  clip.removed = true;
  return true;
}

}  // namespace

const RewriteRule kFuseActivation = {"fuse_activation",
                                     "Lets Conv, Gemm, MatMul and Add clamp their own results (Relu, Clip).", apply};

}  // namespace halftone
