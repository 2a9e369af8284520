// What the user may choose about static quantization: the parameter table, and the choices as C++ values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/passes/pass_def.h"
#include "core/passes/quantize/selection.h"
#include "core/tensor/dtype.h"

namespace halftone {

struct QuantizeOptions : NodeSelection {
  std::string observer = "minmax";
  DType activation_type = DType::kUint8;
  DType weight_type = DType::kInt8;
  bool per_channel = true;
  bool activation_symmetric = false;
  bool weight_symmetric = true;
  bool reduce_range = false;  // weights use 7 of their 8 bits
};

std::span<const ParamSpec> quantize_static_params();

// Errors: kInvalidRecipe; where = "quantize_static.<key>": a type combination that no runtime has, an operator that
// cannot be quantized, a node that `model` does not have.
Result<QuantizeOptions> read_quantize_options(const Params& params, const Model& model);

}  // namespace halftone
