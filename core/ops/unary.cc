// Exp, Log, Sqrt, Sin ...: functions of one element. Source: ONNX operator specification.
#include <string>

#include "core/base/parallel.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_elementwise.h"
#include "core/ops/move_util.h"
#include "core/ops/unary_run.h"

namespace halftone {

UnaryParams unary_params(Unary function, const Node& node) {
  switch (function) {
    case Unary::kCelu:
    case Unary::kElu:
    case Unary::kSwish:
    case Unary::kThresholdedRelu:
      return {node.float_attr("alpha", 1.0f)};
    case Unary::kHardSigmoid:
      return {node.float_attr("alpha", 0.2f), node.float_attr("beta", 0.5f)};
    case Unary::kLeakyRelu:
      return {node.float_attr("alpha", 0.01f)};
    case Unary::kSelu:
      return {node.float_attr("alpha", 1.67326319f), node.float_attr("gamma", 1.05070102f)};
    case Unary::kShrink:
      return {node.float_attr("lambd", 0.5f), node.float_attr("bias", 0.0f)};
    default:
      return {};
  }
}

Status run_unary_function(RunContext& ctx, Unary function) {
  const View& x = ctx.input(0);
  const UnaryRow row = unary_row(function, x.dtype);
  if (row == nullptr) {
    return unsupported(ctx.node().op_type + " of " + std::string(dtype_name(x.dtype)) + " elements");
  }
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  const UnaryParams params = unary_params(function, ctx.node());
  const int64_t bytes = dtype_info(x.dtype).bits / 8;
  parallel_for(x.size(), 1 << 14, [&](int64_t begin, int64_t end) {
    row(x.bytes() + begin * bytes, y.bytes() + begin * bytes, end - begin, params);
  });
  return ok_status();
}

namespace {

template <Unary kFunction>
constexpr OpDef unary_op(std::string_view name) {
  return {.name = name, .infer = infer_like, .run = in_float<run_unary<kFunction>>, .cost = elementwise_cost};
}

// A function of reals: in integer mode a table of 256 entries.
template <Unary kFunction>
constexpr OpDef real_op(std::string_view name) {
  return {.name = name,
          .infer = infer_like,
          .run = in_float<run_unary<kFunction>>,
          .run_int8 = run_int8_table,
          .prepare_int8 = prepare_int8_table,
          .int8_applies = int8_table_applies,
          .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> unary_ops() {
  static constexpr OpDef kOps[] = {
      real_op<Unary::kAbs>("Abs"),     real_op<Unary::kAcos>("Acos"),
      real_op<Unary::kAcosh>("Acosh"), real_op<Unary::kAsin>("Asin"),
      real_op<Unary::kAsinh>("Asinh"), real_op<Unary::kAtan>("Atan"),
      real_op<Unary::kAtanh>("Atanh"), unary_op<Unary::kBitwiseNot>("BitwiseNot"),
      real_op<Unary::kCeil>("Ceil"),   real_op<Unary::kCos>("Cos"),
      real_op<Unary::kCosh>("Cosh"),   real_op<Unary::kErf>("Erf"),
      real_op<Unary::kExp>("Exp"),     real_op<Unary::kFloor>("Floor"),
      real_op<Unary::kLog>("Log"),     real_op<Unary::kNeg>("Neg"),
      unary_op<Unary::kNot>("Not"),    real_op<Unary::kReciprocal>("Reciprocal"),
      real_op<Unary::kRound>("Round"), real_op<Unary::kSign>("Sign"),
      real_op<Unary::kSin>("Sin"),     real_op<Unary::kSinh>("Sinh"),
      real_op<Unary::kSqrt>("Sqrt"),   real_op<Unary::kTan>("Tan"),
  };
  return kOps;
}

}  // namespace halftone
