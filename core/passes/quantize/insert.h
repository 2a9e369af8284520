// Writes the plan into the graph as QuantizeLinear and DequantizeLinear nodes, where onnxruntime fuses them.
//
// Before: y = Conv(x, w, b); z = Relu(y); ...
// After:  x -> x_QuantizeLinear -> x_quantized -> x_DequantizeLinear -> x_dequantized
//         z = Conv(x_dequantized, DequantizeLinear(w_quantized), DequantizeLinear(b_quantized)) -> z_quantized -> ...
// Conditions: every float data input of a quantized node comes from a DequantizeLinear and every output goes to a
//         QuantizeLinear. Values keep their names; only a model output's float value, which must be what comes out of
//         the last DequantizeLinear, hands its name on and becomes <name>_unquantized.
// Tensors of a group share one scale and one zero point. Constants are made once per set of parameters they need. New
// values are named <name>_scale, _quantized, _dequantized, after the last parts of a long <name>.
#pragma once

#include <string>
#include <vector>

#include "core/passes/quantize/decide.h"
#include "core/passes/quantize/plan.h"
#include "core/passes/quantize/weights.h"

namespace halftone {

// One weight as it was stored.
struct StoredWeight {
  std::string name, node;
  int64_t elements = 0, axis = -1, scales = 1, widened = 0;
  float scale_low = 0, scale_high = 0;
  bool bias = false;
  DType type = DType::kInt8;
  int32_t levels = 0;
  int64_t block_size = 0;
  WeightFacts facts;
};

struct InsertOutcome {
  Model model;
  std::vector<StoredWeight> weights;
  std::vector<std::string> removed_activations;  // node labels
};

// How the constant `weight`, which the weighted `node` reads, is to be encoded. `label`: what exceptions call the node.
WeightSpec weight_spec(const Graph& graph, const Node& node, std::string_view label, const QuantRule& rule,
                       ValueId weight, const QuantizeOptions& options);

// `plan` and `decisions` are about `model`. Errors: kOutOfMemory, kCancelled.
Result<InsertOutcome> insert_quantization(const Model& model, const QuantPlan& plan, const QuantDecisions& decisions,
                                          const QuantizeOptions& options, const ProgressFn& progress);

}  // namespace halftone
