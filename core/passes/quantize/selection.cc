// The four lists that select nodes, with the names that users of onnxruntime's tool know.
#include "core/passes/quantize/selection.h"

#include <algorithm>

#include "core/graph/subgraphs.h"
#include "core/passes/suggest.h"

namespace halftone {
namespace {

template <typename Text>
bool listed(std::span<const Text> list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}
bool listed(const std::vector<std::string>& list, std::string_view name) {
  return listed(std::span<const std::string>(list), name);
}

bool has_operator(const Graph& graph, std::string_view name) {
  for (const Node& node : graph.nodes) {
    bool found = node.op_type == name;
    for_each_subgraph(node, [&](const Graph& inner) { found = found || has_operator(inner, name); });
    if (found) return true;
  }
  return false;
}

struct ListCheck {
  std::string_view pass, key;
  std::span<const std::string_view> known;
  std::string_view before, after;  // the message around the name
  size_t shown;                    // known names in the hint
  const Graph* operators_of;       // its operators will do too: not null for lists of operators
};

Status check_list(const ListCheck& check, const std::vector<std::string>& given) {
  for (const std::string& name : given) {
    if (listed(check.known, name) || (check.operators_of && has_operator(*check.operators_of, name))) continue;
    return Error{ErrorCode::kInvalidRecipe, std::string(check.before) + "\"" + name + "\"" + std::string(check.after),
                 std::string(check.pass) + "." + std::string(check.key), suggest(name, check.known, check.shown)};
  }
  return ok_status();
}

}  // namespace

Result<NodeSelection> read_selection(std::string_view pass, const Params& params,
                                     std::span<const std::string_view> operators, const Graph& graph) {
  NodeSelection selection{params.list("op_types"), params.list("exclude_op_types"), params.list("nodes"),
                          params.list("exclude_nodes")};
  std::vector<std::string> labels;
  if (!selection.nodes.empty() || !selection.exclude_nodes.empty()) {
    for (const Node& node : graph.nodes) labels.push_back(node_label(graph, node));
  }
  const std::vector<std::string_view> known(labels.begin(), labels.end());
  ListCheck check{pass, "op_types", operators, "", " is not an operator that can be quantized", 60, &graph};
  HT_TRY(check_list(check, selection.op_types));
  check.key = "exclude_op_types";
  HT_TRY(check_list(check, selection.exclude_op_types));
  check = {pass, "nodes", known, "The model has no node ", "", 8, nullptr};
  HT_TRY(check_list(check, selection.nodes));
  check.key = "exclude_nodes";
  HT_TRY(check_list(check, selection.exclude_nodes));
  return selection;
}

bool selected(const Graph& graph, const Node& node, const NodeSelection& selection) {
  return (selection.op_types.empty() || listed(selection.op_types, node.op_type)) &&
         (selection.nodes.empty() || listed(selection.nodes, node_label(graph, node)));
}

std::string left_out(const Graph& graph, const Node& node, const NodeSelection& selection) {
  if (listed(selection.exclude_nodes, node_label(graph, node))) return "the recipe excludes this node";
  if (listed(selection.exclude_op_types, node.op_type)) return "the recipe excludes " + node.op_type;
  return {};
}

std::string not_taken(const Graph& graph, const Node& node, const NodeSelection& selection) {
  return selected(graph, node, selection) ? left_out(graph, node, selection) : std::string(kNotSelected);
}

}  // namespace halftone
