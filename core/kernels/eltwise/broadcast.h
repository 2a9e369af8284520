// Iteration over broadcast operands: the output's dims with the step of every operand along each, adjacent dims merged
// where all operands allow it. The innermost dim is left to a row kernel, which gets one step per operand (1: dense,
// 0: the same element again).
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "core/tensor/shape.h"

namespace halftone {

inline constexpr size_t kMaxOperands = 3;
using OperandSteps = std::array<int64_t, kMaxOperands>;

struct BroadcastPlan {
  struct Axis {
    int64_t n;
    OperandSteps step;  // in elements of each operand
  };
  SmallVector<Axis, 8> outer;  // outermost first; may be empty
  Axis row{1, {}};             // innermost
};

// Operands are dense and broadcast to `out` (the caller has checked it); `out` is not empty.
BroadcastPlan plan_broadcast(std::span<const int64_t> out, std::span<const Dims> operands);

// Calls row(offsets, out_offset) for each row of plan.row.n elements; the output is dense.
template <typename Row>
void for_each_row(const BroadcastPlan& plan, Row&& row) {
  Dims index(plan.outer.size(), 0);
  OperandSteps offsets{};
  int64_t out = 0;
  while (true) {
    row(offsets, out);
    out += plan.row.n;
    size_t k = plan.outer.size();
    while (k > 0) {
      const auto& axis = plan.outer[--k];
      if (++index[k] < axis.n) {
        for (size_t j = 0; j < kMaxOperands; ++j) offsets[j] += axis.step[j];
        break;
      }
      index[k] = 0;
      for (size_t j = 0; j < kMaxOperands; ++j) offsets[j] -= axis.step[j] * (axis.n - 1);
      if (k == 0) return;
    }
    if (plan.outer.empty()) return;
  }
}

}  // namespace halftone
