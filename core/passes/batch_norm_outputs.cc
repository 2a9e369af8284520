// Reads beta and gamma.
#include "core/passes/batch_norm_outputs.h"

#include <algorithm>

#include "core/compile/match.h"

namespace halftone {

std::vector<BatchNormOutput> batch_norm_outputs(const Graph& graph, std::span<const BatchNormOutput> handed) {
  std::vector<BatchNormOutput> list;
  for (const Node& node : graph.nodes) {
    if (!is_op(node, "BatchNormalization") || node.output(0) == kNoValue) continue;
    const auto gamma = float_constant(graph, node.input(1)), beta = float_constant(graph, node.input(2));
    if (!gamma || !beta || gamma->empty() || gamma->size() != beta->size()) continue;
    BatchNormOutput out{graph.value(node.output(0)).name, {beta->begin(), beta->end()}, {}};
    for (float g : *gamma) out.variance.push_back(static_cast<double>(g) * g);
    list.push_back(std::move(out));
  }
  for (const BatchNormOutput& one : handed) {
    const bool known =
        std::any_of(list.begin(), list.end(), [&](const BatchNormOutput& out) { return out.tensor == one.tensor; });
    if (!known) list.push_back(one);
  }
  return list;
}

}  // namespace halftone
