// Pad: constant, edge, reflect or wrap around any axes; negative pads cut. Source: ONNX operator specification,
// Pad-1/2 (attributes), Pad-11/13/18/19 (inputs pads, constant_value, axes).
#include <algorithm>
#include <string>

#include "core/base/checked.h"
#include "core/kernels/move/mapped.h"
#include "core/kernels/move/strided.h"
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

// begin_0 ... begin_r, end_0 ... end_r for every axis, from the list that the node gives for some or all of them.
Result<std::vector<int64_t>> spread_pads(const std::vector<int64_t>& pads, std::vector<int64_t> axes, bool all_axes,
                                         int64_t rank) {
  const size_t count = all_axes ? static_cast<size_t>(rank) : axes.size();
  if (pads.size() != 2 * count) return invalid_model("pads must hold two numbers for each padded axis");
  if (all_axes) return pads;
  HT_ASSIGN(axes, axes_in_rank(std::move(axes), rank));
  std::vector<int64_t> out(static_cast<size_t>(2 * rank), 0);
  for (size_t i = 0; i < count; ++i) {
    out[static_cast<size_t>(axes[i])] = pads[i];
    out[static_cast<size_t>(axes[i] + rank)] = pads[count + i];
  }
  return out;
}

std::string_view pads_attribute(int64_t opset) { return opset < 2 ? "paddings" : "pads"; }

Result<Dim> padded_dim(const Dim& dim, int64_t begin, int64_t end) {
  if (begin == 0 && end == 0) return dim;
  if (!dim.known()) return Dim();
  const auto sum = checked_add(begin, end);
  const auto size = sum ? checked_add(dim.value, *sum) : sum;
  if (!size || *size < 0 || begin < -dim.value || end < -dim.value) {
    return invalid_model("pads of " + std::to_string(begin) + " and " + std::to_string(end) +
                         " do not fit an axis of " + std::to_string(dim.value));
  }
  return Dim(*size);
}

Status infer_pad(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  HT_ASSIGN(IntsArgument pads, ints_argument(ctx, pads_attribute(ctx.opset()), 1, 11));
  HT_ASSIGN(IntsArgument axes, ints_argument(ctx, "axes", 3, 11));
  if (!pads.present) return invalid_model("pads are missing");
  SymShape out;
  if (in.has_rank()) {
    out = SymShape::unknown_dims(in.rank());
    if (pads.known && (!axes.present || axes.known)) {
      HT_ASSIGN(auto all, spread_pads(pads.values, axes.values, !axes.present, in.rank()));
      for (int64_t i = 0; i < in.rank(); ++i) {
        HT_ASSIGN(out[i], padded_dim(in[i], all[static_cast<size_t>(i)], all[static_cast<size_t>(i + in.rank())]));
      }
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

struct PadAxis {
  int64_t cut = 0, kept = 0;  // of the input: first index and count that stay when negative pads have cut
  int64_t before = 0;         // new elements in front
};

PadAxis pad_axis(int64_t n, int64_t begin, int64_t end) {
  const int64_t cut = std::max<int64_t>(-begin, 0);
  return {cut, std::max<int64_t>(n - cut - std::max<int64_t>(-end, 0), 0), std::max<int64_t>(begin, 0)};
}

// Index into the kept part that stands at place i (which may lie outside of it).
int64_t mirrored(std::string_view mode, int64_t i, int64_t n) {
  if (mode == "edge") return std::clamp<int64_t>(i, 0, n - 1);
  const int64_t period = mode == "wrap" ? n : std::max<int64_t>(2 * (n - 1), 1);
  i = ((i % period) + period) % period;
  return i < n ? i : period - i;
}

// One element of x's type: what constant mode writes. Zero in integer mode is the zero point.
Status fill_element(const RunContext& ctx, DType type, uint8_t* element) {
  if (const QuantParams* quant = ctx.output_quant(0)) {
    const double zero_point = quant->zero_point.empty() ? 0 : quant->zero_point[0];
    return convert_elements(DType::kDouble, &zero_point, type, element, 1);
  }
  if (ctx.opset() < 11) {
    const float value = ctx.node().float_attr("value", 0.0f);
    return convert_elements(DType::kFloat, &value, type, element, 1);
  }
  if (!ctx.has_input(2)) return ok_status();  // all bits zero
  const View& value = ctx.input(2);
  if (value.dtype != type || value.size() != 1) return invalid_model("constant_value must be one element of x's type");
  std::copy_n(value.bytes(), dtype_info(type).bits / 8, element);
  return ok_status();
}

// What sizes and pads come to.
struct PadMemo final : Memo {
  std::vector<PadAxis> axes;
  std::vector<std::vector<int64_t>> maps;  // per axis, for the modes that repeat elements
};

Status pad_constant(const RunContext& ctx, const View& x, const std::vector<PadAxis>& axes, const MutView& y) {
  HT_ASSIGN(const int64_t bytes, element_bytes(x.dtype));
  uint8_t element[16] = {};
  HT_TRY(fill_element(ctx, x.dtype, element));
  fill_elements(bytes, y.data, element, y.size());
  Place from = dense_place(x.dims), to = dense_place(y.dims);
  Dims kept;
  for (size_t i = 0; i < axes.size(); ++i) {
    from.offset += axes[i].cut * from.strides[i];
    to.offset += axes[i].before * to.strides[i];
    kept.push_back(axes[i].kept);
  }
  return move_elements(y, to, x, from, kept);
}

Status find_maps(std::string_view mode, std::span<const int64_t> dims, PadMemo& memo) {
  for (size_t k = 0; k < memo.axes.size(); ++k) {
    const PadAxis& axis = memo.axes[k];
    if (axis.kept == 0 && dims[k] > 0) return invalid_model("nothing to repeat along axis " + std::to_string(k));
    std::vector<int64_t> map;
    for (int64_t i = 0; i < dims[k]; ++i) map.push_back(axis.cut + mirrored(mode, i - axis.before, axis.kept));
    memo.maps.push_back(std::move(map));
  }
  return ok_status();
}

Status plan_pad(RunContext& ctx, std::string_view mode, std::span<const int64_t> dims, PadMemo& memo) {
  const View& x = ctx.input(0);
  const auto args = as_infer_context(ctx);
  HT_ASSIGN(IntsArgument given, ints_argument(*args, pads_attribute(ctx.opset()), 1, 11));
  HT_ASSIGN(IntsArgument axes, ints_argument(*args, "axes", 3, 11));
  HT_ASSIGN(auto pads, spread_pads(given.values, axes.values, !axes.present, x.rank()));
  memo.axes.clear();
  memo.maps.clear();
  for (size_t i = 0; i < x.dims.size(); ++i) {
    memo.axes.push_back(pad_axis(x.dims[i], pads[i], pads[i + x.dims.size()]));
  }
  if (mode != "constant") HT_TRY(find_maps(mode, dims, memo));
  memo.known = arguments_are_constant(ctx);
  return ok_status();
}

Status run_pad(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_pad));
  const std::string mode = ctx.node().string_attr("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap") {
    return invalid_model("mode must be constant, edge, reflect or wrap, not " + mode);
  }
  auto& memo = memo_of<PadMemo>(ctx);
  if (!memo.known) HT_TRY(plan_pad(ctx, mode, y.dims, memo));
  if (mode == "constant") return pad_constant(ctx, x, memo.axes, y);
  HT_ASSIGN(const int64_t bytes, element_bytes(x.dtype));
  copy_mapped(bytes, y.data, y.dims, x.data, row_major_strides(x.dims), memo.maps);
  return ok_status();
}

// Quantized values move unchanged unless something other than zero is written around them.
bool pads_with_zero(const Graph& graph, const Node& node) {
  if (node.string_attr("mode", "constant") != "constant") return true;
  if (node.float_attr("value", 0.0f) != 0.0f) return false;
  const ValueId id = node.input(2);
  if (id == kNoValue) return true;
  const Tensor& value = graph.value(id).constant;
  return value.defined() && value.size() == 1 && is_float(value.dtype()) &&
         element_as_double(value.dtype(), value.bytes(), 0) == 0;
}

}  // namespace

std::span<const OpDef> pad_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "Pad",
       .schema = {1, 4, 1, 1},
       .infer = infer_pad,
       .run = run_pad,
       .quant = {.kind = QuantKind::kPassThrough, .applies = pads_with_zero},
       .run_int8 = run_pad,
       .int8_applies = same_quant,
       .cost = move_cost},
  };
  return kOps;
}

}  // namespace halftone
