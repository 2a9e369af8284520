// Static quantization: activations get fixed scales from calibration data, weights get theirs from themselves.
//
// Before: a float model.
// After:  the same model with QuantizeLinear / DequantizeLinear around what runs on integers.
// Conditions: float32 operators whose row has a QuantRule (core/ops); constant weights; calibration feeds.
// Formula: real = scale * (q - zero_point).
// Reference: Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
//         Inference"; placement as onnxruntime's QDQ format.
#pragma once

#include "core/passes/pass_def.h"
#include "core/passes/quantize/plan.h"
#include "core/passes/quantize/prepare.h"

namespace halftone {

const PassDef& quantize_static_pass();

// The ranges of groups whose observer looks at no data. What nothing is known about stays for the calibration.
void predict_groups(const PreparedModel& prepared, double deviations, QuantPlan& plan);

}  // namespace halftone
