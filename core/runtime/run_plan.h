// What one run with given input sizes did with memory, and where the next run with the same sizes puts it.
// The first run takes its buffers from the heap and notes them down; no size has to be known before. A run that
// then wants something else (sizes that depend on data) gets heap memory for it, so a note is never trusted
// beyond what it says.
#pragma once

#include <vector>

#include "core/compile/program.h"

namespace halftone {

struct RunPlan {
  std::vector<int64_t> key;     // ranks and dims of all inputs, in order
  std::vector<int64_t> bytes;   // per value: size of its buffer; -1: not a buffer of its own
  std::vector<ValueId> root;    // per value: whose bytes it shows (itself, or what it is a view of)
  std::vector<int64_t> offset;  // per value: place in the arena; -1: heap
  int64_t arena_bytes = 0;
  bool placed = false;  // offset and arena_bytes are filled in
};

// An empty plan for a program, ready to note a first run.
RunPlan start_plan(const Program& program, std::vector<int64_t> key);

// Turns notes into places: lifetimes from the program's steps, extended by views. Values whose bytes leave with
// the graph's outputs stay on the heap. Error: kOutOfMemory where the arena would exceed kMaxBytes.
Status place_buffers(const Program& program, RunPlan& plan);

}  // namespace halftone
