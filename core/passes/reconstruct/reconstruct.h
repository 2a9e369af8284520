// Chooses the weights and biases of a quantized model anew, a few layers at a time from the front, so that each layer's
// output comes close to the float model's although its input is quantized by then.
//
// Before: y = Op(DequantizeLinear(x_q), DequantizeLinear(w_q), DequantizeLinear(b_q))
// After:  the same graph, other integers in w_q and b_q
// Conditions: layers.h; the recipe started from the float model. Sweeps over the calibration data: one per stage.
// Formula and reference: solve.h. correct_bias is the same with weights left alone and one stage.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& reconstruct_pass();
const PassDef& correct_bias_pass();

}  // namespace halftone
