// Replaces calls of model-local functions by the functions' nodes: executors, passes and shape inference then see
// operators only.
// Before: y = domain::F(x){a}; F(u) -> v: v = Op(u){b = @a}. After: y = Op(x){b = a}; no functions are left.
// Conditions: no function calls itself, directly or through others; bodies whose ai.onnx opset is older or newer than
// the model's are converted to the newer one first (raise_opset.h). Reference: ONNX, docs/IR.md, "Functions".
#pragma once

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace halftone {

// Calls in subgraphs are replaced too. Values inside are named "<call>/<name>"; an attribute that neither the call nor
// the function's defaults give is left out. Errors: kInvalidModel (a function that calls itself, too many nodes, more
// inputs or outputs than the function has), those of raise_opset().
Result<Model> inline_functions(const Model& model);

}  // namespace halftone
