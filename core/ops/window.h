// The sliding window of Conv and the pools, as their attributes give it: kernel_shape, strides, dilations, pads,
// auto_pad, ceil_mode. Axes are right-aligned to (depth, height, width): a 1-D window uses only the last entry and the
// others are a window of one element over one element.
// Formula (out along an axis): floor or ceil((in + pad_begin + pad_end - (dilation * (kernel - 1) + 1)) / stride) + 1;
// with ceil the last window must start inside the input or its leading pad. auto_pad SAME_*: ceil(in / stride).
#pragma once

#include <array>
#include <span>

#include "core/ops/op_def.h"

namespace halftone {

inline constexpr size_t kWindowAxes = 3;
using WindowDims = std::array<int64_t, kWindowAxes>;

enum class AutoPad : uint8_t { kExplicit, kSameUpper, kSameLower, kValid };

struct Window {
  int64_t rank = 0;  // spatial axes in use, 1..3
  WindowDims kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, pad_begin{0, 0, 0}, pad_end{0, 0, 0};
  AutoPad auto_pad = AutoPad::kExplicit;
  bool ceil_mode = false;

  // Index into the arrays of spatial axis i of `rank`.
  size_t axis(int64_t i) const { return kWindowAxes - static_cast<size_t>(rank - i); }
};

// Reads the attributes. `kernel`: the weight's spatial dims where there is a weight (must agree with kernel_shape),
// else empty. Errors: kInvalidModel naming the attribute; kUnsupportedOperator for more than three spatial axes.
Result<Window> read_window(const Node& node, int64_t spatial_rank, std::span<const int64_t> kernel);

// Output size along array index `a` for `in` elements; replaces pad_begin/pad_end there where auto_pad decides them.
// Error: kInvalidModel where the window does not fit.
Result<int64_t> resolve_window(Window& window, size_t a, int64_t in);

// The same for a dim that may be unknown (then so is the result).
Result<Dim> window_output(Window window, size_t a, const Dim& in);

}  // namespace halftone
