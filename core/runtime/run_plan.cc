// Turns the notes of a first run into places in the arena.
#include "core/runtime/run_plan.h"

#include <algorithm>
#include <numeric>

#include "core/compile/memory_plan.h"

namespace halftone {

RunPlan start_plan(const Program& program, std::vector<int64_t> key) {
  const size_t values = program.graph.values.size();
  RunPlan plan;
  plan.key = std::move(key);
  plan.bytes.assign(values, -1);
  plan.offset.assign(values, -1);
  plan.root.resize(values);
  std::iota(plan.root.begin(), plan.root.end(), 0);
  return plan;
}

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
  for (size_t i = 0; i < ids.size(); ++i) plan.offset[ids[i]] = memory.offsets[i];
  plan.arena_bytes = memory.bytes;
  plan.placed = true;
  return ok_status();
}

}  // namespace halftone
