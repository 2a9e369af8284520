// ReduceSum, ReduceMean, ReduceMax ...: axes from an attribute or (18 on; ReduceSum 13 on) an input.
// Source: ONNX operator specification.
#include "core/kernels/reduce/reduce.h"

#include <algorithm>
#include <string>

#include "core/kernels/move/strided.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

int64_t axes_input_since(const Node& node) { return node.op_type == "ReduceSum" ? 13 : 18; }

using Marks = SmallVector<bool, 8>;  // by axis: whether it goes

// Which axes go, given the list; without one all of them, unless noop_with_empty_axes says none.
Result<Marks> reduced_axes(const Node& node, bool given, Dims axes, int64_t rank) {
  Marks out(static_cast<size_t>(rank), false);
  if (!given || axes.empty()) {
    if (node.int_attr("noop_with_empty_axes", 0) == 0) out.assign(out.size(), true);
    return out;
  }
  HT_ASSIGN(axes, axes_in_rank(std::move(axes), rank));
  for (int64_t axis : axes) out[static_cast<size_t>(axis)] = true;
  return out;
}

Status infer_reduce(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  const bool keep = ctx.node().int_attr("keepdims", 1) != 0;
  HT_ASSIGN(IntsArgument arg, ints_argument(ctx, "axes", 1, axes_input_since(ctx.node())));
  if (!in.has_rank() || (arg.present && !arg.known)) {
    ctx.set_output(0, ctx.dtype(0), in.has_rank() && keep ? SymShape::unknown_dims(in.rank()) : SymShape());
    return ok_status();
  }
  HT_ASSIGN(auto reduced, reduced_axes(ctx.node(), arg.present, arg.values, in.rank()));
  std::vector<Dim> dims;
  for (int64_t i = 0; i < in.rank(); ++i) {
    if (!reduced[static_cast<size_t>(i)])
      dims.push_back(in[i]);
    else if (keep)
      dims.push_back(Dim(1));
  }
  ctx.set_output(0, ctx.dtype(0), SymShape(std::move(dims)));
  return ok_status();
}

// x with its reduced axes last and dense: x itself where they already are (or form one block), else a copy.
struct Arranged {
  const void* data;
  int64_t outer, n, inner;
};
Result<Arranged> arrange(RunContext& ctx, const View& x, const Marks& reduced) {
  const auto first = std::find(reduced.begin(), reduced.end(), true);
  const auto last = std::find(reduced.rbegin(), reduced.rend(), true).base();
  const auto at = [&](auto it) { return x.dims.begin() + (it - reduced.begin()); };
  if (first == reduced.end()) return Arranged{x.data, x.size(), 1, 1};
  if (std::find(first, last, false) == last) {
    return Arranged{x.data, *element_count(Dims(x.dims.begin(), at(first))), *element_count(Dims(at(first), at(last))),
                    *element_count(Dims(at(last), x.dims.end()))};
  }
  const Dims strides = row_major_strides(x.dims);
  Dims dims, from;
  Arranged out{nullptr, 1, 1, 1};
  for (const bool pick : {false, true}) {
    for (size_t i = 0; i < x.dims.size(); ++i) {
      if (reduced[i] != pick) continue;
      dims.push_back(x.dims[i]);
      from.push_back(strides[i]);
      (pick ? out.n : out.outer) *= x.dims[i];
    }
  }
  HT_ASSIGN(const int64_t bytes, element_bytes(x.dtype));
  HT_ASSIGN(void* copy, ctx.scratch(x.size() * bytes));
  copy_strided(bytes, copy, row_major_strides(dims), x.data, from, dims);
  out.data = copy;
  return out;
}

struct ReducedAxes final : Memo {
  Marks axes;
};

Status run_function(RunContext& ctx, Reduce function) {
  const View& x = ctx.input(0);
  const ReduceAxis kernel = reduce_axis(function, x.dtype);
  if (kernel == nullptr) {
    return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)) + " elements");
  }
  auto& memo = memo_of<ReducedAxes>(ctx);
  if (!memo.known) {
    HT_ASSIGN(IntsArgument axes, ints_argument(*as_infer_context(ctx), "axes", 1, axes_input_since(ctx.node())));
    HT_ASSIGN(memo.axes, reduced_axes(ctx.node(), axes.present, axes.values, x.rank()));
    memo.known = !ctx.has_input(1) || ctx.is_constant(1);
  }
  HT_ASSIGN(MutView y, make_output(ctx, infer_reduce));
  HT_ASSIGN(Arranged v, arrange(ctx, x, memo.axes));
  kernel(v.data, v.outer, v.n, v.inner, y.data);
  return ok_status();
}

template <Reduce kFunction>
Status run_reduce(RunContext& ctx) {
  return run_function(ctx, kFunction);
}

Cost reduce_cost(const CostContext& ctx) { return elementwise_cost({ctx.node, ctx.outputs, ctx.inputs.first(1)}); }

template <Reduce kFunction>
constexpr OpDef reduce_op(std::string_view name, QuantRule quant = {}) {
  return {.name = name,
          .schema = {1, 2, 1, 1},
          .infer = infer_reduce,
          .run = in_float<run_reduce<kFunction>>,
          .quant = quant,
          .cost = reduce_cost};
}

}  // namespace

std::span<const OpDef> reduce_ops() {
  static constexpr OpDef kOps[] = {
      reduce_op<Reduce::kL1>("ReduceL1"),         reduce_op<Reduce::kL2>("ReduceL2"),
      reduce_op<Reduce::kLogSum>("ReduceLogSum"), reduce_op<Reduce::kLogSumExp>("ReduceLogSumExp"),
      reduce_op<Reduce::kMax>("ReduceMax"),       reduce_op<Reduce::kMean>("ReduceMean", kElementwiseRule),
      reduce_op<Reduce::kMin>("ReduceMin"),       reduce_op<Reduce::kProd>("ReduceProd"),
      reduce_op<Reduce::kSum>("ReduceSum"),       reduce_op<Reduce::kSumSquare>("ReduceSumSquare"),
  };
  return kOps;
}

}  // namespace halftone
