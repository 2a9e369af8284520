// Output types and sizes of a running operator, from its own infer function: shapes are written once, and what
// inference promised is what runs.
#pragma once

#include <memory>
#include <vector>

#include "core/ops/op_def.h"

namespace halftone {

struct OutputSpec {
  DType dtype = DType::kUndefined;
  Dims dims;
};

// Whether everything but input 0 (sizes, pads, axes ...) is the same in every run: then a memo may rest on it.
bool arguments_are_constant(const RunContext& ctx);

// The inputs at hand as infer sees them: sizes are numbers, small inputs are constants (copied when asked for). Outputs
// that are set on it are dropped. It refers to `ctx`.
std::unique_ptr<InferContext> as_infer_context(const RunContext& ctx);

// Calls `infer` with the sizes of the inputs at hand and with the contents of those it asks for. One entry per output
// that infer set. Errors: kInvalidModel from infer (`where` is filled in by the caller), or where a size stays unknown.
// They are known from run to run where infer asks for contents of constants only; valid until the operator returns.
Result<std::span<const OutputSpec>> resolve_outputs(RunContext& ctx, InferFn infer);

// The same for the usual operator with one output: resolves it and asks the runtime for its storage.
Result<MutView> make_output(RunContext& ctx, InferFn infer);

// Int32 or int64 elements of a small argument input (axes, pads, ...); any rank. Errors: kInvalidModel.
Result<Dims> int_input(const RunContext& ctx, size_t i);

}  // namespace halftone
