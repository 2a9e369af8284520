// float16 and bfloat16 for any operator that has a float kernel: inputs widen to float, the operator runs, its float
// outputs are narrowed. Write `.run = in_float<run_softmax>` in the operator's row.
#pragma once

#include "core/ops/op_def.h"

namespace halftone {

inline bool is_half(DType type) { return type == DType::kFloat16 || type == DType::kBFloat16; }

// Whether any input is float16 or bfloat16.
bool has_half_input(const RunContext& ctx);

// Runs `run` on widened inputs. Float outputs take the type of the first half input, but for those whose bit is set in
// `keep_float` (statistics that the operator hands out as float whatever its input is).
Status run_widened(RunContext& ctx, RunFn run, uint32_t keep_float);

template <RunFn kRun, uint32_t kKeepFloat = 0>
Status in_float(RunContext& ctx) {
  return has_half_input(ctx) ? run_widened(ctx, kRun, kKeepFloat) : kRun(ctx);
}

}  // namespace halftone
