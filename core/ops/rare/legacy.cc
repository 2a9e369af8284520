// Experimental operators of opset 1 that exporters used until opset 9: Affine, Crop, ImageScaler, ParametricSoftplus,
// ScaledTanh. Source: onnx 1.4's experimental definitions; convert_opset spells them out in standard operators.
#include <algorithm>
#include <string>

#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/unary_run.h"

namespace halftone {
namespace {

constexpr int kLastOpset = 9;

Result<MutView> float_output(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype != DType::kFloat) return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)));
  return ctx.output(0, DType::kFloat, x.dims);
}

// y = alpha * x + beta
Status run_affine(RunContext& ctx) {
  HT_ASSIGN(MutView y, float_output(ctx));
  const float alpha = ctx.node().float_attr("alpha", 1), beta = ctx.node().float_attr("beta", 0);
  const float* x = ctx.input(0).as<float>();
  std::transform(x, x + y.size(), y.as<float>(), [&](float v) { return alpha * v + beta; });
  return ok_status();
}

// y = scale * x + bias[channel], x: [N, C, H, W]
Status run_image_scaler(RunContext& ctx) {
  HT_ASSIGN(MutView y, float_output(ctx));
  const float scale = ctx.node().float_attr("scale", 1);
  const std::vector<float> bias = ctx.node().floats_attr("bias");
  if (y.rank() < 2 || static_cast<int64_t>(bias.size()) != y.dims[1])
    return invalid_model("bias must hold one number per channel");
  if (y.size() == 0) return ok_status();
  const int64_t plane = y.size() / (y.dims[0] * y.dims[1]);
  const float* x = ctx.input(0).as<float>();
  for (int64_t i = 0; i < y.size(); ++i) {
    y.as<float>()[i] = scale * x[i] + bias[static_cast<size_t>(i / plane % y.dims[1])];
  }
  return ok_status();
}

// alpha * f(beta * x)
template <Unary kFunction>
Status run_scaled(RunContext& ctx) {
  HT_ASSIGN(MutView y, float_output(ctx));
  const float alpha = ctx.node().float_attr("alpha", 1), beta = ctx.node().float_attr("beta", 1);
  const float* x = ctx.input(0).as<float>();
  float* to = y.as<float>();
  std::transform(x, x + y.size(), to, [&](float v) { return beta * v; });
  unary_row(kFunction, DType::kFloat)(to, to, y.size(), {});
  std::transform(to, to + y.size(), to, [&](float v) { return alpha * v; });
  return ok_status();
}

// Cuts border = [left, top, right, bottom] off; with `scale` = [height, width] right and bottom follow.
struct CropBox {
  int64_t top, left, height, width;
};
Result<CropBox> crop_box(const Node& node, int64_t height, int64_t width) {
  const std::vector<int64_t> border = node.ints_attr("border"), size = node.ints_attr("scale");
  if (border.size() != 4 || (!size.empty() && size.size() != 2))
    return invalid_model("border must hold 4 numbers, scale 2");
  CropBox box{border[1], border[0], height - border[1] - border[3], width - border[0] - border[2]};
  if (!size.empty()) box.height = size[0], box.width = size[1];
  if (box.top < 0 || box.left < 0 || box.height < 0 || box.width < 0 || box.top + box.height > height ||
      box.left + box.width > width) {
    return invalid_model("the border is larger than the image");
  }
  return box;
}

Status infer_crop(InferContext& ctx) {
  SymShape out = ctx.shape(0);
  if (out.has_rank()) {
    if (out.rank() != 4) return invalid_model("Crop takes images of rank 4, not " + out.to_string());
    if (out[2].known() && out[3].known()) {
      HT_ASSIGN(const CropBox box, crop_box(ctx.node(), out[2].value, out[3].value));
      out[2] = Dim(box.height);
      out[3] = Dim(box.width);
    } else {
      out[2] = out[3] = Dim();
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_crop(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.rank() != 4) return invalid_model("Crop takes images of rank 4");
  HT_ASSIGN(const CropBox box, crop_box(ctx.node(), x.dims[2], x.dims[3]));
  const Dims dims = {x.dims[0], x.dims[1], box.height, box.width};
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, dims));
  return move_elements(y, dense_place(dims), x, {box.top * x.dims[3] + box.left, row_major_strides(x.dims)}, dims);
}

constexpr OpDef legacy_op(std::string_view name, RunFn run) {
  return {.name = name,
          .until = kLastOpset,
          .infer = infer_like,
          .run = run,
          .quant = kElementwiseRule,
          .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> legacy_ops() {
  static constexpr OpDef kOps[] = {
      legacy_op("Affine", in_single<run_affine>),
      {.name = "Crop",
       .until = kLastOpset,
       .infer = infer_crop,
       .run = run_crop,
       .quant = kPassThroughRule,
       .run_int8 = run_crop,
       .int8_applies = same_quant,
       .cost = move_cost},
      legacy_op("ImageScaler", in_single<run_image_scaler>),
      legacy_op("ParametricSoftplus", in_single<run_scaled<Unary::kSoftplus>>),
      legacy_op("ScaledTanh", in_single<run_scaled<Unary::kTanh>>),
  };
  return kOps;
}

}  // namespace halftone
