// DeformConv: a convolution whose taps are moved by offsets and read between pixels. Each image's taps are gathered to
// columns, which a matrix product meets with the weights. Source: ONNX DeformConv-19/22; Dai et al. 2017, Zhu et al.
// 2019 (mask). Offsets: [N, offset_group * taps * 2, out...] as (height, width) pairs.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"

namespace halftone {
namespace {

Status infer_deform(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, infer_conv_shape(ctx.node(), ctx.shape(0), ctx.shape(1)));
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

// The plane between its pixels; zero outside.
float read_between(const float* plane, int64_t height, int64_t width, float y, float x) {
  if (!(y > -1 && y < static_cast<float>(height) && x > -1 && x < static_cast<float>(width))) return 0;
  const float fy = std::floor(y), fx = std::floor(x);
  const int64_t y0 = static_cast<int64_t>(fy), x0 = static_cast<int64_t>(fx);
  const auto at = [&](int64_t row, int64_t column) {
    return row < 0 || row >= height || column < 0 || column >= width ? 0.0f : plane[row * width + column];
  };
  const float dy = y - fy, dx = x - fx;
  return (1 - dy) * ((1 - dx) * at(y0, x0) + dx * at(y0, x0 + 1)) +
         dy * ((1 - dx) * at(y0 + 1, x0) + dx * at(y0 + 1, x0 + 1));
}

struct Deform {
  const ConvGeometry& g;
  int64_t offset_groups;
  const float *x, *offsets, *mask;  // mask: nullptr: ones
};

// Column (c, tap) of one image and group: out_plane values each, row by row.
void gather_columns(const Deform& d, int64_t image, int64_t group, float* columns) {
  const ConvGeometry& g = d.g;
  const int64_t plane = g.in[1] * g.in[2], out = g.out_plane(), taps = g.taps(), channels = g.groups * g.channels;
  for (int64_t c = 0; c < g.channels; ++c) {
    const int64_t channel = group * g.channels + c, set = channel / (channels / d.offset_groups);
    const float* from = d.x + (image * channels + channel) * plane;
    for (int64_t t = 0; t < taps; ++t) {
      const int64_t tap = (image * d.offset_groups + set) * taps + t;
      const float *move = d.offsets + tap * 2 * out, *mask = d.mask == nullptr ? nullptr : d.mask + tap * out;
      float* to = columns + (c * taps + t) * out;
      for (int64_t o = 0; o < out; ++o) {
        const int64_t row = o / g.out[2] * g.stride[1] + t / g.kernel[2] * g.dilation[1] - g.pad[1];
        const int64_t column = o % g.out[2] * g.stride[2] + t % g.kernel[2] * g.dilation[2] - g.pad[2];
        to[o] = read_between(from, g.in[1], g.in[2], static_cast<float>(row) + move[o],
                             static_cast<float>(column) + move[out + o]);
        if (mask != nullptr) to[o] *= mask[o];
      }
    }
  }
}

Status check_deform(const RunContext& ctx, const ConvGeometry& g, int64_t offset_groups) {
  for (size_t i : {0, 1, 2, 3, 4}) {
    if (ctx.has_input(i) && ctx.input(i).dtype != DType::kFloat)
      return unsupported("DeformConv of other types than float");
  }
  if (ctx.input(0).rank() != 4) return unsupported("DeformConv in other than two spatial dims");
  if (offset_groups < 1 || (g.groups * g.channels) % offset_groups != 0)
    return invalid_model("offset_group does not divide the channels");
  const int64_t places = g.batch * offset_groups * g.taps() * g.out_plane();
  const bool fits = ctx.input(2).size() == 2 * places && (!ctx.has_input(4) || ctx.input(4).size() == places) &&
                    (!ctx.has_input(3) || ctx.input(3).size() == g.groups * g.filters);
  return fits ? ok_status() : invalid_model("offsets, mask or bias of DeformConv do not fit its output");
}

Status run_deform(RunContext& ctx) {
  constexpr float kOpen = std::numeric_limits<float>::infinity();
  HT_ASSIGN(const ConvPlan plan, plan_conv(ctx.node(), ctx.input(0).dims, ctx.input(1).dims));
  const ConvGeometry& g = plan.geometry;
  const int64_t offset_groups = ctx.node().int_attr("offset_group", 1);
  HT_TRY(check_deform(ctx, g, offset_groups));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
  const int64_t depth = g.depth(), out = g.out_plane();
  HT_ASSIGN(void* block,
            ctx.scratch((depth * out + packed_b_f32_size(depth, out)) * static_cast<int64_t>(sizeof(float))));
  float *columns = static_cast<float*>(block), *packed = columns + depth * out;
  const Deform d{g, offset_groups, ctx.input(0).as<float>(), ctx.input(2).as<float>(),
                 ctx.has_input(4) ? ctx.input(4).as<float>() : nullptr};
  for (int64_t i = 0; i < g.batch * g.groups; ++i) {
    const int64_t group = i % g.groups;
    gather_columns(d, i / g.groups, group, columns);
    pack_b_f32(columns, depth, out, out, 1, 1.0f, packed);
    float* filters = y.as<float>() + i * g.filters * out;
    for (int64_t f = 0; f < g.filters; ++f) {
      std::fill_n(filters + f * out, out, ctx.has_input(3) ? ctx.input(3).as<float>()[group * g.filters + f] : 0.0f);
    }
    gemm_f32({.m = g.filters,
              .n = out,
              .k = depth,
              .a = ctx.input(1).as<float>() + group * g.filters * depth,
              .lda = depth,
              .b = packed,
              .c = filters,
              .ldc = out,
              .accumulate = true,
              .bias = nullptr,
              .lo = -kOpen,
              .hi = kOpen});
  }
  return ok_status();
}

}  // namespace

std::span<const OpDef> deform_conv_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "DeformConv",
       .schema = {3, 5, 1, 1},
       .infer = infer_deform,
       .run = in_single<run_deform>,
       .cost = [](const CostContext& ctx) { return conv_cost(ctx, 1); }},
  };
  return kOps;
}

}  // namespace halftone
