// Shapes and geometry of convolutions; see the header.
#include "core/ops/conv_util.h"

#include <limits>
#include <string>

#include "core/base/checked.h"
#include "core/ops/infer_util.h"

namespace halftone {
namespace {

Status check_channels(const Node& node, const SymShape& x, const SymShape& w) {
  const int64_t group = node.int_attr("group", 1);
  if (group < 1) return invalid_model("attribute group is " + std::to_string(group));
  if (w[0].known() && w[0].value % group != 0) {
    return invalid_model(std::to_string(w[0].value) + " filters do not divide into " + std::to_string(group) +
                         " groups");
  }
  if (!x[1].known() || !w[1].known()) return ok_status();
  const auto channels = checked_mul(w[1].value, group);
  if (!channels || *channels != x[1].value) {
    return invalid_model("the input " + x.to_string() + " has " + std::to_string(x[1].value) +
                         " channels, the weight " + w.to_string() + " with group " + std::to_string(group) +
                         " needs a different number");
  }
  return ok_status();
}

Result<Window> conv_window(const Node& node, const SymShape& x, const SymShape& w) {
  if (x.rank() < 3 || x.rank() != w.rank()) {
    return invalid_model("input " + x.to_string() + " and weight " + w.to_string() + " need the same rank, at least 3");
  }
  Dims kernel;
  for (int64_t i = 2; i < w.rank(); ++i) {
    if (!w[i].known()) break;
    kernel.push_back(w[i].value);
  }
  if (static_cast<int64_t>(kernel.size()) != w.rank() - 2) kernel.clear();
  return read_window(node, x.rank() - 2, kernel);
}

}  // namespace

Result<SymShape> infer_conv_shape(const Node& node, const SymShape& x, const SymShape& w) {
  if (!x.has_rank() || !w.has_rank()) return SymShape();
  const bool kernel_known = node.has("kernel_shape") || w.concrete().has_value();
  if (!kernel_known) return SymShape::unknown_dims(x.rank());
  HT_ASSIGN(Window window, conv_window(node, x, w));
  HT_TRY(check_channels(node, x, w));
  std::vector<Dim> dims{x[0], w[0]};
  for (int64_t i = 0; i < window.rank; ++i) {
    HT_ASSIGN(Dim out, window_output(window, window.axis(i), x[i + 2]));
    dims.push_back(std::move(out));
  }
  return SymShape(std::move(dims));
}

Result<ConvGeometry> weight_geometry(const Node& node, std::span<const int64_t> w) {
  const SymShape ws = SymShape::of(w);
  HT_ASSIGN(const Window window, conv_window(node, SymShape::unknown_dims(ws.rank()), ws));
  HT_TRY(check_channels(node, SymShape::unknown_dims(ws.rank()), ws));
  ConvGeometry g;
  g.groups = node.int_attr("group", 1);
  g.channels = w[1];
  g.filters = w[0] / g.groups;
  g.kernel = window.kernel;
  g.stride = window.stride;
  g.dilation = window.dilation;
  return g;
}

Result<ConvPlan> plan_conv(const Node& node, std::span<const int64_t> x, std::span<const int64_t> w) {
  const SymShape xs = SymShape::of(x), ws = SymShape::of(w);
  HT_ASSIGN(Window window, conv_window(node, xs, ws));
  HT_TRY(check_channels(node, xs, ws));
  ConvPlan plan;
  HT_ASSIGN(plan.geometry, weight_geometry(node, w));
  ConvGeometry& g = plan.geometry;
  g.batch = x[0];
  plan.output_dims = {x[0], w[0]};
  for (int64_t i = 0; i < window.rank; ++i) {
    const size_t a = window.axis(i);
    g.in[a] = x[static_cast<size_t>(i) + 2];
    HT_ASSIGN(g.out[a], resolve_window(window, a, g.in[a]));
    g.pad[a] = window.pad_begin[a];
    plan.output_dims.push_back(g.out[a]);
  }
  return plan;
}

int64_t saturating_size(const SymShape& shape, int64_t factor) {
  for (const Dim& d : shape.dims()) {
    const auto product = checked_mul(factor, d.known() ? d.value : 1);
    if (!product) return std::numeric_limits<int64_t>::max();
    factor = *product;
  }
  return factor;
}

Cost conv_cost(const CostContext& ctx, size_t weight_input) {
  const SymShape& w = ctx.inputs[weight_input];
  if (!w.has_rank() || w.rank() == 0) return Cost{.macs = saturating_size(ctx.outputs[0])};
  const SymShape filter(std::vector<Dim>(w.dims().begin() + 1, w.dims().end()));
  return Cost{.macs = saturating_size(ctx.outputs[0], saturating_size(filter))};
}

Clamp node_clamp(const Node& node) {
  const auto& range = node.floats_attr(kClampAttr);
  if (range.size() != 2) {
    return {-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()};
  }
  return {range[0], range[1]};
}

}  // namespace halftone
