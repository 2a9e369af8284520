// Add, Sub, Mul, Div, Pow, Mod, PRelu, bitwise and logical operators of two inputs; Min, Max, Sum, Mean of any number.
// Source: ONNX operator specification; below opset 7 attribute `axis` says where the second input goes.
#include <string>

#include "core/base/checked.h"
#include "core/kernels/eltwise/unary.h"
#include "core/ops/binary_run.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_elementwise.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// --- contents of shape tensors: the symbol stays where the number changes nothing --------------------------------
Dim combine(Binary function, const Dim& a, const Dim& b) {
  const auto x = content_literal(a), y = content_literal(b);
  if (x && y) {
    std::optional<int64_t> r;
    switch (function) {
      case Binary::kAdd:
        r = checked_add(*x, *y);
        break;
      case Binary::kSub:
        r = checked_add(*x, -*y);
        break;
      case Binary::kMul:
        r = checked_mul(*x, *y);
        break;
      case Binary::kDiv:
        if (*y != 0) r = *x / *y;
        break;
      default:
        break;
    }
    return r ? content_dim(*r) : Dim();
  }
  const bool additive = function == Binary::kAdd || function == Binary::kSub;
  const int64_t neutral = additive ? 0 : 1;
  if (y == neutral && (additive || function == Binary::kMul || function == Binary::kDiv)) return a;
  if (x == neutral && (function == Binary::kAdd || function == Binary::kMul)) return b;
  return Dim();
}

Status infer_function(InferContext& ctx, Binary function) {
  HT_TRY(infer_broadcast(ctx));
  if (ctx.dtype(0) != DType::kInt64 && ctx.dtype(0) != DType::kInt32) return ok_status();
  if (!is_list(ctx.shape(0)) || !is_list(ctx.shape(1))) return ok_status();
  const auto a = ctx.shape_contents(0), b = ctx.shape_contents(1);
  if (!a || !b || a->empty() || b->empty()) return ok_status();
  if (a->size() != b->size() && a->size() != 1 && b->size() != 1) return ok_status();
  std::vector<Dim> out;
  for (size_t i = 0; i < std::max(a->size(), b->size()); ++i) {
    out.push_back(combine(function, (*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]));
  }
  ctx.set_output_contents(0, std::move(out));
  return ok_status();
}

template <Binary kFunction>
Status infer_arithmetic(InferContext& ctx) {
  return infer_function(ctx, kFunction);
}

// --- running ------------------------------------------------------------------------------------------------------
Status run_function(RunContext& ctx, Binary function) {
  HT_ASSIGN(MutView y, make_output(ctx, infer_broadcast));
  HT_TRY(apply_binary(function, aligned_input(ctx, 0), aligned_input(ctx, 1), y));
  return clamp_output(ctx, y);
}

template <Binary kFunction>
Status run_binary(RunContext& ctx) {
  return run_function(ctx, kFunction);
}

Status run_mod(RunContext& ctx) {
  const bool fmod = ctx.node().int_attr("fmod", 0) != 0;
  if (!fmod && is_float(ctx.input(0).dtype)) return invalid_model("Mod of float elements needs fmod = 1");
  HT_ASSIGN(MutView y, make_output(ctx, infer_broadcast));
  return apply_binary(fmod ? Binary::kFmod : Binary::kMod, ctx.input(0), ctx.input(1), y);
}

Status run_shift(RunContext& ctx) {
  const std::string direction = ctx.node().string_attr("direction", "");
  if (direction != "LEFT" && direction != "RIGHT") return invalid_model("direction must be LEFT or RIGHT");
  HT_ASSIGN(MutView y, make_output(ctx, infer_broadcast));
  return apply_binary(direction == "LEFT" ? Binary::kShiftLeft : Binary::kShiftRight, ctx.input(0), ctx.input(1), y);
}

// The slope broadcasts to the input, never the other way round; opset < 7 allows one slope per channel without
// the trailing ones.
Status infer_prelu(InferContext& ctx) {
  SymShape slope = ctx.shape(1);
  const SymShape& x = ctx.shape(0);
  if (ctx.opset() < 7 && x.has_rank() && slope.has_rank() && slope.rank() == 1 && x.rank() > 2) {
    std::vector<Dim> dims(static_cast<size_t>(x.rank() - 1), Dim(1));
    dims[0] = slope[0];
    slope = SymShape(std::move(dims));
  }
  HT_ASSIGN(SymShape out, broadcast_shapes(x, slope));
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_prelu(RunContext& ctx) {
  const View& x = ctx.input(0);
  View slope = ctx.input(1);
  if (ctx.opset() < 7 && slope.rank() == 1 && x.rank() > 2) slope.dims.resize(static_cast<size_t>(x.rank() - 1), 1);
  HT_ASSIGN(MutView y, make_output(ctx, infer_prelu));
  if (y.dims != x.dims) return invalid_model("slope of shape " + to_string(slope.dims) + " does not broadcast to x");
  return apply_binary(Binary::kPRelu, x, slope, y);
}

// Folds all inputs into the output with one function; Mean divides by their number.
Status run_fold(RunContext& ctx, Binary function, bool mean) {
  HT_ASSIGN(MutView y, make_output(ctx, infer_broadcast));
  if (ctx.input_count() == 1) {
    HT_TRY(move_elements(y, dense_place(y.dims), ctx.input(0), dense_place(y.dims), y.dims));
  } else {
    HT_TRY(apply_binary(function, aligned_input(ctx, 0), aligned_input(ctx, 1), y));
    for (size_t i = 2; i < ctx.input_count(); ++i) HT_TRY(apply_binary(function, y, ctx.input(i), y));
  }
  if (!mean) return ok_status();
  if (y.dtype != DType::kFloat) return unsupported("Mean of " + std::string(dtype_name(y.dtype)) + " elements");
  const float count = static_cast<float>(ctx.input_count());
  return apply_binary(Binary::kDiv, y, View{DType::kFloat, {}, &count}, y);
}

template <Binary kFunction, bool kMean = false>
Status run_variadic(RunContext& ctx) {
  return run_fold(ctx, kFunction, kMean);
}

// The one division that is faster on integers: by one number, through a table.
bool divides_by_constant(const Graph& graph, const Node& node) {
  if (node.inputs.size() != 2) return false;
  const Tensor& divisor = graph.value(node.inputs[1]).constant;
  return divisor.defined() && divisor.size() == 1;
}

constexpr OpDef binary_op(std::string_view name, InferFn infer, RunFn run, QuantRule quant = {}) {
  return {.name = name, .schema = {2, 2, 1, 1}, .infer = infer, .run = run, .quant = quant, .cost = elementwise_cost};
}
template <Binary kFunction>
constexpr OpDef arithmetic_op(std::string_view name, RunFn run_int8) {
  return {.name = name,
          .schema = {2, 2, 1, 1},
          .infer = infer_arithmetic<kFunction>,
          .run = in_float<run_binary<kFunction>>,
          .quant = kElementwiseRule,
          .run_int8 = run_int8,
          .int8_applies = int8_binary_applies,
          .cost = elementwise_cost};
}
constexpr OpDef variadic_op(std::string_view name, RunFn run, QuantRule quant = {}) {
  return {.name = name,
          .schema = {1, -1, 1, 1},
          .infer = infer_broadcast,
          .run = run,
          .quant = quant,
          .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> binary_ops() {
  static constexpr OpDef kOps[] = {
      arithmetic_op<Binary::kAdd>("Add", run_int8_add),
      binary_op("And", infer_broadcast, run_binary<Binary::kAnd>),
      binary_op("BitShift", infer_broadcast, run_shift),
      binary_op("BitwiseAnd", infer_broadcast, run_binary<Binary::kBitwiseAnd>),
      binary_op("BitwiseOr", infer_broadcast, run_binary<Binary::kBitwiseOr>),
      binary_op("BitwiseXor", infer_broadcast, run_binary<Binary::kBitwiseXor>),
      {.name = "Div",
       .schema = {2, 2, 1, 1},
       .infer = infer_arithmetic<Binary::kDiv>,
       .run = in_float<run_binary<Binary::kDiv>>,
       .quant = {.kind = QuantKind::kElementwise, .applies = divides_by_constant},
       .run_int8 = run_int8_table,
       .prepare_int8 = prepare_int8_table,
       .int8_applies = int8_table_applies,
       .cost = elementwise_cost},
      variadic_op("Max", in_float<run_variadic<Binary::kMax>>),
      variadic_op("Mean", in_single<run_variadic<Binary::kAdd, true>>),
      variadic_op("Min", in_float<run_variadic<Binary::kMin>>),
      binary_op("Mod", infer_broadcast, in_float<run_mod>),
      arithmetic_op<Binary::kMul>("Mul", run_int8_mul),
      binary_op("Or", infer_broadcast, run_binary<Binary::kOr>),
      binary_op("Pow", infer_broadcast, in_float<run_binary<Binary::kPow>>),
      binary_op("PRelu", infer_prelu, in_float<run_prelu>, kElementwiseRule),
      arithmetic_op<Binary::kSub>("Sub", run_int8_sub),
      variadic_op("Sum", in_float<run_variadic<Binary::kAdd>>, kElementwiseRule),
      binary_op("Xor", infer_broadcast, run_binary<Binary::kXor>),
  };
  return kOps;
}

}  // namespace halftone
