// Parameters of groups and redundant activations.
#include "core/passes/quantize/decide.h"

#include "core/passes/quantize/weights.h"

namespace halftone {

QuantDecisions decide(const QuantPlan& plan, std::vector<MeasuredGroup> measured, const QuantizeOptions& options) {
  QuantDecisions decisions;
  for (const MeasuredGroup& group : measured) {
    decisions.params.push_back(choose_params(group.range, options.activation_type, options.activation_symmetric));
  }
  decisions.measured = std::move(measured);
  const DTypeInfo& type = dtype_info(options.activation_type);
  for (const AttachedActivation& activation : plan.activations) {
    const QuantParams& params = decisions.params[static_cast<size_t>(plan.group(activation.output))];
    decisions.redundant.push_back(quantize_value(activation.low, params) == static_cast<int32_t>(type.lowest) &&
                                  quantize_value(activation.high, params) == static_cast<int32_t>(type.highest));
  }
  return decisions;
}

}  // namespace halftone
