// Window attributes of Conv and pools; see the header for formulas.
#include "core/ops/window.h"

#include <algorithm>
#include <string>

#include "core/ops/infer_util.h"

namespace halftone {
namespace {

// Larger values have no use and would only invite overflow.
constexpr int64_t kMaxWindow = int64_t{1} << 30;

// Reads `name` (one entry per spatial axis) into `out`; absent leaves it.
Status read_axes(const Node& node, std::string_view name, const Window& w, int64_t lowest, WindowDims& out) {
  if (!node.has(name)) return ok_status();
  const auto& values = node.ints_attr(name);
  if (static_cast<int64_t>(values.size()) != w.rank) {
    return invalid_model("attribute " + std::string(name) + " has " + std::to_string(values.size()) + " entries for " +
                         std::to_string(w.rank) + " spatial axes");
  }
  for (int64_t i = 0; i < w.rank; ++i) {
    const int64_t v = values[static_cast<size_t>(i)];
    if (v < lowest || v > kMaxWindow) {
      return invalid_model("attribute " + std::string(name) + " holds " + std::to_string(v));
    }
    out[w.axis(i)] = v;
  }
  return ok_status();
}

Status read_pads(const Node& node, Window& w) {
  if (!node.has("pads")) return ok_status();
  const auto& pads = node.ints_attr("pads");
  if (static_cast<int64_t>(pads.size()) != 2 * w.rank) {
    return invalid_model("attribute pads has " + std::to_string(pads.size()) + " entries for " +
                         std::to_string(w.rank) + " spatial axes");
  }
  for (int64_t i = 0; i < 2 * w.rank; ++i) {
    const int64_t v = pads[static_cast<size_t>(i)];
    if (v < 0 || v > kMaxWindow) return invalid_model("attribute pads holds " + std::to_string(v));
    (i < w.rank ? w.pad_begin : w.pad_end)[w.axis(i % w.rank)] = v;
  }
  return ok_status();
}

Result<AutoPad> read_auto_pad(const Node& node) {
  const std::string mode = node.string_attr("auto_pad", "NOTSET");
  if (mode == "NOTSET" || mode.empty()) return AutoPad::kExplicit;
  if (mode == "SAME_UPPER") return AutoPad::kSameUpper;
  if (mode == "SAME_LOWER") return AutoPad::kSameLower;
  if (mode == "VALID") return AutoPad::kValid;
  return invalid_model("attribute auto_pad is \"" + mode + "\"");
}

}  // namespace

Result<Window> read_window(const Node& node, int64_t spatial_rank, std::span<const int64_t> kernel) {
  if (spatial_rank < 1) return invalid_model("the input needs at least one spatial axis after batch and channels");
  if (spatial_rank > static_cast<int64_t>(kWindowAxes)) {
    return unsupported(node.op_type + " over " + std::to_string(spatial_rank) + " spatial axes");
  }
  Window w;
  w.rank = spatial_rank;
  HT_TRY(read_axes(node, "kernel_shape", w, 1, w.kernel));
  for (size_t i = 0; i < kernel.size(); ++i) {
    int64_t& k = w.kernel[w.axis(static_cast<int64_t>(i))];
    if (node.has("kernel_shape") && k != kernel[i]) {
      return invalid_model("attribute kernel_shape disagrees with the weight's shape");
    }
    k = kernel[i];
    if (k < 1 || k > kMaxWindow) return invalid_model("the weight has an empty spatial axis");
  }
  if (kernel.empty() && !node.has("kernel_shape")) return invalid_model("attribute kernel_shape is missing");
  HT_TRY(read_axes(node, "strides", w, 1, w.stride));
  HT_TRY(read_axes(node, "dilations", w, 1, w.dilation));
  HT_ASSIGN(w.auto_pad, read_auto_pad(node));
  if (w.auto_pad == AutoPad::kExplicit) HT_TRY(read_pads(node, w));
  w.ceil_mode = node.int_attr("ceil_mode", 0) != 0;
  return w;
}

Result<int64_t> resolve_window(Window& w, size_t a, int64_t in) {
  // At most 2^60 + 1: no overflow below.
  const int64_t extent = w.dilation[a] * (w.kernel[a] - 1) + 1, stride = w.stride[a];
  if (in > (int64_t{1} << 40)) return invalid_model("a spatial axis of " + std::to_string(in) + " elements");
  if (w.auto_pad == AutoPad::kSameUpper || w.auto_pad == AutoPad::kSameLower) {
    const int64_t out = (in + stride - 1) / stride;
    const int64_t total = std::max<int64_t>((out - 1) * stride + extent - in, 0);
    w.pad_begin[a] = w.auto_pad == AutoPad::kSameUpper ? total / 2 : total - total / 2;
    w.pad_end[a] = total - w.pad_begin[a];
    return out;
  }
  const int64_t room = in + w.pad_begin[a] + w.pad_end[a] - extent;
  if (room < 0) {
    return invalid_model("a window of " + std::to_string(extent) + " elements does not fit an axis of " +
                             std::to_string(in) + " with pads",
                         "Check the input's size: the network was made for larger inputs.");
  }
  int64_t out = room / stride + 1;
  if (!w.ceil_mode) return out;
  if (room % stride != 0) ++out;
  if (out > 1 && (out - 1) * stride >= in + w.pad_begin[a]) --out;
  return out;
}

Result<Dim> window_output(Window window, size_t a, const Dim& in) {
  if (!in.known()) return Dim();
  HT_ASSIGN(int64_t out, resolve_window(window, a, in.value));
  return Dim(out);
}

}  // namespace halftone
