// Sizes, scales and coordinates of Resize; see the header.
#include "core/ops/resize_plan.h"

#include <algorithm>
#include <cmath>

#include "core/ops/infer_util.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

// Sizes beyond this are refused before anything is multiplied.
constexpr double kMaxSize = 1e9;

struct Request {
  std::vector<float> scales, roi;
  std::vector<int64_t> sizes;
  bool known = false;
};

Result<std::vector<float>> float_elements(const Tensor& t) {
  if (t.dtype() == DType::kString) return invalid_model("scales must be numbers");
  return to_floats(t);
}

Result<Request> upsample_request(const InferContext& ctx) {
  Request r;
  r.known = true;
  if (ctx.opset() < 7) {
    r.scales = {1, 1, ctx.node().float_attr("height_scale", 1), ctx.node().float_attr("width_scale", 1)};
  } else if (ctx.opset() < 9) {
    r.scales = ctx.node().floats_attr("scales");
  } else if (const Tensor* t = ctx.constant(1)) {
    HT_ASSIGN(r.scales, float_elements(*t));
  } else {
    r.known = false;
  }
  return r;
}

Result<Request> resize_request(const InferContext& ctx) {
  if (ctx.node().op_type == "Upsample") return upsample_request(ctx);
  Request r;
  const size_t scales = ctx.opset() < 11 ? 1 : 2;
  const auto given = [&](size_t i) {  // exporters pass an empty tensor for "not given"
    const SymShape& shape = ctx.shape(i);
    const bool empty = shape.has_rank() && shape.rank() == 1 && shape[0].known() && shape[0].value == 0;
    return ctx.has_input(i) && !empty;
  };
  if (ctx.opset() >= 11 && ctx.node().string_attr("coordinate_transformation_mode", "") == "tf_crop_and_resize") {
    const Tensor* roi = ctx.constant(1);
    if (roi == nullptr) return r;
    HT_ASSIGN(r.roi, float_elements(*roi));
  }
  if (given(scales)) {
    const Tensor* t = ctx.constant(scales);
    if (t == nullptr) return r;
    HT_ASSIGN(r.scales, float_elements(*t));
  } else if (ctx.opset() >= 11 && given(3)) {
    const Tensor* t = ctx.constant(3);
    if (t == nullptr) return r;
    HT_ASSIGN(r.sizes, int_elements(*t));
  } else {
    return invalid_model("neither scales nor sizes are given");
  }
  r.known = true;
  return r;
}

Status apply_scale(ResizeAxis& axis, double scale) {
  if (!(scale > 0) || scale > kMaxSize) return invalid_model("a scale must be positive and finite");
  axis.scale = scale;
  if (axis.in < 0) {
    axis.out = scale == 1 ? axis.in : -1;
    return ok_status();
  }
  const double out = std::floor(static_cast<double>(axis.in) * scale * (axis.roi_end - axis.roi_begin));
  if (!(out >= 0 && out <= kMaxSize)) return invalid_model("a resized axis is too long");
  axis.out = static_cast<int64_t>(out);
  return ok_status();
}

Status apply_sizes(std::vector<ResizeAxis>& plan, const std::vector<int64_t>& axes, const Request& r,
                   const std::string& policy) {
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller") {
    return invalid_model("keep_aspect_ratio_policy is " + policy);
  }
  double common = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    ResizeAxis& axis = plan[static_cast<size_t>(axes[i])];
    if (r.sizes[i] < 0 || static_cast<double>(r.sizes[i]) > kMaxSize)
      return invalid_model("a resized axis is out of range");
    axis.out = r.sizes[i];
    if (axis.in == 0 && axis.out > 0) return invalid_model("nothing to resize along axis " + std::to_string(axes[i]));
    axis.scale = axis.in > 0 ? static_cast<double>(axis.out) / static_cast<double>(axis.in) : 1;
    if (policy == "not_larger") common = i == 0 ? axis.scale : std::min(common, axis.scale);
    if (policy == "not_smaller") common = std::max(common, axis.scale);
  }
  if (policy == "stretch") return ok_status();
  for (int64_t a : axes) {
    ResizeAxis& axis = plan[static_cast<size_t>(a)];
    axis.scale = common;
    axis.out = axis.in < 0 ? -1 : static_cast<int64_t>(std::floor(static_cast<double>(axis.in) * common + 0.5));
  }
  return ok_status();
}

}  // namespace

Result<ResizePlan> plan_resize(const InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  HT_ASSIGN(Request r, resize_request(ctx));
  if (!r.known || !in.has_rank()) return ResizePlan();
  std::vector<int64_t> axes = ctx.node().ints_attr("axes");
  if (!ctx.node().has("axes")) {
    for (int64_t i = 0; i < in.rank(); ++i) axes.push_back(i);
  }
  HT_ASSIGN(axes, axes_in_rank(std::move(axes), in.rank()));
  const size_t count = axes.size();
  if ((r.sizes.empty() ? r.scales.size() : r.sizes.size()) != count || (!r.roi.empty() && r.roi.size() != 2 * count)) {
    return invalid_model("scales, sizes or roi do not match the resized axes");
  }
  std::vector<ResizeAxis> plan(static_cast<size_t>(in.rank()));
  const bool channels_last = ctx.node().has(kChannelsLastAttr);
  for (size_t i = 0; i < plan.size(); ++i) {
    const Dim& dim = in.dims()[!channels_last || i == 0 ? i : i == 1 ? plan.size() - 1 : i - 1];
    plan[i].in = plan[i].out = dim.known() ? dim.value : -1;
  }
  for (size_t i = 0; i < count && !r.roi.empty(); ++i) {
    ResizeAxis& axis = plan[static_cast<size_t>(axes[i])];
    axis.roi_begin = static_cast<double>(r.roi[i]);
    axis.roi_end = static_cast<double>(r.roi[count + i]);
    if (!(axis.roi_begin - axis.roi_end < kMaxSize) || !(axis.roi_end - axis.roi_begin < kMaxSize)) {
      return invalid_model("roi is not finite");
    }
  }
  if (!r.sizes.empty()) {
    HT_TRY(apply_sizes(plan, axes, r, ctx.node().string_attr("keep_aspect_ratio_policy", "stretch")));
  } else {
    for (size_t i = 0; i < count; ++i) {
      HT_TRY(apply_scale(plan[static_cast<size_t>(axes[i])], static_cast<double>(r.scales[i])));
    }
  }
  order_as_input(ctx.node(), plan);
  return ResizePlan{true, std::move(plan)};
}

std::string coordinate_mode(const Node& node, int64_t opset) {
  if (node.op_type == "Upsample" || opset < 11) return "asymmetric";
  return node.string_attr("coordinate_transformation_mode", "half_pixel");
}

Result<std::vector<double>> resize_places(const ResizeAxis& axis, std::string_view mode) {
  const double in = static_cast<double>(axis.in), out = static_cast<double>(axis.out), scale = axis.scale;
  double factor = 1 / scale, shift = 0;  // place = i * factor + shift
  if (mode == "half_pixel") {
    shift = 0.5 / scale - 0.5;
  } else if (mode == "half_pixel_symmetric") {
    shift = in / 2 * (1 - out / (in * scale)) + 0.5 / scale - 0.5;
  } else if (mode == "pytorch_half_pixel") {
    factor = axis.out > 1 ? factor : 0;
    shift = axis.out > 1 ? 0.5 / scale - 0.5 : 0;
  } else if (mode == "align_corners") {
    // By the exact length in * scale, as the specification's reference has it, not by the rounded one.
    factor = axis.out > 1 ? (in - 1) / (in * scale - 1) : 0;
  } else if (mode == "tf_half_pixel_for_nn") {
    shift = 0.5 / scale;
  } else if (mode == "tf_crop_and_resize") {
    factor = axis.out > 1 ? (axis.roi_end - axis.roi_begin) * (in - 1) / (out - 1) : 0;
    shift = axis.out > 1 ? axis.roi_begin * (in - 1) : 0.5 * (axis.roi_begin + axis.roi_end) * (in - 1);
  } else if (mode != "asymmetric") {
    return invalid_model("coordinate_transformation_mode is " + std::string(mode));
  }
  std::vector<double> places(static_cast<size_t>(axis.out));
  for (size_t i = 0; i < places.size(); ++i) {
    // The quotient keeps exact places exact: (i + 0.5) / scale - 0.5 and i / scale.
    const double at = static_cast<double>(i);
    if (mode == "half_pixel") {
      places[i] = (at + 0.5) / scale - 0.5;
    } else if (mode == "asymmetric") {
      places[i] = at / scale;
    } else {
      places[i] = at * factor + shift;
    }
  }
  return places;
}

int64_t nearest_index(double place, const ResizeAxis& axis, const Node& node, int64_t opset) {
  double at;
  if (node.op_type == "Upsample" || opset < 11) {
    at = axis.scale < 1 ? std::ceil(place) : std::floor(place);
  } else {
    const std::string mode = node.string_attr("nearest_mode", "round_prefer_floor");
    if (mode == "round_prefer_ceil") {
      at = std::floor(place + 0.5);
    } else if (mode == "floor") {
      at = std::floor(place);
    } else if (mode == "ceil") {
      at = std::ceil(place);
    } else {
      at = std::ceil(place - 0.5);
    }
  }
  return static_cast<int64_t>(std::clamp(at, 0.0, static_cast<double>(axis.in - 1)));
}

}  // namespace halftone
