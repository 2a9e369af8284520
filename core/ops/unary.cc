// Exp, Log, Sqrt, Sin ...: functions of one element. Source: ONNX operator specification.
#include <string>

#include "core/base/parallel.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
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

}  // namespace

std::span<const OpDef> unary_ops() {
  static constexpr OpDef kOps[] = {
      unary_op<Unary::kAbs>("Abs"),     unary_op<Unary::kAcos>("Acos"),
      unary_op<Unary::kAcosh>("Acosh"), unary_op<Unary::kAsin>("Asin"),
      unary_op<Unary::kAsinh>("Asinh"), unary_op<Unary::kAtan>("Atan"),
      unary_op<Unary::kAtanh>("Atanh"), unary_op<Unary::kBitwiseNot>("BitwiseNot"),
      unary_op<Unary::kCeil>("Ceil"),   unary_op<Unary::kCos>("Cos"),
      unary_op<Unary::kCosh>("Cosh"),   unary_op<Unary::kErf>("Erf"),
      unary_op<Unary::kExp>("Exp"),     unary_op<Unary::kFloor>("Floor"),
      unary_op<Unary::kLog>("Log"),     unary_op<Unary::kNeg>("Neg"),
      unary_op<Unary::kNot>("Not"),     unary_op<Unary::kReciprocal>("Reciprocal"),
      unary_op<Unary::kRound>("Round"), unary_op<Unary::kSign>("Sign"),
      unary_op<Unary::kSin>("Sin"),     unary_op<Unary::kSinh>("Sinh"),
      unary_op<Unary::kSqrt>("Sqrt"),   unary_op<Unary::kTan>("Tan"),
  };
  return kOps;
}

}  // namespace halftone
