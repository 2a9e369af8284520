// Slice: ranges with steps along some axes, one strided copy. Source: ONNX operator specification, Slice-1/10/11/13.
#include <algorithm>
#include <string>

#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// The arguments of a node, from attributes (opset < 10) or inputs, as far as they are known.
struct Arguments {
  Dims starts, ends, axes, steps;
  bool known = false;  // all of them
  bool axes_known = false;
};

Result<Arguments> arguments(const InferContext& ctx) {
  HT_ASSIGN(IntsArgument starts, ints_argument(ctx, "starts", 1, 10));
  HT_ASSIGN(IntsArgument ends, ints_argument(ctx, "ends", 2, 10));
  HT_ASSIGN(IntsArgument axes, ints_argument(ctx, "axes", 3, 10));
  HT_ASSIGN(IntsArgument steps, ints_argument(ctx, "steps", 4, 10));  // no such attribute before
  if (!starts.present || !ends.present) return invalid_model("starts or ends are missing");
  Arguments out{std::move(starts.values), std::move(ends.values), std::move(axes.values), std::move(steps.values)};
  out.axes_known = axes.known;
  out.known = starts.known && ends.known && (!axes.present || axes.known) && (!steps.present || steps.known);
  if (!out.known) return out;
  const size_t count = out.starts.size();
  for (size_t i = 0; !axes.present && i < count; ++i) out.axes.push_back(static_cast<int64_t>(i));
  if (!steps.present) out.steps.assign(count, 1);
  if (out.ends.size() != count || out.axes.size() != count || out.steps.size() != count) {
    return invalid_model("starts, ends, axes and steps differ in length");
  }
  return out;
}

struct Range {
  int64_t start = 0, step = 1, count = 0;
};

// Elements start, start + step, ... before end, inside [0, n). Steps beyond the size pick one element at most.
Result<Range> slice_range(int64_t n, int64_t start, int64_t end, int64_t step) {
  if (step == 0) return invalid_model("a step of 0");
  step = std::clamp(step, -(n + 1), n + 1);
  auto from_end = [n](int64_t v) { return v < 0 ? (v < -n ? -1 : v + n) : v; };  // -1: before the first
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
  start = std::clamp(from_end(start), step > 0 ? low : 0, std::max<int64_t>(high, 0));
  end = std::clamp(from_end(end), low, std::max(high, low));
  const int64_t count = step > 0 ? (end - start + step - 1) / step : (end - start + step + 1) / step;
  return Range{start, step, n == 0 ? 0 : std::max<int64_t>(count, 0)};
}

// What a range leaves of a dim that may be a symbol.
Result<Dim> sliced_dim(const Dim& dim, int64_t start, int64_t end, int64_t step) {
  if (dim.known()) {
    HT_ASSIGN(Range range, slice_range(dim.value, start, end, step));
    return Dim(range.count);
  }
  constexpr int64_t kBeyond = 0x7fffffff;  // exporters write "to the end" as the largest int32 or int64
  return start == 0 && step == 1 && end >= kBeyond ? dim : Dim();
}

void slice_contents(InferContext& ctx, const Arguments& args) {
  if (ctx.shape(0).rank() != 1 || args.starts.size() != 1) return;
  const auto contents = ctx.shape_contents(0);
  if (!contents) return;
  auto range = slice_range(static_cast<int64_t>(contents->size()), args.starts[0], args.ends[0], args.steps[0]);
  if (!range.ok()) return;
  std::vector<Dim> out;
  for (int64_t i = 0; i < range->count; ++i) {
    out.push_back((*contents)[static_cast<size_t>(range->start + i * range->step)]);
  }
  ctx.set_output_contents(0, std::move(out));
}

Status infer_slice(InferContext& ctx) {
  HT_ASSIGN(Arguments args, arguments(ctx));
  SymShape out = ctx.shape(0);
  if (!out.has_rank()) {
    ctx.set_output(0, ctx.dtype(0), {});
    return ok_status();
  }
  if (!args.known) {
    SymShape open = args.axes_known ? out : SymShape::unknown_dims(out.rank());
    if (args.axes_known) {
      HT_ASSIGN(auto axes, axes_in_rank(args.axes, out.rank()));
      for (int64_t axis : axes) open[axis] = Dim();
    }
    ctx.set_output(0, ctx.dtype(0), std::move(open));
    return ok_status();
  }
  HT_ASSIGN(auto axes, axes_in_rank(args.axes, out.rank()));
  for (size_t i = 0; i < axes.size(); ++i) {
    HT_ASSIGN(out[axes[i]], sliced_dim(out[axes[i]], args.starts[i], args.ends[i], args.steps[i]));
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  slice_contents(ctx, args);
  return ok_status();
}

struct SlicedPlace final : Memo {
  Place from;
};

// Where in x the slice lies.
Status place_slice(RunContext& ctx, const View& x, SlicedPlace& place) {
  HT_ASSIGN(Arguments args, arguments(*as_infer_context(ctx)));
  if (!args.known) return invalid_model("starts, ends, axes or steps are not usable");
  HT_ASSIGN(auto axes, axes_in_rank(args.axes, x.rank()));
  place.from = dense_place(x.dims);
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t axis = static_cast<size_t>(axes[i]);
    HT_ASSIGN(Range range, slice_range(x.dims[axis], args.starts[i], args.ends[i], args.steps[i]));
    place.from.offset += range.start * place.from.strides[axis];
    place.from.strides[axis] *= range.step;
  }
  place.known = arguments_are_constant(ctx);
  return ok_status();
}

Status run_slice(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_slice));
  auto& place = memo_of<SlicedPlace>(ctx);
  if (!place.known) HT_TRY(place_slice(ctx, x, place));
  return move_elements(y, dense_place(y.dims), x, place.from, y.dims);
}

}  // namespace

std::span<const OpDef> slice_ops() {
  static constexpr OpDef kOps[] = {
      move_row("Slice", {1, 5, 1, 1}, infer_slice, run_slice),
  };
  return kOps;
}

}  // namespace halftone
