// float16, bfloat16 and, for in_single, float64 for any operator that has a float kernel: inputs become float, the
// operator runs, its float outputs become what the inputs were. Write `.run = in_float<run_softmax>` in the operator's
// row; in_single where the operator has no arithmetic of its own for float64 and single precision has to do.
#pragma once

#include "core/ops/op_def.h"

namespace halftone {

inline bool is_half(DType type) { return type == DType::kFloat16 || type == DType::kBFloat16; }

// Which input types are turned to float; kNumbers: integers too, where they are input 0.
enum class Turned : uint8_t { kHalves, kFloats, kNumbers };

// Runs `run`, on inputs turned to float where there are some of those types. Float outputs take the type of the first
// such input, but for those whose bit is set in `keep_float` (statistics that the operator hands out as float whatever
// its input is).
Status run_as_float(RunContext& ctx, RunFn run, uint32_t keep_float, Turned turned);

template <RunFn kRun, uint32_t kKeepFloat = 0>
Status in_float(RunContext& ctx) {
  return run_as_float(ctx, kRun, kKeepFloat, Turned::kHalves);
}

template <RunFn kRun, uint32_t kKeepFloat = 0>
Status in_single(RunContext& ctx) {
  return run_as_float(ctx, kRun, kKeepFloat, Turned::kFloats);
}

}  // namespace halftone
