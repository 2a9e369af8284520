// Softmax, LogSoftmax, Hardmax. Below opset 13 the input is flattened to two dims at `axis` (default 1); from 13 on it
// is one axis (default the last). Source: ONNX operator specification.
#include "core/kernels/reduce/softmax.h"

#include <algorithm>
#include <string>

#include "core/kernels/reduce/reduce.h"
#include "core/ops/axis_view.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"

namespace halftone {
namespace {

Result<AxisView> softmax_view(const RunContext& ctx) {
  const Dims& dims = ctx.input(0).dims;
  const int64_t rank = static_cast<int64_t>(dims.size());
  const int64_t given = ctx.node().int_attr("axis", ctx.opset() < 13 ? 1 : -1);
  if (ctx.opset() < 13 && given == rank) return flat_view(dims, rank);
  if (rank == 0) return AxisView{};
  HT_ASSIGN(const int64_t axis, axis_in_rank(given, rank));
  return ctx.opset() < 13 ? flat_view(dims, axis) : axis_view(dims, axis);
}

template <bool kLog>
Status run_softmax(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(AxisView v, softmax_view(ctx));
  if (x.dtype != DType::kFloat && x.dtype != DType::kDouble) {
    return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)) + " elements");
  }
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  if (x.size() == 0) return ok_status();
  if (x.dtype == DType::kFloat) {
    (kLog ? log_softmax_f32 : softmax_f32)(x.as<float>(), v.outer, v.n, v.inner, y.as<float>());
  } else {
    softmax_f64(x.as<double>(), v.outer, v.n, v.inner, kLog, y.as<double>());
  }
  return ok_status();
}

// 1 at the first largest element, 0 elsewhere.
Status run_hardmax(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(AxisView v, softmax_view(ctx));
  if (x.dtype != DType::kFloat) return unsupported("Hardmax of " + std::string(dtype_name(x.dtype)) + " elements");
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  if (x.size() == 0) return ok_status();
  HT_ASSIGN(void* block, ctx.scratch(v.outer * v.inner * static_cast<int64_t>(sizeof(int64_t))));
  int64_t* best = static_cast<int64_t*>(block);
  arg_axis(x.dtype)(x.data, v.outer, v.n, v.inner, true, false, best);
  std::fill_n(y.as<float>(), y.size(), 0.0f);
  for (int64_t i = 0; i < v.outer * v.inner; ++i) {
    y.as<float>()[(i / v.inner * v.n + best[i]) * v.inner + i % v.inner] = 1.0f;
  }
  return ok_status();
}

}  // namespace

std::span<const OpDef> softmax_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "Softmax",
       .infer = infer_like,
       .run = in_float<run_softmax<false>>,
       .quant = {.kind = QuantKind::kFixedOutput, .fixed_low = 0, .fixed_high = 1},
       .cost = elementwise_cost},
      {.name = "LogSoftmax", .infer = infer_like, .run = in_float<run_softmax<true>>, .cost = elementwise_cost},
      {.name = "Hardmax", .infer = infer_like, .run = in_single<run_hardmax>, .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
