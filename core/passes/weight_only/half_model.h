// A whole model in float16, its inputs and outputs kept in float32.
//
// Before: y = Op(x, w), float32
// After:  y = Cast(Op(Cast(x), w)) with float16 in between
// Conditions: operators of ai.onnx without graphs inside, but for those whose float inputs are not meant to be float16
//         (sizes, scales, random numbers) or that no runtime computes in it; around these stand Casts. What a subgraph
//         captures stays there in float32 under its name.
// Formula: constants beyond +-65504 become that, those below 2^-24 in size 2^-24 (an epsilon must not become 0).
// Reference: the float16 converter of onnxconverter-common.
#pragma once

#include "core/graph/graph.h"
#include "core/passes/quantize/selection.h"
#include "core/passes/quantize/weight_report.h"

namespace halftone {

struct HalfModel {
  Model model;
  int64_t clipped = 0, raised = 0;  // constants' elements that left float16's range at either end
};

// What `selection` does not take stays float32.
Result<HalfModel> half_model(const Model& model, WeightReport& report, const NodeSelection& selection);

}  // namespace halftone
