// Broadcast plans; see the header.
#include "core/kernels/eltwise/broadcast.h"

namespace halftone {

BroadcastPlan plan_broadcast(std::span<const int64_t> out, std::span<const Dims> operands) {
  HT_CHECK(operands.size() <= kMaxOperands);
  std::array<Dims, kMaxOperands> strides;
  for (size_t j = 0; j < operands.size(); ++j) strides[j] = row_major_strides(operands[j]);
  SmallVector<BroadcastPlan::Axis, 8> axes;
  for (size_t k = 0; k < out.size(); ++k) {
    if (out[k] == 1) continue;
    BroadcastPlan::Axis axis{out[k], {}};
    for (size_t j = 0; j < operands.size(); ++j) {
      const size_t lead = out.size() - operands[j].size();
      if (k >= lead && operands[j][k - lead] != 1) axis.step[j] = strides[j][k - lead];
    }
    bool merges = !axes.empty();
    for (size_t j = 0; merges && j < operands.size(); ++j) merges = axes.back().step[j] == axis.step[j] * axis.n;
    if (merges) {
      axes.back() = {axes.back().n * axis.n, axis.step};
    } else {
      axes.push_back(axis);
    }
  }
  BroadcastPlan plan;
  if (axes.empty()) return plan;
  plan.row = axes.back();
  axes.pop_back();
  plan.outer = std::move(axes);
  return plan;
}

}  // namespace halftone
