// Relu and Clip of every opset as one range. Clip has attributes before opset 11 and inputs since.
#include "core/compile/rewrites/clip_range.h"

#include <limits>

#include "core/compile/match.h"

namespace halftone {
namespace {

// The bound given by an input or an attribute; `absent` where there is neither; nullopt where it is not constant.
std::optional<float> bound(const Graph& graph, const Node& clip, size_t input, std::string_view key, float absent) {
  if (clip.input(input) == kNoValue) return clip.float_attr(key, absent);
  const auto given = float_constant(graph, clip.input(input));
  if (!given || given->size() != 1) return std::nullopt;
  return given->front();
}

}  // namespace

std::optional<ClipRange> clip_range(const Graph& graph, const Node& node) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (node.input(0) == kNoValue || graph.value(node.input(0)).dtype != DType::kFloat) return std::nullopt;
  if (is_op(node, "Relu")) return ClipRange{0, kInfinity};
  if (!is_op(node, "Clip")) return std::nullopt;
  const auto lo = bound(graph, node, 1, "min", -kInfinity), hi = bound(graph, node, 2, "max", kInfinity);
  if (!lo || !hi || *lo != *lo || *hi != *hi) return std::nullopt;
  return ClipRange{*lo, *hi};
}

}  // namespace halftone
