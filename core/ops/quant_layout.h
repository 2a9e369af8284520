// How the scales and zero points of QuantizeLinear / DequantizeLinear lie over a tensor: one for all, one per index of
// `axis`, or one per block of `block_size` along `axis` (opset 21).
#pragma once

#include <span>

#include "core/ops/op_def.h"

namespace halftone {

// The tensor seen as [outer][axis][inner]; element (o, a, i) has parameter (o * blocks + a / block) * inner + i where
// blocked, a where per axis, 0 per tensor.
struct QuantLayout {
  enum Kind { kTensor, kAxis, kBlocked } kind = kTensor;
  int64_t outer = 1, axis = 1, inner = 1;  // per tensor: everything is inner
  int64_t block = 1, blocks = 1;
};

// From the shapes of x and scale, with the node's axis and block_size. Errors: kInvalidModel where they do not fit.
Result<QuantLayout> quant_layout(const Node& node, std::span<const int64_t> x, std::span<const int64_t> scale);

// Calls run(offset, count, parameter, step) for stretches of elements in order: they share a parameter (step 0), or
// each has the one after that of the element before (step 1).
template <typename Run>
void for_each_run(const QuantLayout& l, Run run) {
  if (l.kind == QuantLayout::kTensor) return run(int64_t{0}, l.inner, int64_t{0}, int64_t{0});
  for (int64_t o = 0; o < l.outer; ++o) {
    if (l.kind == QuantLayout::kAxis && l.inner == 1) {
      run(o * l.axis, l.axis, int64_t{0}, int64_t{1});
    } else if (l.kind == QuantLayout::kAxis) {
      for (int64_t a = 0; a < l.axis; ++a) run((o * l.axis + a) * l.inner, l.inner, a, int64_t{0});
    } else if (l.inner == 1) {
      for (int64_t b = 0; b < l.blocks; ++b) {
        const int64_t begin = b * l.block, end = begin + l.block < l.axis ? begin + l.block : l.axis;
        run(o * l.axis + begin, end - begin, o * l.blocks + b, int64_t{0});
      }
    } else {
      for (int64_t a = 0; a < l.axis; ++a) {
        run((o * l.axis + a) * l.inner, l.inner, (o * l.blocks + a / l.block) * l.inner, int64_t{1});
      }
    }
  }
}

}  // namespace halftone
