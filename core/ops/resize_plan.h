// What a Resize or Upsample node asks for along each axis: output size, scale, region of interest, and the place of
// every output element in the input. Source: ONNX operator specification, Resize-10/11/13/18/19, Upsample-1/7/9.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/ops/op_def.h"

namespace halftone {

struct ResizeAxis {
  int64_t in = 1, out = 1;
  double scale = 1;
  double roi_begin = 0, roi_end = 1;
  bool resized() const { return in != out || scale != 1 || roi_begin != 0 || roi_end != 1; }
};

// One entry for each axis of the input. `known` is false while the input's rank, scales or sizes are not; an unknown
// dim has in = -1, and out = -1 unless the node gives its size. Errors: kInvalidModel.
// Scales, sizes, roi and axes count [N, C, spatial...]; where the node is channels-last (kChannelsLastAttr), the
// entries here are in the order of its input, [N, spatial..., C].
struct ResizePlan {
  bool known = false;
  std::vector<ResizeAxis> axes;
};
Result<ResizePlan> plan_resize(const InferContext& ctx);

// Moves the entry of the channels to the back, where the node is channels-last.
template <typename T>
void order_as_input(const Node& node, std::vector<T>& per_axis) {
  if (!node.has(kChannelsLastAttr)) return;
  std::rotate(per_axis.begin() + 1, per_axis.begin() + 2, per_axis.end());
}

// Where output i of the axis lies, in input elements. Errors: kInvalidModel (unknown mode).
Result<std::vector<double>> resize_places(const ResizeAxis& axis, std::string_view mode);

// The coordinate mode and the rounding of nearest, as the node and its opset mean them.
std::string coordinate_mode(const Node& node, int64_t opset);
int64_t nearest_index(double place, const ResizeAxis& axis, const Node& node, int64_t opset);

}  // namespace halftone
