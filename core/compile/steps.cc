// A rewritten graph becomes steps: each node with its operator row, prepared state and the values it uses last.
#include "core/compile/steps.h"

#include <algorithm>

#include "core/compile/node_facts.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

struct Missing {
  std::string op;     // "com.microsoft.FusedConv (opset 1)"
  std::string first;  // label of the first node
  int64_t nodes = 0;
};

Error unsupported(const std::vector<Missing>& missing) {
  std::string list;
  for (const Missing& m : missing) {
    list += (list.empty() ? "" : "; ") + m.op + " at '" + m.first + "'";
    if (m.nodes > 1) list += " and " + std::to_string(m.nodes - 1) + " more";
  }
  const std::string count = missing.size() == 1 ? "One operator of this model has"
                                                : std::to_string(missing.size()) + " operators of this model have";
  return Error{ErrorCode::kUnsupportedOperator, count + " no kernel here: " + list + ".", missing.front().first,
               "The model cannot run, but it can still be inspected."};
}

// The values whose last use is each step. A value that nobody uses is released by the step that makes it.
void find_last_uses(Program& program) {
  const Graph& graph = program.graph;
  std::vector<int32_t> last(graph.values.size(), -1);
  for (size_t s = 0; s < program.steps.size(); ++s) {
    const Node& node = graph.nodes[static_cast<size_t>(program.steps[s].node)];
    for (const auto* ids : {&node.outputs, &node.inputs}) {
      for (ValueId id : *ids) {
        if (id != kNoValue) last[static_cast<size_t>(id)] = static_cast<int32_t>(s);
      }
    }
  }
  for (ValueId id : graph.outputs) last[static_cast<size_t>(id)] = -1;
  for (size_t id = 0; id < last.size(); ++id) {
    if (last[id] < 0 || graph.values[id].is_constant()) continue;
    program.steps[static_cast<size_t>(last[id])].release.push_back(static_cast<ValueId>(id));
  }
}

}  // namespace

Status link_steps(Program& program) {
  const Graph& graph = program.graph;
  std::vector<Missing> missing;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.removed) continue;
    Step step;
    step.node = static_cast<int32_t>(i);
    step.integer = node.has(kIntegerAttr);
    step.op = find_op(node.domain, node.op_type, program.opset(node.domain));
    const bool runs = step.op != nullptr && (step.integer ? step.op->run_int8 : step.op->run) != nullptr;
    if (!runs) {
      const std::string domain = node.domain.empty() ? "" : node.domain + ".";
      const std::string op = domain + node.op_type + " (opset " + std::to_string(program.opset(node.domain)) + ")";
      auto same = std::find_if(missing.begin(), missing.end(), [&](const Missing& m) { return m.op == op; });
      if (same == missing.end()) same = missing.insert(missing.end(), Missing{op, node_label(graph, node)});
      ++same->nodes;
      continue;
    }
    program.steps.push_back(std::move(step));
  }
  if (!missing.empty()) return unsupported(missing);

  for (Step& step : program.steps) {
    const Node& node = graph.nodes[static_cast<size_t>(step.node)];
    const PrepareFn prepare = step.integer ? step.op->prepare_int8 : step.op->prepare;
    if (prepare == nullptr) continue;
    NodeFacts facts(graph, node, program.opset(node.domain), step.integer);
    auto state = prepare(facts);
    if (!state.ok()) {
      Error error = std::move(state).error();
      if (error.where.empty()) error.where = node_label(graph, node);
      return error;
    }
    step.state = *std::move(state);
  }
  find_last_uses(program);
  return ok_status();
}

}  // namespace halftone
