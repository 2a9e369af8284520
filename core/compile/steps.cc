// A rewritten graph becomes steps: each node with its operator row, prepared state and the values it uses last.
#include "core/compile/steps.h"

#include <algorithm>

#include "core/base/sort_order.h"
#include "core/compile/node_facts.h"
#include "core/compile/rewrites/rules.h"
#include "core/graph/subgraphs.h"

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

// Per node: that nothing else of the graph reads it, nor does it read by a graph of its own.
std::vector<bool> find_leaves(const Graph& graph) {
  const auto captured = captured_values(graph);
  std::vector<bool> read(graph.values.size(), false), leaves;
  const auto reads = [&](const std::vector<ValueId>& ids) {
    for (ValueId id : ids) {
      if (id != kNoValue) read[static_cast<size_t>(id)] = true;
    }
  };
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!graph.nodes[i].removed) reads(graph.nodes[i].inputs);
    reads(captured[i]);
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto& outputs = graph.nodes[i].outputs;
    leaves.push_back(captured[i].empty() && std::none_of(outputs.begin(), outputs.end(), [&](ValueId id) {
                       return id != kNoValue && read[static_cast<size_t>(id)];
                     }));
  }
  return leaves;
}

// Nodes in the order they run: the graph's, but for leaves such as the transpose before a tap. These come right behind
// what they read, which need not be held for them until the end.
std::vector<size_t> run_order(const Graph& graph) {
  const std::vector<bool> leaves = find_leaves(graph);
  std::vector<size_t> maker(graph.values.size(), 0);
  std::vector<std::vector<size_t>> behind(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.removed) continue;
    size_t place = leaves[i] ? 0 : i;
    for (ValueId id : node.inputs) place = id == kNoValue ? place : std::max(place, maker[static_cast<size_t>(id)]);
    behind[place].push_back(i);
    for (ValueId id : node.outputs) {
      if (id != kNoValue) maker[static_cast<size_t>(id)] = i;
    }
  }
  std::vector<size_t> order;
  for (const auto& nodes : behind) order.insert(order.end(), nodes.begin(), nodes.end());
  return order;
}

// The values whose last use is each step. A value that nobody uses is released by the step that makes it.
void find_last_uses(Program& program) {
  const Graph& graph = program.graph;
  const auto captured = captured_values(graph);
  std::vector<int32_t> last(graph.values.size(), -1);
  for (size_t s = 0; s < program.steps.size(); ++s) {
    const Node& node = graph.nodes[static_cast<size_t>(program.steps[s].node)];
    for (const auto* ids : {&node.outputs, &node.inputs, &captured[static_cast<size_t>(program.steps[s].node)]}) {
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

bool runs(const OpDef* op, const Node& node) {
  return op != nullptr && (node.has(kIntegerAttr) ? op->run_int8 : op->run) != nullptr;
}

// Nodes without a kernel, in the graphs inside of nodes too.
void find_missing(const Program& program, const Graph& graph, std::vector<Missing>& missing) {
  for (const Node& node : graph.nodes) {
    if (node.removed) continue;
    for_each_subgraph(node, [&](const Graph& inner) { find_missing(program, inner, missing); });
    const int64_t opset = program.opset(node.domain);
    if (runs(find_op(node.domain, node.op_type, opset), node)) continue;
    const std::string op =
        (node.domain.empty() ? "" : node.domain + ".") + node.op_type + " (opset " + std::to_string(opset) + ")";
    auto same = std::find_if(missing.begin(), missing.end(), [&](const Missing& m) { return m.op == op; });
    if (same == missing.end()) same = missing.insert(missing.end(), Missing{op, node_label(graph, node)});
    ++same->nodes;
  }
}

// The graphs inside of a node as programs. Sizes may change from one pass of a loop to the next, so that only types
// of their inputs are believed, and nothing of what the file says about the shapes of their outputs.
Status compile_bodies(const Program& program, const Node& node, const CompileOptions& options,
                      std::vector<StepBody>& bodies) {
  CompileOptions inside = options;
  inside.keep.clear();
  for (const auto& [name, attribute] : node.attributes) {
    const GraphPtr graph = node.graph_attr(name);
    if (!graph) continue;
    ClosedGraph closed = close_graph(*graph, program.graph);
    for (size_t i = 0; i < graph->inputs.size(); ++i) closed.graph.value(graph->inputs[i]).shape = SymShape();
    for (ValueId id : graph->outputs) {
      if (!closed.graph.value(id).is_constant()) closed.graph.value(id).shape = SymShape();
    }
    Model model;
    model.opset_imports = program.opset_imports;
    model.graph = std::move(closed.graph);
    auto program_inside = compile(model, inside);
    StepBody body{name, nullptr, std::move(closed.captures), std::nullopt};
    if (program_inside.ok()) {
      body.program = *std::move(program_inside);
    } else if (program_inside.error().code == ErrorCode::kInvalidModel) {
      body.error = std::move(program_inside).error();
    } else {
      return std::move(program_inside).error();
    }
    bodies.push_back(std::move(body));
  }
  return ok_status();
}

// Lets go of the bytes of weights as soon as the last step that reads them has packed them, so that a model is never
// in memory twice.
class PackedConstants {
 public:
  explicit PackedConstants(const Graph& graph) : graph_(graph), readers_(graph.values.size(), 0) {
    for (const Node& node : graph.nodes) {
      if (node.removed) continue;
      for (ValueId id : node.inputs) count(id);
    }
    for (ValueId id : graph.outputs) count(id);
  }

  // A step has packed this one.
  void keep(ValueId id, PackedForm form, std::vector<ValueId>& packed) {
    const Tensor& constant = graph_.value(id).constant;
    if (constant.byte_size() < kWorthwhile) return;
    constant.keep_as(std::make_shared<const PackedForm>(std::move(form)));
    if (--readers_[static_cast<size_t>(id)] > 0) return;
    constant.let_go();
    packed.push_back(id);
  }

 private:
  static constexpr int64_t kWorthwhile = 4096;  // bytes
  void count(ValueId id) {
    if (id != kNoValue) ++readers_[static_cast<size_t>(id)];
  }

  const Graph& graph_;
  std::vector<int32_t> readers_;  // that have not packed it
};

Status prepare_step(Program& program, const CompileOptions& options, PackedConstants& constants, Step& step) {
  const Node& node = program.graph.nodes[static_cast<size_t>(step.node)];
  HT_TRY(compile_bodies(program, node, options, step.bodies));
  const PrepareFn prepare = step.integer ? step.op->prepare_int8 : step.op->prepare;
  if (prepare == nullptr) return ok_status();
  NodeFacts facts(program.graph, node, program.opset(node.domain), step.integer);
  HT_ASSIGN(step.state, prepare(facts));
  for (auto& [input, form] : facts.kept) constants.keep(node.inputs[input], std::move(form), program.packed);
  return ok_status();
}

// Largest weights first: what is packed then finds room where larger ones were.
Status prepare_steps(Program& program, const CompileOptions& options) {
  const Graph& graph = program.graph;
  std::vector<std::pair<int64_t, Step*>> order;
  for (Step& step : program.steps) {
    int64_t bytes = 0;
    for (ValueId id : graph.nodes[static_cast<size_t>(step.node)].inputs) {
      if (id != kNoValue) bytes = std::max(bytes, graph.value(id).constant.byte_size());
    }
    order.emplace_back(bytes, &step);
  }
  const auto larger = [&](int64_t a, int64_t b) {
    return order[static_cast<size_t>(a)].first > order[static_cast<size_t>(b)].first;
  };
  PackedConstants constants(graph);
  for (const int64_t i : sorted_order(static_cast<int64_t>(order.size()), larger)) {
    Step* step = order[static_cast<size_t>(i)].second;
    if (Status ready = prepare_step(program, options, constants, *step); !ready.ok()) {
      Error error = std::move(ready).error();
      if (error.where.empty()) error.where = node_label(graph, graph.nodes[static_cast<size_t>(step->node)]);
      return error;
    }
  }
  return ok_status();
}

}  // namespace

Status link_steps(Program& program, const CompileOptions& options) {
  const Graph& graph = program.graph;
  std::vector<Missing> missing;
  find_missing(program, graph, missing);
  if (!missing.empty()) return unsupported(missing);
  for (size_t i : run_order(graph)) {
    const Node& node = graph.nodes[i];
    Step step;
    step.node = static_cast<int32_t>(i);
    step.integer = node.has(kIntegerAttr);
    step.op = find_op(node.domain, node.op_type, program.opset(node.domain));
    program.steps.push_back(std::move(step));
  }
  HT_TRY(prepare_steps(program, options));
  find_last_uses(program);
  return ok_status();
}

}  // namespace halftone
