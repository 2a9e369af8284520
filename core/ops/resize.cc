// Resize and Upsample: nearest moves elements of any type; linear and cubic resample float, one axis after the other.
// Source: ONNX operator specification, Resize-10/11/13/18/19, Upsample-1/7/9.
#include <algorithm>
#include <string>

#include "core/kernels/move/mapped.h"
#include "core/kernels/resize/resample.h"
#include "core/ops/axis_view.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resize_plan.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

Status infer_resize(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  HT_ASSIGN(ResizePlan plan, plan_resize(ctx));
  SymShape out = in.has_rank() ? SymShape::unknown_dims(in.rank()) : SymShape();
  if (plan.known) {
    for (size_t i = 0; i < plan.axes.size(); ++i) {
      const ResizeAxis& axis = plan.axes[i];
      const int64_t k = static_cast<int64_t>(i);
      out[k] = axis.out >= 0 ? Dim(axis.out) : axis.scale == 1 ? in[k] : Dim();
    }
  } else if (ctx.node().op_type == "Resize" && ctx.opset() >= 11 && !ctx.node().has("axes")) {
    // Sizes that are partly symbols (a shape computed from another tensor's).
    if (auto sizes = ctx.shape_contents(3);
        sizes && out.has_rank() && out.rank() == static_cast<int64_t>(sizes->size())) {
      order_as_input(ctx.node(), *sizes);
      out = SymShape(*std::move(sizes));
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

bool is_nearest(const Node& node) { return node.string_attr("mode", "nearest") == "nearest"; }

// What sizes and attributes come to.
struct ResizeMemo final : Memo {
  ResizePlan plan;
  std::vector<std::vector<int64_t>> maps;  // nearest: per axis
  // Linear and cubic: the axes that change, in their order.
  struct Filtered {
    size_t axis;
    Taps taps;
    std::vector<int64_t> outside;  // outputs that lie outside of the input, where the mode crops
  };
  std::vector<Filtered> filtered;
};

Status find_maps(const Node& node, int64_t opset, ResizeMemo& memo) {
  const std::string mode = coordinate_mode(node, opset);
  for (const ResizeAxis& axis : memo.plan.axes) {
    std::vector<int64_t> map;
    if (axis.resized()) {
      HT_ASSIGN(auto places, resize_places(axis, mode));
      for (double place : places) map.push_back(nearest_index(place, axis, node, opset));
    } else {
      for (int64_t i = 0; i < axis.out; ++i) map.push_back(i);
    }
    memo.maps.push_back(std::move(map));
  }
  return ok_status();
}

Result<FilterOptions> filter_options(const Node& node) {
  FilterOptions options;
  const std::string mode = node.string_attr("mode", "nearest");
  if (mode != "linear" && mode != "bilinear" && mode != "cubic") return invalid_model("mode is " + mode);
  options.filter = mode == "cubic" ? Filter::kCubic : Filter::kLinear;
  options.cubic_a = static_cast<double>(node.float_attr("cubic_coeff_a", -0.75f));
  options.exclude_outside = node.int_attr("exclude_outside", 0) != 0;
  options.antialias = node.int_attr("antialias", 0) != 0;
  return options;
}

// tf_crop_and_resize gives outputs whose place lies outside of the input a constant.
std::vector<int64_t> outside_of(const std::vector<double>& places, const ResizeAxis& axis) {
  std::vector<int64_t> outside;
  for (size_t i = 0; i < places.size(); ++i) {
    if (!(places[i] >= 0 && places[i] <= static_cast<double>(axis.in - 1))) outside.push_back(static_cast<int64_t>(i));
  }
  return outside;
}

Status find_taps(const Node& node, int64_t opset, ResizeMemo& memo) {
  HT_ASSIGN(const FilterOptions options, filter_options(node));
  const std::string mode = coordinate_mode(node, opset);
  for (size_t k = 0; k < memo.plan.axes.size(); ++k) {
    const ResizeAxis& axis = memo.plan.axes[k];
    if (!axis.resized()) continue;
    HT_ASSIGN(const auto places, resize_places(axis, mode));
    memo.filtered.push_back({k, make_taps(places, axis.in, axis.scale, options),
                             mode == "tf_crop_and_resize" ? outside_of(places, axis) : std::vector<int64_t>()});
  }
  return ok_status();
}

void extrapolate(const ResizeMemo& memo, float value, const MutView& y) {
  for (const ResizeMemo::Filtered& f : memo.filtered) {
    const AxisView v = axis_view(y.dims, static_cast<int64_t>(f.axis));
    for (int64_t o = 0; o < v.outer; ++o) {
      for (int64_t i : f.outside) std::fill_n(y.as<float>() + (o * v.n + i) * v.inner, v.inner, value);
    }
  }
}

Status resize_filtered(RunContext& ctx, const ResizeMemo& memo, const View& x, const MutView& y) {
  if (x.dtype != DType::kFloat) return unsupported("interpolation of " + std::string(dtype_name(x.dtype)));
  if (memo.filtered.empty()) return move_elements(y, dense_place(y.dims), x, dense_place(y.dims), y.dims);
  const float* from = x.as<float>();
  Dims dims = x.dims;
  for (const ResizeMemo::Filtered& f : memo.filtered) {
    const AxisView v = axis_view(dims, static_cast<int64_t>(f.axis));
    dims[f.axis] = memo.plan.axes[f.axis].out;
    float* to = y.as<float>();
    if (&f != &memo.filtered.back()) {
      const auto count = element_count(dims);
      if (!count || *count > kMaxBytes / 4) {
        return Error{ErrorCode::kOutOfMemory, "a resized tensor is too large", {}, {}};
      }
      HT_ASSIGN(void* block, ctx.scratch(*count * static_cast<int64_t>(sizeof(float))));
      to = static_cast<float*>(block);
    }
    resample_axis_f32(from, v.outer, v.n, v.inner, f.taps, to);
    from = to;
  }
  extrapolate(memo, ctx.node().float_attr("extrapolation_value", 0.0f), y);
  return ok_status();
}

Status find_plan(RunContext& ctx, ResizeMemo& memo) {
  memo.maps.clear();
  memo.filtered.clear();
  HT_ASSIGN(memo.plan, plan_resize(*as_infer_context(ctx)));
  if (!memo.plan.known) return invalid_model("scales or sizes are not usable");
  for (const ResizeAxis& axis : memo.plan.axes) {
    if (axis.in == 0) return invalid_model("nothing to resize along an empty axis");
  }
  HT_TRY((is_nearest(ctx.node()) ? find_maps : find_taps)(ctx.node(), ctx.opset(), memo));
  memo.known = arguments_are_constant(ctx);
  return ok_status();
}

Status run_resize(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_resize));
  if (y.size() == 0) return ok_status();
  auto& memo = memo_of<ResizeMemo>(ctx);
  if (!memo.known) HT_TRY(find_plan(ctx, memo));
  if (!is_nearest(ctx.node())) return resize_filtered(ctx, memo, x, y);
  HT_ASSIGN(const int64_t bytes, element_bytes(x.dtype));
  copy_mapped(bytes, y.data, y.dims, x.data, row_major_strides(x.dims), memo.maps);
  return ok_status();
}

// Elements of integers are interpolated in float and cut off, as onnxruntime does.
Status run_any_resize(RunContext& ctx) {
  return is_nearest(ctx.node()) ? run_resize(ctx) : run_as_float(ctx, run_resize, 0, Turned::kNumbers);
}

bool moves_elements(const Graph&, const Node& node) { return is_nearest(node); }

bool int8_resize_applies(const PrepareContext& ctx) { return is_nearest(ctx.node()) && same_quant(ctx); }

constexpr OpDef resize_op(std::string_view name, int since, OpSchema schema) {
  return {.name = name,
          .since = since,
          .schema = schema,
          .infer = infer_resize,
          .run = run_any_resize,
          .quant = {.kind = QuantKind::kPassThrough, .applies = moves_elements},
          .run_int8 = run_resize,
          .int8_applies = int8_resize_applies,
          .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> resize_ops() {
  static constexpr OpDef kOps[] = {
      resize_op("Resize", 10, {1, 4, 1, 1}),
      resize_op("Upsample", 1, {1, 2, 1, 1}),
  };
  return kOps;
}

}  // namespace halftone
