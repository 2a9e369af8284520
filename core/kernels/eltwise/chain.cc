// The walk over pieces; see the header.
#include "core/kernels/eltwise/chain.h"

#include <algorithm>

namespace halftone {
namespace {

struct Place {
  const float* data;
  int64_t step;
};

void run_step(const ChainStep& step, const Place& a, const Place& b, float* out, int64_t n) {
  if (step.binary != nullptr) {
    step.binary(a.data, a.step, b.data, b.step, out, n);
  } else if (step.unary != nullptr) {
    step.unary(a.data, out, n, step.params);
  } else {
    step.clip(a.data, out, n, &step.params.a, &step.params.b);
  }
}

}  // namespace

void chain_run(std::span<const ChainStep> steps, std::span<const ChainOperand> operands, int64_t piece, int64_t begin,
               int64_t end, float* y) {
  alignas(64) float slots[kChainSlots][kChainPiece];
  const int count = static_cast<int>(operands.size());
  for (int64_t at = begin; at < end; at += piece) {
    const int64_t n = std::min(piece, end - at);
    const auto place = [&](int i) {
      if (i >= count) return Place{slots[i - count], 1};
      const ChainOperand& operand = operands[static_cast<size_t>(i)];
      return Place{operand.data + (operand.kind == ChainOperand::kDense ? at : 0),
                   operand.kind == ChainOperand::kSingle ? 0 : 1};
    };
    for (const ChainStep& step : steps) {
      float* out = &step == &steps.back() ? y + at : slots[step.out - count];
      run_step(step, place(step.a), place(step.b), out, n);
    }
  }
}

}  // namespace halftone
