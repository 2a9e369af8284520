// Measures how sensitive each layer is, and leaves the worst ones in float.
//
// Before: a float model, with quantize_static among the steps that follow.
// After:  the same model. The next quantize_static gets the exceptions {"where": <node>, "keep_float": true}.
// Conditions: the model is float and calibration data is there.
// Formula: d_l = noise of the outputs with layer l alone on integers (trials.h). With errors that add up, leaving the
//         worst k of them in float gains 10 log10(sum d / (sum d - sum of those k)) dB. Where a target is given, k
//         grows until the quantized model, measured, reaches it.
// Reference: the per-layer sensitivity of AIMET and NNCF's accuracy-aware quantization.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& fall_back_pass();

}  // namespace halftone
