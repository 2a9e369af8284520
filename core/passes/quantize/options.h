// What the user may choose about static quantization: the parameter table, and the choices as C++ values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/passes/pass_def.h"
#include "core/passes/quantize/schemes.h"
#include "core/passes/quantize/selection.h"

namespace halftone {

struct QuantizeOptions : NodeSelection {
  ActivationScheme activation;
  WeightScheme weight;
  ObserverSettings observing;
  double deviations = 6;  // of kBatchNorm
  bool skip_islands = false;
  std::vector<Override> overrides;
};

std::span<const ParamSpec> quantize_static_params();

// Errors: kInvalidRecipe; where = "quantize_static.<key>": a type combination that no runtime has, an operator that
// cannot be quantized, a node that `model` does not have; those of read_overrides().
Result<QuantizeOptions> read_quantize_options(const Params& params, const Model& model);

// The lowest ai.onnx opset that has what these options may put into a model.
int64_t opset_needed(const QuantizeOptions& options);

}  // namespace halftone
