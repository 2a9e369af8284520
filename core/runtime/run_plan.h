// Where a run with given input sizes puts its buffers. Before the first run inference says what it can of the sizes,
// and those values get places in the arena; the run notes what it really took and which values only show the bytes of
// others, and the next runs go by these notes. What a run wants beyond its plan (sizes that depend on data) it gets
// from the heap, so a plan is never trusted beyond what it says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/compile/program.h"
#include "core/ops/op_def.h"

namespace halftone {

// What a step's operator keeps, and the types and sizes of inputs that it holds for.
struct StepMemo {
  std::vector<int64_t> sizes;
  std::unique_ptr<Memo> first;
};

struct RunPlan {
  std::vector<int64_t> key;     // ranks and dims of all inputs, in order
  std::vector<int64_t> bytes;   // per value: size of its buffer; -1: not known, or not a buffer of its own
  std::vector<ValueId> root;    // per value: whose bytes it shows (itself, or what it is a view of)
  std::vector<int64_t> offset;  // per value: place in the arena; -1: heap
  int64_t arena_bytes = 0;
  std::vector<int64_t> noted;   // `bytes` as the first run finds them
  bool settled = false;         // bytes and root are notes of a run
  std::vector<StepMemo> memos;  // per step
};

// A plan for a program that puts everything on the heap, ready to note a first run.
RunPlan start_plan(const Program& program, std::vector<int64_t> key);

// Gives places to the buffers whose sizes inference knows for these inputs (by name). What it does not know, and all of
// it where the arena would be too large, stays on the heap.
void foresee_buffers(const Program& program, const std::map<std::string, Dims, std::less<>>& inputs, RunPlan& plan);

// Turns the notes of a run into places. Error: kOutOfMemory where the arena would exceed kMaxBytes.
Status settle_plan(const Program& program, RunPlan& plan);

}  // namespace halftone
