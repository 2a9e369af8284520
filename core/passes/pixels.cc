// Shapes and axes, where they are known.
#include "core/passes/pixels.h"

#include <algorithm>

#include "core/base/sort_order.h"
#include "core/compile/match.h"

namespace halftone {

bool drops_single_pixels(const Graph& graph, const Node& node) {
  if (!is_op(node, "Flatten") && !is_op(node, "Reshape") && !is_op(node, "Squeeze")) return false;
  const SymShape &from = graph.value(node.input(0)).shape, &to = graph.value(node.output(0)).shape;
  if (!from.has_rank() || !to.has_rank() || from.rank() < 3 || to.rank() != 2) return false;
  const bool single = std::all_of(from.dims().begin() + 2, from.dims().end(),
                                  [](const Dim& dim) { return dim.known() && dim.value == 1; });
  return single && from[1].known() && to[1].same(from[1]);
}

bool averages_pixels(const Graph& graph, const Node& node) {
  if (!is_op(node, "ReduceMean")) return false;
  const SymShape& from = graph.value(node.input(0)).shape;
  if (!from.has_rank() || from.rank() < 3) return false;
  std::vector<int64_t> axes = node.ints_attr("axes");
  if (node.input(1) != kNoValue) axes = int_constant(graph, node.input(1)).value_or(std::vector<int64_t>());
  for (int64_t& axis : axes) axis += axis < 0 ? from.rank() : 0;
  sort_list(axes);
  for (size_t i = 0; i < axes.size(); ++i) {
    if (axes[i] != static_cast<int64_t>(i) + 2) return false;
  }
  return static_cast<int64_t>(axes.size()) == from.rank() - 2;
}

}  // namespace halftone
