// Makes a model ready to be quantized without changing what it computes: local functions inlined, a newer opset where
// QuantizeLinear needs one, constants folded, BatchNormalization and constant additions folded into the weights before
// them.
#pragma once

#include <span>
#include <vector>

#include "core/base/json.h"
#include "core/graph/rewrite.h"
#include "core/passes/quantize/options.h"
#include "core/passes/quantize/predict_ranges.h"

namespace halftone {

struct PreparedModel {
  Model model;  // shapes inferred, nodes in order
  int64_t opset_before = 0, opset_after = 0;
  std::vector<RewriteStats> simplified;
  std::vector<BatchNormOutput> norms;  // those of the model as it came, and those handed on
};

// norms: handed on by earlier steps (PassContext). Errors: kUnsupportedOperator from the opset's conversion,
// kInvalidModel from shape inference.
Result<PreparedModel> prepare_to_quantize(const Model& model, const QuantizeOptions& options,
                                          std::span<const BatchNormOutput> norms = {});

}  // namespace halftone
