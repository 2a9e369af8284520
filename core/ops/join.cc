// Concat and Split: tensors side by side along one axis. Source: ONNX operator specification, Concat-1/4/11/13,
// Split-1/2/11/13/18.
#include <string>

#include "core/base/checked.h"
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_elementwise.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// Joined contents of shape tensors, where all of them are known.
void join_contents(InferContext& ctx) {
  std::vector<Dim> joined;
  for (size_t i = 0; i < ctx.input_count(); ++i) {
    if (!ctx.shape(i).has_rank() || ctx.shape(i).rank() != 1) return;
    auto part = ctx.shape_contents(i);
    if (!part && ctx.shape(i)[0].known() && ctx.shape(i)[0].value <= kMaxRank && ctx.dtype(i) == DType::kInt64) {
      part.emplace(static_cast<size_t>(ctx.shape(i)[0].value));  // nothing known but how many
    }
    if (!part) return;
    joined.insert(joined.end(), part->begin(), part->end());
  }
  ctx.set_output_contents(0, std::move(joined));
}

Status infer_concat(InferContext& ctx) {
  const int64_t given = ctx.node().int_attr("axis", 1);
  SymShape out;
  int64_t axis = -1;
  Dim total(0);
  for (size_t i = 0; i < ctx.input_count(); ++i) {
    if (!ctx.has_input(i)) return invalid_model("input " + std::to_string(i) + " is missing");
    if (ctx.dtype(i) != ctx.dtype(0) && ctx.dtype(i) != DType::kUndefined && ctx.dtype(0) != DType::kUndefined) {
      return invalid_model("inputs have different types");
    }
    const SymShape& shape = ctx.shape(i);
    if (!shape.has_rank()) {
      total = Dim();
      continue;
    }
    HT_ASSIGN(axis, axis_in_rank(given, shape.rank()));
    if (total.known() && shape[axis].known()) {
      auto sum = checked_add(total.value, shape[axis].value);
      if (!sum) return invalid_model("the joined size overflows");
      total = Dim(*sum);
    } else {
      total = Dim();
    }
    SymShape rest = shape;
    rest[axis] = Dim();
    if (!out.refine(rest).ok())
      return invalid_model("input " + std::to_string(i) + " of shape " + shape.to_string() + " does not fit beside " +
                           out.to_string());
  }
  if (axis >= 0) out[axis] = total;
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  join_contents(ctx);
  return ok_status();
}

Status run_concat(RunContext& ctx) {
  HT_ASSIGN(MutView y, make_output(ctx, infer_concat));
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 1), y.rank()));
  Place to = dense_place(y.dims);
  for (size_t i = 0; i < ctx.input_count(); ++i) {
    const View& x = ctx.input(i);
    HT_TRY(move_elements(y, to, x, dense_place(x.dims), x.dims));
    to.offset += x.dims[static_cast<size_t>(axis)] * to.strides[static_cast<size_t>(axis)];
  }
  return ok_status();
}

// Sizes of the parts, when `total` and the arguments are known. Equal parts where nothing is given; the last one
// smaller where num_outputs does not divide (opset 18).
Result<IntsArgument> part_sizes(const InferContext& ctx, const Dim& total) {
  const int64_t count = static_cast<int64_t>(ctx.node().outputs.size());
  HT_ASSIGN(IntsArgument arg, ints_argument(ctx, "split", 1, 13));
  if (arg.present) {
    if (!arg.known) return arg;
    if (static_cast<int64_t>(arg.values.size()) != count) return invalid_model("split does not match the outputs");
    auto sum = checked_add(0, 0);
    for (int64_t size : arg.values) {
      if (size < 0) return invalid_model("split holds a negative size");
      sum = sum ? checked_add(*sum, size) : sum;
    }
    if (!sum || (total.known() && *sum != total.value)) return invalid_model("split does not add up to the axis");
    return arg;
  }
  const int64_t parts = ctx.node().int_attr("num_outputs", count);
  if (parts != count) return invalid_model("num_outputs does not match the outputs");
  if (!total.known()) return arg;
  const int64_t size = (total.value + parts - 1) / parts;
  if (size * (parts - 1) > total.value || (ctx.opset() < 18 && total.value % parts != 0)) {
    return invalid_model("an axis of " + std::to_string(total.value) + " does not split into " + std::to_string(parts));
  }
  arg.values.assign(static_cast<size_t>(parts), size);
  arg.values.back() = total.value - size * (parts - 1);
  arg.known = true;
  return arg;
}

Status infer_split(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  const size_t count = ctx.node().outputs.size();
  if (!in.has_rank()) {
    for (size_t i = 0; i < count; ++i) ctx.set_output(i, ctx.dtype(0), {});
    return ok_status();
  }
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), in.rank()));
  HT_ASSIGN(IntsArgument sizes, part_sizes(ctx, in[axis]));
  const auto contents = in.rank() == 1 && sizes.known ? ctx.shape_contents(0) : std::nullopt;
  auto next = contents ? contents->begin() : std::vector<Dim>::const_iterator();
  for (size_t i = 0; i < count; ++i) {
    SymShape out = in;
    out[axis] = sizes.known ? Dim(sizes.values[i]) : Dim();
    ctx.set_output(i, ctx.dtype(0), std::move(out));
    if (!contents) continue;
    ctx.set_output_contents(i, std::vector<Dim>(next, next + sizes.values[i]));
    next += sizes.values[i];
  }
  return ok_status();
}

Status run_split(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(auto specs, resolve_outputs(ctx, infer_split));
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), x.rank()));
  Place from = dense_place(x.dims);
  for (size_t i = 0; i < specs.size(); ++i) {
    if (ctx.wants_output(i)) {
      HT_ASSIGN(MutView y, ctx.output(i, specs[i].dtype, specs[i].dims));
      HT_TRY(move_elements(y, dense_place(y.dims), x, from, y.dims));
    }
    from.offset += specs[i].dims[static_cast<size_t>(axis)] * from.strides[static_cast<size_t>(axis)];
  }
  return ok_status();
}

}  // namespace

std::span<const OpDef> join_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "Concat",
       .schema = {1, -1, 1, 1},
       .infer = infer_concat,
       .run = run_concat,
       .quant = {.kind = QuantKind::kElementwise, .share_inputs = true},
       .run_int8 = run_int8_concat,
       .prepare_int8 = prepare_int8_concat,
       .int8_applies = int8_concat_applies,
       .cost = move_cost},
      move_row("Split", {1, 2, 1, -1}, infer_split, run_split),
  };
  return kOps;
}

}  // namespace halftone
