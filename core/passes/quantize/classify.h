// Which role each node could play in static quantization, judged by itself: the user's lists, its operator's
// QuantRule, the types of its tensors, its constants. The neighbourhood is plan.h's matter.
#pragma once

#include <vector>

#include "core/graph/edit.h"
#include "core/passes/quantize/plan.h"

namespace halftone {

// One entry per node. Roles: kFloat with a reason, or a candidate that plan.h may still turn down.
// Relu and Clip with constant bounds are kClamp here.
std::vector<NodePlan> classify_nodes(const Model& model, const UseMap& uses, const QuantizeOptions& options);

// Output-channel axis of a weighted node's weight, in [0, rank).
int64_t weight_axis(const QuantRule& rule, const Node& node, const Tensor& weight);

}  // namespace halftone
