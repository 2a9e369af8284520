// The pass `convert_opset`: raises the model's ai.onnx opset by converting its nodes (raise_opset.h).
// Before: opset a. After: opset max(a, target); the same outputs, attributes and operators of the newer set.
// Conditions: those of raise_opset(). Reports {"from", "to", "irVersion", "nodesBefore", "nodesAfter"}.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& convert_opset_pass();

}  // namespace halftone
