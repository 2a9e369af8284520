// A dense tensor seen as [outer, n, inner] around one axis: how the kernels of core/kernels/reduce take it.
#pragma once

#include "core/ops/op_def.h"

namespace halftone {

struct AxisView {
  int64_t outer = 1, n = 1, inner = 1;
};

// `axis` in [0, rank).
inline AxisView axis_view(std::span<const int64_t> dims, int64_t axis) {
  const size_t at = static_cast<size_t>(axis);
  return {*element_count(dims.first(at)), dims[at], *element_count(dims.subspan(at + 1))};
}

// Everything from `axis` on as one: [outer, n, 1]; `axis` in [0, rank].
inline AxisView flat_view(std::span<const int64_t> dims, int64_t axis) {
  const size_t at = static_cast<size_t>(axis);
  return {*element_count(dims.first(at)), *element_count(dims.subspan(at)), 1};
}

}  // namespace halftone
