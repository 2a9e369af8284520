// Nodes that end an image's pixels and keep its channels, as classifiers do before their last layer.
#pragma once

#include "core/graph/graph.h"

namespace halftone {

// A Flatten, Reshape or Squeeze [N, C, 1 ...] -> [N, C].
bool drops_single_pixels(const Graph& graph, const Node& node);
// A ReduceMean of [N, C, pixels ...] over all pixels and nothing else, to [N, C, 1 ...] or [N, C].
bool averages_pixels(const Graph& graph, const Node& node);

}  // namespace halftone
