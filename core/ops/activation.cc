// Activations: Relu, Clip, LeakyRelu, Sigmoid, Tanh, Gelu ... Source: ONNX operator specification; Clip-1/6 take their
// bounds from attributes, Clip-11 from inputs.
#include <algorithm>
#include <limits>
#include <string>

#include "core/base/parallel.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_elementwise.h"
#include "core/ops/move_util.h"
#include "core/ops/unary_run.h"

namespace halftone {
namespace {

Status run_gelu(RunContext& ctx) {
  const std::string mode = ctx.node().string_attr("approximate", "none");
  if (mode != "none" && mode != "tanh") return invalid_model("approximate must be none or tanh, not " + mode);
  return run_unary_function(ctx, mode == "tanh" ? Unary::kGeluTanh : Unary::kGelu);
}

// An element of any type that Clip takes.
union Bound {
  float f;
  double d;
  int64_t i;
  uint64_t u;
  uint8_t bytes[8];
};

// The lowest (highest) value of a type: no bound.
Bound open_bound(DType type, bool high) {
  const auto limit = [high](auto zero) {
    using Limits = std::numeric_limits<decltype(zero)>;
    return high ? Limits::max() : Limits::lowest();
  };
  Bound bound{};
  switch (type) {
    case DType::kFloat:
      bound.f = high ? std::numeric_limits<float>::infinity() : -std::numeric_limits<float>::infinity();
      break;
    case DType::kDouble:
      bound.d = high ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
      break;
    case DType::kInt64:
      bound.i = limit(int64_t{});
      break;
    case DType::kUint64:
      bound.u = limit(uint64_t{});
      break;
    default:  // narrower integers: the low bytes of their limit
      bound.i = static_cast<int64_t>(high ? dtype_info(type).highest : dtype_info(type).lowest);
  }
  return bound;
}

Result<Bound> clip_bound(const RunContext& ctx, DType type, bool high) {
  const size_t i = high ? 2 : 1;
  const char* name = high ? "max" : "min";
  Bound bound = open_bound(type, high);
  if (ctx.opset() < 11) {
    if (type == DType::kFloat) bound.f = ctx.node().float_attr(name, bound.f);
    if (type == DType::kDouble && ctx.node().has(name)) bound.d = ctx.node().float_attr(name, 0);
    return bound;
  }
  if (!ctx.has_input(i)) return bound;
  const View& given = ctx.input(i);
  if (given.dtype != type || given.size() != 1) {
    return invalid_model(std::string(name) + " must be one element of the input's type");
  }
  std::copy_n(given.bytes(), dtype_info(type).bits / 8, bound.bytes);
  return bound;
}

Status run_clip(RunContext& ctx) {
  const View& x = ctx.input(0);
  const ClipRow row = clip_row(x.dtype);
  if (row == nullptr) return unsupported("Clip of " + std::string(dtype_name(x.dtype)) + " elements");
  HT_ASSIGN(Bound low, clip_bound(ctx, x.dtype, false));
  HT_ASSIGN(Bound high, clip_bound(ctx, x.dtype, true));
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  const int64_t bytes = dtype_info(x.dtype).bits / 8;
  parallel_for(x.size(), 1 << 14, [&](int64_t begin, int64_t end) {
    row(x.bytes() + begin * bytes, y.bytes() + begin * bytes, end - begin, low.bytes, high.bytes);
  });
  return ok_status();
}

// In integer mode every function of one element is a table of 256 entries.
constexpr OpDef activation_op(std::string_view name, RunFn run, QuantRule quant, OpSchema schema = {}) {
  return {.name = name,
          .schema = schema,
          .infer = infer_like,
          .run = run,
          .quant = quant,
          .run_int8 = run_int8_table,
          .prepare_int8 = prepare_int8_table,
          .int8_applies = int8_table_applies,
          .cost = elementwise_cost};
}

constexpr QuantRule fixed_rule(float low, float high) {
  return {.kind = QuantKind::kFixedOutput, .fixed_low = low, .fixed_high = high};
}

}  // namespace

std::span<const OpDef> activation_ops() {
  static constexpr OpDef kOps[] = {
      activation_op("Celu", in_float<run_unary<Unary::kCelu>>, kElementwiseRule),
      activation_op("Clip", in_float<run_clip>, kPassThroughRule, {1, 3, 1, 1}),
      activation_op("Elu", in_float<run_unary<Unary::kElu>>, kElementwiseRule),
      activation_op("Gelu", in_float<run_gelu>, kElementwiseRule),
      activation_op("HardSigmoid", in_float<run_unary<Unary::kHardSigmoid>>, fixed_rule(0, 1)),
      activation_op("HardSwish", in_float<run_unary<Unary::kHardSwish>>, kElementwiseRule),
      activation_op("LeakyRelu", in_float<run_unary<Unary::kLeakyRelu>>, kElementwiseRule),
      activation_op("Mish", in_float<run_unary<Unary::kMish>>, kElementwiseRule),
      activation_op("Relu", in_float<run_unary<Unary::kRelu>>, kPassThroughRule),
      activation_op("Selu", in_float<run_unary<Unary::kSelu>>, kElementwiseRule),
      activation_op("Shrink", in_float<run_unary<Unary::kShrink>>, {}),
      activation_op("Sigmoid", in_float<run_unary<Unary::kSigmoid>>, fixed_rule(0, 1)),
      activation_op("Softplus", in_float<run_unary<Unary::kSoftplus>>, kElementwiseRule),
      activation_op("Softsign", in_float<run_unary<Unary::kSoftsign>>, fixed_rule(-1, 1)),
      activation_op("Swish", in_float<run_unary<Unary::kSwish>>, kElementwiseRule),
      activation_op("Tanh", in_float<run_unary<Unary::kTanh>>, fixed_rule(-1, 1)),
      activation_op("ThresholdedRelu", in_float<run_unary<Unary::kThresholdedRelu>>, kElementwiseRule),
  };
  return kOps;
}

}  // namespace halftone
