// Where the values of a running program live: constants and feeds where they are, intermediate values in the
// arena or on the heap, views on their roots. One Buffers serves one run at a time.
#pragma once

#include <vector>

#include "core/runtime/run_plan.h"
#include "core/runtime/scratch.h"
#include "core/tensor/tensor.h"

namespace halftone {

class Buffers {
 public:
  explicit Buffers(const Program& program);

  // Starts a run by `plan`; grows the arena to what it asks for. Error: kOutOfMemory.
  Status begin(RunPlan& plan);
  void feed(ValueId id, const Tensor& tensor);
  // Bytes of somebody else's that outlive the run.
  void feed(ValueId id, const View& view);
  // Drops all but constants and the arena.
  void end();

  bool has(ValueId id) const { return slot(id).live; }
  const View& view(ValueId id) const { return slot(id).view; }

  // Storage for a value, as RunContext::output asks. Errors: kOutOfMemory, kInvalidModel (negative dims).
  Result<MutView> make(ValueId id, DType dtype, std::span<const int64_t> dims);
  // `id` shows the bytes of `of` under other dims.
  Status make_view(ValueId id, ValueId of, std::span<const int64_t> dims);
  void release(ValueId id);
  // The value as a tensor that outlives the run: shared where it is on the heap, else copied.
  Result<Tensor> take(ValueId id) const;

  RunPlan& plan() { return *plan_; }
  Scratch& scratch() { return scratch_; }
  int64_t bytes() const { return arena_.byte_size() + scratch_.bytes(); }

 private:
  struct Slot {
    View view;
    Tensor tensor;  // undefined: the bytes are in the arena
    bool live = false, constant = false;
  };
  bool in_arena(const void* data) const;
  Slot& slot(ValueId id) { return slots_[static_cast<size_t>(id)]; }
  const Slot& slot(ValueId id) const { return slots_[static_cast<size_t>(id)]; }

  std::vector<Slot> slots_;
  Tensor arena_;
  Scratch scratch_;
  RunPlan* plan_ = nullptr;
};

}  // namespace halftone
