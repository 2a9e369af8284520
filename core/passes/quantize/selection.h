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
inline constexpr ParamSpec kSelectOpTypes = {.name = "op_types",
                                             .kind = ParamKind::kStringList,
                                             .label = "Only these operators",
                                             .help = "Quantize nothing but these operators. Empty: all that can be.",
                                             .fallback = "[]",
                                             .list_of = "operators"};
inline constexpr ParamSpec kExcludeOpTypes = {.name = "exclude_op_types",
                                              .kind = ParamKind::kStringList,
                                              .label = "Not these operators",
                                              .help = "Operators that stay float.",
                                              .fallback = "[]",
                                              .list_of = "operators"};
inline constexpr ParamSpec kSelectNodes = {.name = "nodes",
                                           .kind = ParamKind::kStringList,
                                           .label = "Only these nodes",
                                           .help = "Quantize nothing but these nodes. Empty: all that can be.",
                                           .fallback = "[]",
                                           .list_of = "nodes"};
inline constexpr ParamSpec kExcludeNodes = {
    .name = "exclude_nodes",
    .kind = ParamKind::kStringList,
    .label = "Not these nodes",
    .help = "Nodes that stay float, such as a first or last layer that loses too much.",
    .fallback = "[]",
    .list_of = "nodes"};

// `operators`: those that the pass can quantize. Errors: kInvalidRecipe; where = "<pass>.<key>": an operator that is
// neither among them nor in `graph`, a node that `graph` does not have.
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
