// Relu and Clip of every opset as one range.
#pragma once

#include <optional>

#include "core/graph/graph.h"

namespace halftone {

struct ClipRange {
  float lo, hi;  // infinite where the operator does not bound
};

// nullopt: not Relu or Clip on float32, or bounds that are not constants.
std::optional<ClipRange> clip_range(const Graph& graph, const Node& node);

}  // namespace halftone
