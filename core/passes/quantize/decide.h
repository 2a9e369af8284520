// From what was seen to numbers: the range and the parameters of each group of tensors, and which Relu and Clip those
// make redundant.
// Formula: clamping to [low, high] before QuantizeLinear changes nothing exactly when low quantizes to the smallest
// integer and high to the largest, since QuantizeLinear is monotone and saturates.
#pragma once

#include <vector>

#include "core/passes/quantize/calibrate.h"
#include "core/passes/quantize/plan.h"
#include "core/stats/observer.h"

namespace halftone {

// One group of the plan.
struct GroupDecision {
  Observation seen;  // of all of its observed tensors
  Range range;       // to be covered; contains 0
  QuantParams params;
};

struct QuantDecisions {
  std::vector<GroupDecision> groups;
  std::vector<bool> redundant;  // by QuantPlan::activations
};

QuantDecisions decide(const QuantPlan& plan, const std::vector<SeenTensor>& tensors, const ObserverSettings& settings);

}  // namespace halftone
