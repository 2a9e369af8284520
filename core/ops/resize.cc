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

Status resize_nearest(const RunContext& ctx, const std::vector<ResizeAxis>& plan, const View& x, const MutView& y) {
  HT_ASSIGN(const int64_t bytes, element_bytes(x.dtype));
  const std::string mode = coordinate_mode(ctx.node(), ctx.opset());
  std::vector<std::vector<int64_t>> maps;
  for (const ResizeAxis& axis : plan) {
    std::vector<int64_t> map;
    if (axis.resized()) {
      HT_ASSIGN(auto places, resize_places(axis, mode));
      for (double place : places) map.push_back(nearest_index(place, axis, ctx.node(), ctx.opset()));
    } else {
      for (int64_t i = 0; i < axis.out; ++i) map.push_back(i);
    }
    maps.push_back(std::move(map));
  }
  const std::vector<std::span<const int64_t>> spans(maps.begin(), maps.end());
  copy_mapped(bytes, y.data, y.dims, x.data, row_major_strides(x.dims), spans);
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

// tf_crop_and_resize: elements whose place lies outside of the input get a constant.
void extrapolate(const Node& node, const std::vector<double>& places, const ResizeAxis& axis, const AxisView& v,
                 float* y) {
  const float value = node.float_attr("extrapolation_value", 0.0f);
  for (int64_t o = 0; o < v.outer; ++o) {
    for (int64_t i = 0; i < v.n; ++i) {
      const double place = places[static_cast<size_t>(i)];
      if (place >= 0 && place <= static_cast<double>(axis.in - 1)) continue;
      std::fill_n(y + (o * v.n + i) * v.inner, v.inner, value);
    }
  }
}

Status resize_filtered(RunContext& ctx, const std::vector<ResizeAxis>& plan, const View& x, const MutView& y) {
  if (x.dtype != DType::kFloat) return unsupported("interpolation of " + std::string(dtype_name(x.dtype)));
  HT_ASSIGN(FilterOptions options, filter_options(ctx.node()));
  const std::string mode = coordinate_mode(ctx.node(), ctx.opset());
  const auto last = std::find_if(plan.rbegin(), plan.rend(), [](const ResizeAxis& a) { return a.resized(); });
  if (last == plan.rend()) return move_elements(y, dense_place(y.dims), x, dense_place(y.dims), y.dims);
  const float* from = x.as<float>();
  Dims dims = x.dims;
  std::vector<std::pair<size_t, std::vector<double>>> cropped;
  for (size_t k = 0; k < plan.size(); ++k) {
    if (!plan[k].resized()) continue;
    HT_ASSIGN(auto places, resize_places(plan[k], mode));
    const Taps taps = make_taps(places, plan[k].in, plan[k].scale, options);
    const AxisView v = axis_view(dims, static_cast<int64_t>(k));
    dims[k] = plan[k].out;
    float* to = y.as<float>();
    if (k + 1 != static_cast<size_t>(plan.rend() - last)) {
      const auto count = element_count(dims);
      if (!count || *count > kMaxBytes / 4)
        return Error{ErrorCode::kOutOfMemory, "a resized tensor is too large", {}, {}};
      HT_ASSIGN(void* block, ctx.scratch(*count * static_cast<int64_t>(sizeof(float))));
      to = static_cast<float*>(block);
    }
    resample_axis_f32(from, v.outer, v.n, v.inner, taps, to);
    from = to;
    if (mode == "tf_crop_and_resize") cropped.emplace_back(k, std::move(places));
  }
  for (const auto& [k, places] : cropped) {
    extrapolate(ctx.node(), places, plan[k], axis_view(y.dims, static_cast<int64_t>(k)), y.as<float>());
  }
  return ok_status();
}

Status run_resize(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(ResizePlan plan, plan_resize(*as_infer_context(ctx)));
  HT_ASSIGN(MutView y, make_output(ctx, infer_resize));
  if (y.size() == 0) return ok_status();
  if (!plan.known) return invalid_model("scales or sizes are not usable");
  for (const ResizeAxis& axis : plan.axes) {
    if (axis.in == 0) return invalid_model("nothing to resize along an empty axis");
  }
  return is_nearest(ctx.node()) ? resize_nearest(ctx, plan.axes, x, y) : resize_filtered(ctx, plan.axes, x, y);
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
