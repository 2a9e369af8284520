// ArgMax, ArgMin, TopK, CumSum, CumProd: along one axis. Source: ONNX operator specification, ArgMax-1/11/12/13,
// TopK-1/10/11/24, CumSum-11/14.
#include <algorithm>
#include <numeric>
#include <string>

#include "core/kernels/reduce/reduce.h"
#include "core/ops/axis_view.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

Status infer_arg(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  SymShape out;
  if (in.has_rank()) {
    HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), in.rank()));
    std::vector<Dim> dims = in.dims();
    if (ctx.node().int_attr("keepdims", 1) != 0) {
      dims[static_cast<size_t>(axis)] = Dim(1);
    } else {
      dims.erase(dims.begin() + axis);
    }
    out = SymShape(std::move(dims));
  }
  ctx.set_output(0, DType::kInt64, std::move(out));
  return ok_status();
}

template <bool kLargest>
Status run_arg(RunContext& ctx) {
  const View& x = ctx.input(0);
  const ArgAxis kernel = arg_axis(x.dtype);
  if (kernel == nullptr) {
    return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)) + " elements");
  }
  HT_ASSIGN(MutView y, make_output(ctx, infer_arg));
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), x.rank()));
  const AxisView v = axis_view(x.dims, axis);
  if (y.size() > 0 && v.n == 0) return invalid_model("no largest element of an empty axis");
  kernel(x.data, v.outer, v.n, v.inner, kLargest, ctx.node().int_attr("select_last_index", 0) != 0, y.as<int64_t>());
  return ok_status();
}

// k from attribute (opset < 10) or input; nullopt: not known yet.
Result<std::optional<int64_t>> top_count(const InferContext& ctx) {
  if (ctx.opset() < 10) return std::optional(ctx.node().int_attr("k", -1));
  const Tensor* k = ctx.constant(1);
  if (k == nullptr) return std::optional<int64_t>();
  HT_ASSIGN(auto values, int_elements(*k));
  if (values.size() != 1) return invalid_model("k must be one number");
  return std::optional(values[0]);
}

Status infer_top_k(InferContext& ctx) {
  SymShape out = ctx.shape(0);
  HT_ASSIGN(auto k, top_count(ctx));
  if (k && *k < 0) return invalid_model("k must not be negative");
  if (out.has_rank()) {
    HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", -1), out.rank()));
    if (k && out[axis].known() && *k > out[axis].value) {
      return invalid_model("k = " + std::to_string(*k) + " is more than the " + std::to_string(out[axis].value) +
                           " elements of the axis");
    }
    out[axis] = k ? Dim(*k) : Dim();
  }
  ctx.set_output(0, ctx.dtype(0), out);
  ctx.set_output(1, DType::kInt64, std::move(out));
  return ok_status();
}

Status run_top_k(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype == DType::kString) return unsupported("TopK of strings");
  HT_ASSIGN(auto specs, resolve_outputs(ctx, infer_top_k));
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", -1), x.rank()));
  HT_ASSIGN(MutView values, ctx.output(0, x.dtype, specs[0].dims));
  int64_t* indices = nullptr;
  if (ctx.wants_output(1)) {
    HT_ASSIGN(MutView view, ctx.output(1, DType::kInt64, specs[1].dims));
    indices = view.as<int64_t>();
  }
  const bool largest = ctx.node().int_attr("largest", 1) != 0;
  const AxisView v = axis_view(x.dims, axis);
  const int64_t k = specs[0].dims[static_cast<size_t>(axis)];
  std::vector<double> column(static_cast<size_t>(v.n));
  std::vector<int64_t> order(static_cast<size_t>(v.n));
  for (int64_t o = 0; o < v.outer * v.inner; ++o) {
    const int64_t from = o / v.inner * v.n * v.inner + o % v.inner, to = o / v.inner * k * v.inner + o % v.inner;
    for (int64_t i = 0; i < v.n; ++i) {
      column[static_cast<size_t>(i)] = element_as_double(x.dtype, x.data, from + i * v.inner);
    }
    std::iota(order.begin(), order.end(), 0);
    // Equal elements keep the order of their indices.
    std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](int64_t a, int64_t b) {
      const double p = column[static_cast<size_t>(a)], q = column[static_cast<size_t>(b)];
      return p != q ? (largest ? p > q : p < q) : a < b;
    });
    for (int64_t i = 0; i < k; ++i) {
      const int64_t pick = order[static_cast<size_t>(i)];
      HT_TRY(move_elements(values, {to + i * v.inner, {}}, x, {from + pick * v.inner, {}}, {}));
      if (indices != nullptr) indices[to + i * v.inner] = pick;
    }
  }
  return ok_status();
}

template <bool kProduct>
Status run_running(RunContext& ctx) {
  const View& x = ctx.input(0);
  const RunningAxis kernel = running_axis(x.dtype);
  if (kernel == nullptr) {
    return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)) + " elements");
  }
  HT_ASSIGN(auto given, int_input(ctx, 1));
  if (given.size() != 1) return invalid_model("axis must be one number");
  HT_ASSIGN(const int64_t axis, axis_in_rank(given[0], x.rank()));
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  const AxisView v = axis_view(x.dims, axis);
  kernel(x.data, v.outer, v.n, v.inner, kProduct, ctx.node().int_attr("exclusive", 0) != 0,
         ctx.node().int_attr("reverse", 0) != 0, y.data);
  return ok_status();
}

constexpr OpDef running_op(std::string_view name, RunFn run) {
  return {.name = name, .schema = {2, 2, 1, 1}, .infer = infer_like, .run = run, .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> arg_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "ArgMax", .infer = infer_arg, .run = in_float<run_arg<true>>, .cost = elementwise_cost},
      {.name = "ArgMin", .infer = infer_arg, .run = in_float<run_arg<false>>, .cost = elementwise_cost},
      running_op("CumProd", in_float<run_running<true>>),
      running_op("CumSum", in_float<run_running<false>>),
      {.name = "TopK",
       .schema = {1, 2, 1, 2},
       .infer = infer_top_k,
       .run = in_float<run_top_k>,
       .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
