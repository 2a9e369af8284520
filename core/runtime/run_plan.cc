// Places in the arena, by what inference knows and then by what a run has noted.
#include "core/runtime/run_plan.h"

#include <algorithm>
#include <numeric>

#include "core/compile/memory_plan.h"
#include "core/ops/shape_inference.h"

namespace halftone {
namespace {

// Lifetimes come from the program's steps, extended by views. Values whose bytes leave with the graph's outputs stay on
// the heap. Error: kOutOfMemory.
Status place_buffers(const Program& program, RunPlan& plan) {
  const size_t values = program.graph.values.size();
  std::vector<int32_t> first(values, 0), last(values, 0);
  for (size_t s = 0; s < program.steps.size(); ++s) {
    const Step& step = program.steps[s];
    for (ValueId id : program.graph.nodes[static_cast<size_t>(step.node)].outputs) {
      if (id != kNoValue) first[static_cast<size_t>(id)] = static_cast<int32_t>(s);
    }
    for (ValueId id : step.release) {
      int32_t& end = last[static_cast<size_t>(plan.root[static_cast<size_t>(id)])];
      end = std::max(end, static_cast<int32_t>(s));
    }
  }
  std::vector<bool> leaves(values, false);
  for (ValueId id : program.graph.outputs) leaves[static_cast<size_t>(plan.root[static_cast<size_t>(id)])] = true;

  std::vector<BufferLife> lives;
  std::vector<size_t> ids;
  for (size_t id = 0; id < values; ++id) {
    if (plan.bytes[id] < 0 || leaves[id]) continue;
    lives.push_back({plan.bytes[id], first[id], last[id]});
    ids.push_back(id);
  }
  HT_ASSIGN(const MemoryPlan memory, plan_memory(lives, kMaxBytes));
  plan.offset.assign(values, -1);
  for (size_t i = 0; i < ids.size(); ++i) plan.offset[ids[i]] = memory.offsets[i];
  plan.arena_bytes = memory.bytes;
  return ok_status();
}

// The graph's shapes where all of its inputs have one; else inference is told the sizes at hand. nullopt where they
// contradict the model, which the run itself says better.
std::optional<Graph> with_sizes(const Program& program, const std::map<std::string, Dims, std::less<>>& inputs) {
  Graph graph = program.graph;
  Model model;  // answers for opsets only
  model.opset_imports = program.opset_imports;
  if (!infer_shapes(graph, model, {inputs, true}).ok()) return std::nullopt;
  return graph;
}

bool has_fixed_inputs(const Graph& graph) {
  return std::all_of(graph.inputs.begin(), graph.inputs.end(),
                     [&](ValueId id) { return graph.value(id).shape.concrete().has_value(); });
}

// Of every value that a step makes.
std::vector<int64_t> inferred_bytes(const Program& program, const Graph& sized) {
  std::vector<int64_t> bytes(sized.values.size(), -1);
  for (const Step& step : program.steps) {
    for (ValueId id : program.graph.nodes[static_cast<size_t>(step.node)].outputs) {
      if (id == kNoValue) continue;
      const Value& value = sized.value(id);
      const auto dims = value.shape.concrete();
      const auto count = dims ? element_count(*dims) : std::nullopt;
      if (!count || value.dtype == DType::kUndefined || value.dtype == DType::kString) continue;
      bytes[static_cast<size_t>(id)] = packed_bytes(value.dtype, *count).value_or(-1);
    }
  }
  return bytes;
}

}  // namespace

RunPlan start_plan(const Program& program, std::vector<int64_t> key) {
  const size_t values = program.graph.values.size();
  RunPlan plan;
  plan.key = std::move(key);
  plan.bytes.assign(values, -1);
  plan.noted.assign(values, -1);
  plan.offset.assign(values, -1);
  plan.memos.resize(program.steps.size());
  plan.root.resize(values);
  std::iota(plan.root.begin(), plan.root.end(), 0);
  return plan;
}

void foresee_buffers(const Program& program, const std::map<std::string, Dims, std::less<>>& inputs, RunPlan& plan) {
  if (has_fixed_inputs(program.graph)) {
    plan.bytes = inferred_bytes(program, program.graph);
  } else if (const auto sized = with_sizes(program, inputs)) {
    plan.bytes = inferred_bytes(program, *sized);
  }
  // Too large altogether: the run may still get by with what it takes from the heap.
  (void)place_buffers(program, plan);
}

Status settle_plan(const Program& program, RunPlan& plan) {
  plan.bytes = std::move(plan.noted);
  plan.settled = true;
  return place_buffers(program, plan);
}

}  // namespace halftone
