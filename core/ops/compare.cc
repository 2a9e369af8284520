// Comparisons, IsNaN, IsInf, Where. Source: ONNX operator specification.
#include <array>
#include <cmath>
#include <string>

#include "core/kernels/eltwise/broadcast.h"
#include "core/ops/binary_run.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

Status infer_compare(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, broadcast_inputs(ctx));
  ctx.set_output(0, DType::kBool, std::move(shape));
  return ok_status();
}

Status run_function(RunContext& ctx, Binary function) {
  HT_ASSIGN(MutView y, make_output(ctx, infer_compare));
  return apply_binary(function, aligned_input(ctx, 0), aligned_input(ctx, 1), y);
}

template <Binary kFunction>
Status run_compare(RunContext& ctx) {
  return run_function(ctx, kFunction);
}

Status infer_bool_like(InferContext& ctx) {
  ctx.set_output(0, DType::kBool, ctx.shape(0));
  return ok_status();
}

// y[i] = test(x[i]) for float and double.
template <typename Test>
Status run_test(RunContext& ctx, Test test) {
  const View& x = ctx.input(0);
  if (x.dtype != DType::kFloat && x.dtype != DType::kDouble) {
    return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)) + " elements");
  }
  HT_ASSIGN(MutView y, ctx.output(0, DType::kBool, x.dims));
  const auto fill = [&](auto* from) {
    for (int64_t i = 0; i < y.size(); ++i) y.as<bool>()[i] = test(from[i]);
  };
  if (x.dtype == DType::kFloat) {
    fill(x.as<float>());
  } else {
    fill(x.as<double>());
  }
  return ok_status();
}

Status run_is_nan(RunContext& ctx) {
  return run_test(ctx, [](auto v) { return v != v; });
}

Status run_is_inf(RunContext& ctx) {
  const bool negative = ctx.node().int_attr("detect_negative", 1) != 0;
  const bool positive = ctx.node().int_attr("detect_positive", 1) != 0;
  return run_test(ctx, [=](auto v) { return std::isinf(v) && (v < 0 ? negative : positive); });
}

Status infer_where(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, broadcast_inputs(ctx));
  ctx.set_output(0, ctx.dtype(1) != DType::kUndefined ? ctx.dtype(1) : ctx.dtype(2), std::move(shape));
  return ok_status();
}

Status run_where(RunContext& ctx) {
  const View &c = ctx.input(0), &a = ctx.input(1), &b = ctx.input(2);
  if (c.dtype != DType::kBool || a.dtype != b.dtype) return invalid_model("Where needs a bool and two of one type");
  HT_ASSIGN(MutView y, make_output(ctx, infer_where));
  if (y.size() == 0) return ok_status();
  const std::array<Dims, 3> operands = {c.dims, a.dims, b.dims};
  const BroadcastPlan plan = plan_broadcast(y.dims, operands);
  const auto& step = plan.row.step;
  if (a.dtype == DType::kString) {
    const auto *x0 = static_cast<const std::string*>(a.data), *x1 = static_cast<const std::string*>(b.data);
    auto* to = static_cast<std::string*>(y.data);
    for_each_row(plan, [&](const OperandSteps& at, int64_t out) {
      for (int64_t i = 0; i < plan.row.n; ++i) {
        to[out + i] = c.as<bool>()[at[0] + i * step[0]] ? x0[at[1] + i * step[1]] : x1[at[2] + i * step[2]];
      }
    });
    return ok_status();
  }
  HT_ASSIGN(const int64_t bytes, element_bytes(a.dtype));
  if (bytes > 8) return unsupported("Where of " + std::string(dtype_name(a.dtype)) + " elements");
  for_each_row(plan, [&](const OperandSteps& at, int64_t out) {
    select_row(bytes, c.as<bool>() + at[0], step[0], a.bytes() + at[1] * bytes, step[1], b.bytes() + at[2] * bytes,
               step[2], y.bytes() + out * bytes, plan.row.n);
  });
  return ok_status();
}

constexpr OpDef compare_op(std::string_view name, RunFn run) {
  return {.name = name, .schema = {2, 2, 1, 1}, .infer = infer_compare, .run = run, .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> compare_ops() {
  static constexpr OpDef kOps[] = {
      compare_op("Equal", in_float<run_compare<Binary::kEqual>>),
      compare_op("Greater", in_float<run_compare<Binary::kGreater>>),
      compare_op("GreaterOrEqual", in_float<run_compare<Binary::kGreaterOrEqual>>),
      compare_op("Less", in_float<run_compare<Binary::kLess>>),
      compare_op("LessOrEqual", in_float<run_compare<Binary::kLessOrEqual>>),
      {.name = "IsInf", .infer = infer_bool_like, .run = in_float<run_is_inf>, .cost = elementwise_cost},
      {.name = "IsNaN", .infer = infer_bool_like, .run = in_float<run_is_nan>, .cost = elementwise_cost},
      {.name = "Where", .schema = {3, 3, 1, 1}, .infer = infer_where, .run = run_where, .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
