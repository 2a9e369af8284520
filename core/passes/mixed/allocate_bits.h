// Chooses the width of each layer's weights under a budget.
//
// Before: a float model, with quantize_static among the steps that follow.
// After:  the same model. The next quantize_static gets the exceptions {"where": <node>, "weight_bits": <bits>}.
// Conditions: the model is float and calibration data is there.
// Formula: minimize the sum over layers of d(l, b) with sum of costs <= budget (allocation.h), where d(l, b) is the
//         outputs' noise with the weight of l alone in b bits (trials.h): measured for every width, or measured at the
//         width nearest to 4 bits and carried over by the weights' own squared errors, d(l, b) = d(l, 4) e(l, b) / e(l,
//         4).
// Costs: mean_bits  weights * bits, the budget being a mean over all weights
//        bytes      what the file holds, widths that ONNX has no type for in the next wider one
//        macs_bits  multiply-accumulates * bits, the budget being a mean over all of them
// Budgets of quality (sqnr in dB, agreement and accuracy in percent) turn it around: of the Pareto front of cost
// against
//         predicted noise, the cheapest allocation whose whole model, quantized and run, is good enough.
// Reference: Dong et al. 2019, "HAWQ"; Hubara et al. 2020, "Improving Post Training Neural Quantization" (the sum of
//         single layers' losses under a budget).
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& allocate_bits_pass();

}  // namespace halftone
