// round_weights: rounds the weights of a statically quantized model anew, and corrects the biases.
// correct_bias: corrects the biases alone, by the mean inputs that calibration data shows or, from batch_norm, that the
// model's batch normalizations tell of layers behind them.
//
// Before: y = Op(DequantizeLinear(x_q), DequantizeLinear(w_q), DequantizeLinear(b_q))
// After:  the same graph, other integers in w_q and b_q
// Conditions: layers.h; the recipe started from the float model, which calibration runs. From batch_norm: layers with a
//         bias whose inputs follow from batch normalizations (predict_ranges.h).
// Formula and reference: solve.h.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& round_weights_pass();
const PassDef& correct_bias_pass();

}  // namespace halftone
