// Upsample: one scale per axis (7), scales as an input (9), then Resize (10), which in 11 learned to say how it
// samples. Before 11 sampling was x_original = x_resized / scale, cut off (nearest) or interpolated (linear); a smaller
// output took the next element, not the previous (the behaviour of onnxruntime, since the text leaves it open).
// GridSample renamed its modes (20); RoiAlign's default sampling moved half a pixel (16).
// Reference: ONNX, docs/Changelog.md, Upsample-7, -9, Resize-10, -11, GridSample-20, RoiAlign-16.
#include <algorithm>

#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

Status upsample_to_7(OpsetEdit& edit) {
  Node& node = edit.node();
  if (node.has("scales")) return ok_status();
  const std::vector<float> scales = {1, 1, node.float_attr("height_scale", 1), node.float_attr("width_scale", 1)};
  node.attributes.erase("height_scale");
  node.attributes.erase("width_scale");
  node.attributes.emplace("scales", Attribute(scales));
  return ok_status();
}

Status upsample_to_9(OpsetEdit& edit) {
  const std::vector<float> scales = edit.node().floats_attr("scales");
  if (scales.empty()) return edit.cannot("it has no scales.");
  edit.node().attributes.erase("scales");
  const Dims dims = {static_cast<int64_t>(scales.size())};
  edit.set_input(1, edit.add_constant("scales", Tensor::of<float>(dims, scales)));
  return ok_status();
}

Status upsample_to_10(OpsetEdit& edit) {
  edit.node().op_type = "Resize";
  return ok_status();
}

// Whether some scale is below 1; unknown scales count as enlarging, which is what Upsample was made for.
bool shrinks(OpsetEdit& edit, ValueId scales) {
  const Tensor known = edit.constant(scales);
  if (!known.defined()) return false;
  const auto values = to_floats(known);
  return values.ok() && std::any_of(values->begin(), values->end(), [](float s) { return s < 1; });
}

Status resize_to_11(OpsetEdit& edit) {
  const ValueId scales = edit.node().input(1);
  const bool nearest = edit.node().string_attr("mode", "nearest") == "nearest";
  const std::string rounding = shrinks(edit, scales) ? "ceil" : "floor";
  // The region of interest is not used, but 11 and 12 insist on it.
  const ValueId roi = edit.add_constant("roi", Tensor::of<float>({0}, std::span<const float>()));
  edit.set_input(1, roi);
  edit.set_input(2, scales);
  Attributes& attributes = edit.node().attributes;
  attributes.emplace("coordinate_transformation_mode", Attribute(std::string("asymmetric")));
  if (nearest) attributes.emplace("nearest_mode", Attribute(rounding));
  return ok_status();
}

Status gridsample_to_20(OpsetEdit& edit) {
  const std::string mode = edit.node().string_attr("mode", "bilinear");
  const std::string renamed = mode == "bilinear" ? "linear" : mode == "bicubic" ? "cubic" : mode;
  edit.node().attributes.insert_or_assign("mode", Attribute(renamed));
  return ok_status();
}

Status roialign_to_16(OpsetEdit& edit) {
  edit.node().attributes.emplace("coordinate_transformation_mode", Attribute(std::string("output_half_pixel")));
  return ok_status();
}

constexpr OpsetAdapter kAdapters[] = {
    {"GridSample", 20, gridsample_to_20}, {"Resize", 11, resize_to_11},   {"RoiAlign", 16, roialign_to_16},
    {"Upsample", 7, upsample_to_7},       {"Upsample", 9, upsample_to_9}, {"Upsample", 10, upsample_to_10},
};

}  // namespace

std::span<const OpsetAdapter> resize_adapters() { return kAdapters; }

}  // namespace halftone
