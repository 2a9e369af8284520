// Opset conversion, version by version; the contract is in raise_opset.h, the adapters are in opset/.
#include "core/passes/canonicalize/raise_opset.h"

#include <algorithm>

#include "core/graph/edit.h"
#include "core/ops/shape_inference.h"
#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

struct Step {
  int64_t to;
  bool in_function;
};

Status convert_graph(Graph& graph, const Step& step);

// Subgraphs are shared values: a copy is converted and put in place of the old one.
Status convert_subgraphs(Node& node, const Step& step) {
  auto convert_one = [&](GraphPtr& shared) -> Status {
    auto copy = std::make_shared<Graph>(*shared);
    HT_TRY(convert_graph(*copy, step));
    compact(*copy);
    shared = std::move(copy);
    return ok_status();
  };
  for (auto& [key, attribute] : node.attributes) {
    if (auto* one = std::get_if<GraphPtr>(&attribute.value)) HT_TRY(convert_one(*one));
    if (auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
      for (GraphPtr& graph : *many) HT_TRY(convert_one(graph));
    }
  }
  return ok_status();
}

bool stands_for_function_attribute(const Node& node) {
  return std::any_of(node.attributes.begin(), node.attributes.end(),
                     [](const auto& entry) { return !entry.second.ref_name.empty(); });
}

Status convert_node(Graph& graph, int32_t index, const Step& step) {
  const std::string op = graph.nodes[static_cast<size_t>(index)].op_type;
  OpsetEdit edit(graph, index, step.to, step.in_function);
  if (const OpsetAdapter* adapter = find_adapter(op, step.to)) {
    if (stands_for_function_attribute(edit.node())) {
      return edit.cannot("its attributes are those of the function around it.");
    }
    return adapter->adapt(edit);
  }
  if (changed_at(op, step.to) && !carries_over(op, step.to)) {
    return edit.cannot("the operator changed, and Halftone has no conversion for it.");
  }
  return ok_status();
}

// Nodes that adapters add follow the new rules already: only those that were there are converted.
Status convert_graph(Graph& graph, const Step& step) {
  const auto count = static_cast<int32_t>(graph.nodes.size());
  for (int32_t i = 0; i < count; ++i) {
    HT_TRY(convert_subgraphs(graph.nodes[static_cast<size_t>(i)], step));
    const Node& node = graph.nodes[static_cast<size_t>(i)];
    if (node.removed || !node.domain.empty()) continue;
    HT_TRY(convert_node(graph, i, step));
  }
  return sort_topologically(graph);
}

Status raise_graph(Graph& graph, int64_t from, int64_t target, bool in_function) {
  for (int64_t to = from + 1; to <= target; ++to) HT_TRY(convert_graph(graph, {to, in_function}));
  compact(graph);
  return ok_status();
}

bool is_older(const Function& function, int64_t opset) {
  const auto import = function.opset_imports.find("");
  return import != function.opset_imports.end() && import->second < opset;
}

bool has_older_function(const Model& model, int64_t opset) {
  return std::any_of(model.functions.begin(), model.functions.end(),
                     [&](const Function& function) { return is_older(function, opset); });
}

// Weights were listed as inputs because they had to be; from IR version 4 on that would make them replaceable.
void raise_ir_version(Model& model, int64_t target) {
  const int64_t needed = ir_version_for_opset(target);
  if (model.ir_version < 4 && needed >= 4) model.graph.initializer_inputs.clear();
  model.ir_version = std::max(model.ir_version, needed);
}

}  // namespace

int64_t ir_version_for_opset(int64_t opset) {
  static constexpr std::pair<int64_t, int64_t> kFirstIr[] = {{25, 13}, {24, 12}, {23, 11}, {21, 10}, {19, 9},
                                                             {15, 8},  {12, 7},  {11, 6},  {10, 5},  {9, 4}};
  for (const auto& [first, ir] : kFirstIr) {
    if (opset >= first) return ir;
  }
  return 3;
}

Result<Model> raise_opset(const Model& model, int64_t target) {
  if (target > kMaxOpset) {
    return Error{ErrorCode::kInvalidArgument, "Opset " + std::to_string(target) + " is newer than Halftone knows.",
                 "opset", "Take at most " + std::to_string(kMaxOpset) + "."};
  }
  const int64_t from = model.opset();
  const int64_t goal = std::max(from, target);
  if (from == 0 || (from == goal && !has_older_function(model, goal))) return model;
  Model raised = model;
  // Ranks help some adapters. Where inference stops (old operators, a model with mistakes of its own), they do with
  // what was found until there and with what the file declares.
  [[maybe_unused]] const Status inferred = infer_shapes(raised);
  if (from < goal) HT_TRY(raise_graph(raised.graph, from, goal, false));
  for (Function& function : raised.functions) {
    if (!is_older(function, goal)) continue;
    HT_TRY(raise_graph(function.body, function.opset_imports[""], goal, true));
    function.opset_imports[""] = goal;
  }
  raised.opset_imports[""] = goal;
  raise_ir_version(raised, goal);
  HT_TRY(verify(raised.graph, ErrorCode::kInternal));
  return raised;
}

}  // namespace halftone
