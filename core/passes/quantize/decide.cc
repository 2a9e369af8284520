// Ranges and parameters of groups, and redundant activations.
#include "core/passes/quantize/decide.h"

#include <algorithm>

#include "core/passes/quantize/weights.h"

namespace halftone {
namespace {

Range range_of(const TensorGroup& group, const Observation& seen, const ObserverSettings& settings) {
  if (group.given) return *group.given;
  const Range range = find_observer(group.observer)(seen, group.grid, settings);
  if (!group.fixed) return range;
  return {std::min(range.low, group.fixed->low), std::max(range.high, group.fixed->high)};
}

// What comes out of QuantizeLinear, where insert.cc puts a Clip in front of it also through that.
bool saturates(const AttachedActivation& activation, const QuantParams& params, const Grid& grid) {
  const DTypeInfo& type = dtype_info(grid.dtype);
  const bool clipped = needs_clip(grid);
  const int32_t lowest = clipped ? grid.lowest : static_cast<int32_t>(type.lowest);
  const int32_t highest = clipped ? grid.highest : static_cast<int32_t>(type.highest);
  return quantize_value(activation.low, params) <= lowest && quantize_value(activation.high, params) >= highest;
}

}  // namespace

QuantDecisions decide(const QuantPlan& plan, const std::vector<SeenTensor>& tensors, const ObserverSettings& settings) {
  QuantDecisions decisions;
  decisions.groups.resize(plan.groups.size());
  for (const SeenTensor& tensor : tensors) decisions.groups[tensor.group].seen.merge(tensor.seen);
  for (size_t g = 0; g < plan.groups.size(); ++g) {
    GroupDecision& group = decisions.groups[g];
    group.range = range_of(plan.groups[g], group.seen, settings);
    group.params = choose_params(group.range, plan.groups[g].grid);
  }
  for (const AttachedActivation& activation : plan.activations) {
    const auto g = static_cast<size_t>(plan.group(activation.output));
    decisions.redundant.push_back(saturates(activation, decisions.groups[g].params, plan.groups[g].grid));
  }
  return decisions;
}

}  // namespace halftone
