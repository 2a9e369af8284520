// From measured ranges to numbers: parameters of each group of tensors, and which Relu and Clip they make redundant.
// Formula: clamping to [low, high] before QuantizeLinear changes nothing exactly when low quantizes to the smallest
// integer and high to the largest, since QuantizeLinear is monotone and saturates.
#pragma once

#include <vector>

#include "core/passes/quantize/calibrate.h"
#include "core/passes/quantize/plan.h"

namespace halftone {

struct QuantDecisions {
  std::vector<MeasuredGroup> measured;  // by group
  std::vector<QuantParams> params;      // by group
  std::vector<bool> redundant;          // by QuantPlan::activations
};

QuantDecisions decide(const QuantPlan& plan, std::vector<MeasuredGroup> measured, const QuantizeOptions& options);

}  // namespace halftone
