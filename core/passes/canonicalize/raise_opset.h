// Raises the ai.onnx opset of a model by converting its nodes, one version at a time: what a newer operator set says
// differently (attributes that became inputs, changed defaults, replaced operators) is rewritten, so that the model
// means the same and any runtime loads it. Before: opset a. After: opset b >= a, IR version at least what b needs;
// subgraphs and local functions too. Conditions: b <= kMaxOpset; every operator that changed in between has an adapter
// (opset/*.cc) or carries over. Reference: ONNX, docs/Versioning.md, docs/Changelog.md.
#pragma once

#include <cstdint>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace halftone {

inline constexpr int64_t kMaxOpset = 25;

// A model whose opset is `target` already, or higher, comes back as it is (local functions older than that follow it):
// nothing is ever lowered.
// Errors: kUnsupportedOperator naming node, operator and versions where a change has no conversion (or needs
// shapes or constants that are not known); kInvalidArgument for a target above kMaxOpset.
Result<Model> raise_opset(const Model& model, int64_t target);

// The lowest IR version that may carry an ai.onnx opset.
int64_t ir_version_for_opset(int64_t opset);

}  // namespace halftone
