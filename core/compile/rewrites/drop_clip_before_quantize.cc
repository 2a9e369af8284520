// Before:     q = QuantizeLinear(Clip(x, lo, hi))     (Relu is Clip(0, inf))
// After:      q = QuantizeLinear(x)
// Conditions: quantized per tensor to 8 or 16 bits; every use of the Clip is such a QuantizeLinear, and there lo
//             and hi quantize to the smallest and the largest integer; it is no output of the model. A tap of
//             it gets q, dequantized.
// Formula:    QuantizeLinear is monotone and saturates, so whatever lies beyond lo or hi gives the same integer
//             as lo or hi.
#include <cmath>

#include "core/compile/match.h"
#include "core/compile/quant_match.h"
#include "core/compile/rewrites/clip_range.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

// Whether quantizing saturates at or before both ends of the range.
bool saturates_at(const ClipRange& range, const QuantParams& q) {
  const DTypeInfo& type = dtype_info(q.dtype);
  const auto level = [&](float real) {
    return std::nearbyint(real / q.scale[0]) + static_cast<float>(q.zero_point[0]);
  };
  return level(range.lo) <= type.lowest && level(range.hi) >= type.highest;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& clip = graph.nodes[static_cast<size_t>(context.node)];
  const auto range = clip_range(graph, clip);
  if (!range || is_integer_node(clip)) return false;
  const ValueId y = clip.outputs[0];
  ValueId first = kNoValue;
  QuantParams meaning;
  for (const Use& use : context.uses.uses(y)) {
    if (use.node < 0 && static_cast<size_t>(use.input) >= context.model_outputs) continue;
    if (use.node < 0 || use.input != 0) return false;
    const Node& user = graph.nodes[static_cast<size_t>(use.node)];
    const auto params = is_op(user, "QuantizeLinear") ? quant_params(graph, user) : std::nullopt;
    if (!params || !params->per_tensor() || dtype_info(params->dtype).bits > 16) return false;
    if (!saturates_at(*range, *params)) return false;
    if (first != kNoValue) continue;
    first = user.outputs[0];
    meaning = *params;
  }
  if (first == kNoValue || graph.value(first).quant.value_or(meaning) != meaning) return false;
  graph.value(first).quant = meaning;
  put_stand_in(context, y, first);
  replace_uses(graph, y, clip.inputs[0]);
  clip.removed = true;
  return true;
}

}  // namespace

const RewriteRule kDropClipBeforeQuantize = {
    "drop_clip_before_quantize", "Removes Relu and Clip where the quantization after them saturates alike.", apply};

}  // namespace halftone
