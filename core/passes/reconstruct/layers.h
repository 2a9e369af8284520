// The layers of a quantized graph whose weights may be chosen anew, each with the float layer that it stands for.
// Conditions: Conv, Gemm or MatMul; its input and its weight come from DequantizeLinear, the weight from a constant
// with one scale for all or one for each output channel, read by nobody else. The float layer makes the value of the
// same name, with a Relu or Clip behind it perhaps, which the integers' range has taken over.
#pragma once

#include <string>
#include <vector>

#include "core/passes/weight_only/layer_inputs.h"

namespace halftone {

struct QuantizedLayer {
  std::string label;
  int32_t node = -1;  // in the quantized graph
  // In the float model: its weight as a matrix, what its columns are multiplied with, its bias (undefined: none).
  MatrixForm form;
  Tensor weight, bias;
  LayerInput input;
  // Names of the value that the layer reads, in either model.
  std::string x_float, x_quantized;
  // Constants of the quantized graph.
  ValueId codes = kNoValue, scale = kNoValue, zero = kNoValue, x_scale = kNoValue;
  ValueId bias_codes = kNoValue, bias_scale = kNoValue;  // kNoValue: it has no bias

  int64_t scale_index(int64_t row, int64_t scales) const { return scales == 1 ? 0 : row / form.rows_per_channel; }
};

// In the order of the quantized graph's nodes. `reference` is prepared as it was before it was quantized.
std::vector<QuantizedLayer> quantized_layers(const Graph& quantized, const Model& reference);

}  // namespace halftone
