// Which nodes a quantizing pass may touch: four lists of the recipe, the same for every such pass. A node is taken
// when the positive lists, where given, name it and the negative ones do not.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"
#include "core/passes/pass_def.h"

namespace halftone {

struct NodeSelection {
  std::vector<std::string> op_types, exclude_op_types, nodes, exclude_nodes;
};

// The lists' rows for a pass's parameter table.
extern const ParamSpec kSelectOpTypes, kExcludeOpTypes, kSelectNodes, kExcludeNodes;

// `operators`: those that the pass can quantize. Errors: kInvalidRecipe; where = "<pass>.<key>": an operator that is
// not among them, a node that `graph` does not have.
Result<NodeSelection> read_selection(std::string_view pass, const Params& params,
                                     std::span<const std::string_view> operators, const Graph& graph);

// Whether the positive lists (op_types, nodes), where given, name the node.
bool selected(const Graph& graph, const Node& node, const NodeSelection& selection);
inline constexpr std::string_view kNotSelected = "the recipe does not select it";

// Why the negative lists leave it out; empty: they do not.
std::string left_out(const Graph& graph, const Node& node, const NodeSelection& selection);

// Both: why the recipe leaves the node out; empty: it is taken.
std::string not_taken(const Graph& graph, const Node& node, const NodeSelection& selection);

}  // namespace halftone
