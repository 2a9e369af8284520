// ConvTranspose in one to three spatial dims. Formula: core/kernels/conv_transpose/conv_transpose_f32.h. Output size:
// stride * (in - 1) + output_padding + dilation * (kernel - 1) + 1 - pads; with output_shape or auto_pad SAME the pads
// follow from the size, the odd one at the end (SAME_UPPER) or at the front. Source: ONNX ConvTranspose-1/11/22.
#include <algorithm>
#include <string>

#include "core/base/checked.h"
#include "core/kernels/conv_transpose/conv_transpose_f32.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/window.h"

namespace halftone {
namespace {

Result<Window> transpose_window(const Node& node, const SymShape& x, const SymShape& w) {
  if (x.rank() < 3 || x.rank() != w.rank()) {
    return invalid_model("input " + x.to_string() + " and weight " + w.to_string() + " need the same rank, at least 3");
  }
  Dims kernel;
  for (int64_t i = 2; i < w.rank() && w[i].known(); ++i) kernel.push_back(w[i].value);
  if (static_cast<int64_t>(kernel.size()) != w.rank() - 2) kernel.clear();
  return read_window(node, x.rank() - 2, kernel);
}

// Output size along spatial axis i, and the leading pad that goes with it.
struct Spread {
  int64_t out, pad;
};
Result<Spread> spread_axis(const Node& node, const Window& window, int64_t i, int64_t in) {
  const size_t a = window.axis(i), k = static_cast<size_t>(i);
  const auto extra = node.ints_attr("output_padding"), wanted = node.ints_attr("output_shape");
  const int64_t stride = window.stride[a];
  const auto reach = checked_mul(stride, in - 1), field = checked_mul(window.dilation[a], window.kernel[a] - 1);
  if (!reach || !field) return invalid_model("the window of ConvTranspose is too large");
  const int64_t full = *reach + *field + 1 + (k < extra.size() ? extra[k] : 0);
  const bool same = window.auto_pad == AutoPad::kSameUpper || window.auto_pad == AutoPad::kSameLower;
  int64_t out = full - window.pad_begin[a] - window.pad_end[a], pad = window.pad_begin[a];
  if (!wanted.empty() || same) {
    // output_shape may list all axes or the spatial ones.
    const size_t skip =
        wanted.size() > static_cast<size_t>(window.rank) ? wanted.size() - static_cast<size_t>(window.rank) : 0;
    out = k + skip < wanted.size() ? wanted[k + skip] : in * stride;
    const int64_t total = std::max<int64_t>(full - out, 0);
    pad = window.auto_pad == AutoPad::kSameUpper ? total / 2 : total - total / 2;
  }
  if (out < 0) return invalid_model("the pads of ConvTranspose are larger than its output");
  return Spread{out, pad};
}

Status check_channels(const SymShape& x, const SymShape& w, int64_t group) {
  if (group < 1) return invalid_model("attribute group is " + std::to_string(group));
  if (x[1].known() && w[0].known() && (x[1].value != w[0].value || x[1].value % group != 0)) {
    return invalid_model("the input " + x.to_string() + " does not fit the weight " + w.to_string() + " with group " +
                         std::to_string(group));
  }
  return ok_status();
}

Status infer_conv_transpose(InferContext& ctx) {
  const SymShape &x = ctx.shape(0), &w = ctx.shape(1);
  SymShape out;
  const bool kernel_known = ctx.node().has("kernel_shape") || w.concrete().has_value();
  if (x.has_rank() && !kernel_known) {
    out = SymShape::unknown_dims(x.rank());
    if (x.rank() > 0) out[0] = x[0];
  } else if (x.has_rank() && w.has_rank()) {
    HT_ASSIGN(const Window window, transpose_window(ctx.node(), x, w));
    const int64_t group = ctx.node().int_attr("group", 1);
    HT_TRY(check_channels(x, w, group));
    out = SymShape::unknown_dims(x.rank());
    out[0] = x[0];
    if (w[1].known()) out[1] = Dim(w[1].value * group);
    for (int64_t i = 0; i < window.rank; ++i) {
      if (!x[i + 2].known()) continue;
      HT_ASSIGN(const Spread spread, spread_axis(ctx.node(), window, i, x[i + 2].value));
      out[i + 2] = Dim(spread.out);
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Result<ConvGeometry> conv_transpose_geometry(const Node& node, const Dims& x, const Dims& w) {
  const SymShape xs = SymShape::of(x), ws = SymShape::of(w);
  HT_ASSIGN(const Window window, transpose_window(node, xs, ws));
  ConvGeometry g;
  g.groups = node.int_attr("group", 1);
  HT_TRY(check_channels(xs, ws, g.groups));
  g.batch = x[0];
  g.channels = x[1] / g.groups;
  g.filters = w[1];
  for (int64_t i = 0; i < window.rank; ++i) {
    const size_t a = window.axis(i);
    g.in[a] = x[static_cast<size_t>(i) + 2];
    HT_ASSIGN(const Spread spread, spread_axis(node, window, i, g.in[a]));
    g.out[a] = spread.out;
    g.pad[a] = spread.pad;
  }
  g.kernel = window.kernel;
  g.stride = window.stride;
  g.dilation = window.dilation;
  return g;
}

struct TurnedWeights final : OpState {
  Tensor turned;
};

Result<Tensor> turned_weights(const Node& node, const View& w) {
  HT_ASSIGN(Tensor turned, Tensor::allocate(DType::kFloat, w.dims));
  ConvGeometry g;
  g.groups = node.int_attr("group", 1);
  if (g.groups < 1 || w.rank() < 2 || w.dims[0] % g.groups != 0) return invalid_model("the weight does not fit group");
  g.channels = w.dims[0] / g.groups;
  g.filters = w.dims[1];
  for (size_t i = 2; i < w.dims.size(); ++i) g.kernel[0] *= w.dims[i];
  turn_weights(g, w.as<float>(), turned.mutable_data<float>().data());
  return turned;
}

Result<std::unique_ptr<OpState>> prepare_conv_transpose(PrepareContext& ctx) {
  const Tensor* w = ctx.constant(1);
  if (w == nullptr || w->dtype() != DType::kFloat) return std::unique_ptr<OpState>();
  auto state = std::make_unique<TurnedWeights>();
  HT_ASSIGN(state->turned, turned_weights(ctx.node(), w->view()));
  return std::unique_ptr<OpState>(std::move(state));
}

Status run_conv_transpose(RunContext& ctx) {
  const View &x = ctx.input(0), &w = ctx.input(1);
  if (x.dtype != DType::kFloat || w.dtype != DType::kFloat) {
    return unsupported("ConvTranspose on " + std::string(dtype_name(x.dtype)));
  }
  HT_ASSIGN(const ConvGeometry g, conv_transpose_geometry(ctx.node(), x.dims, w.dims));
  const float* bias = nullptr;
  if (ctx.has_input(2)) {
    if (ctx.input(2).dtype != DType::kFloat || ctx.input(2).size() != g.groups * g.filters) {
      return invalid_model("the bias " + to_string(ctx.input(2).dims) + " does not fit the weight " +
                           to_string(w.dims));
    }
    bias = ctx.input(2).as<float>();
  }
  Dims dims = {g.batch, g.groups * g.filters};
  for (size_t a = kWindowAxes - (x.dims.size() - 2); a < kWindowAxes; ++a) dims.push_back(g.out[a]);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, dims));
  if (y.size() == 0) return ok_status();
  Tensor own;
  if (ctx.state() == nullptr) {
    HT_ASSIGN(own, turned_weights(ctx.node(), w));
  }
  const Tensor& turned = ctx.state() == nullptr ? own : static_cast<const TurnedWeights*>(ctx.state())->turned;
  HT_ASSIGN(void* scratch, ctx.scratch(conv_transpose_f32_scratch_bytes(g)));
  conv_transpose_f32(g, {x.as<float>(), turned.data<float>().data(), bias, y.as<float>()}, scratch);
  return ok_status();
}

// Every input element meets all of its channel's weights.
Cost conv_transpose_cost(const CostContext& ctx) {
  const SymShape &x = ctx.inputs[0], &w = ctx.inputs[1];
  if (!x.has_rank() || !w.has_rank() || !w[0].known() || w[0].value == 0) return {};
  return Cost{.macs = saturating_size(x, saturating_size(w) / w[0].value)};
}

}  // namespace

std::span<const OpDef> conv_transpose_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "ConvTranspose",
       .schema = {2, 3, 1, 1},
       .infer = infer_conv_transpose,
       .run = in_single<run_conv_transpose>,
       .prepare = prepare_conv_transpose,
       .cost = conv_transpose_cost},
  };
  return kOps;
}

}  // namespace halftone
