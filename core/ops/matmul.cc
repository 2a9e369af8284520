// MatMul: numpy.matmul with broadcast stacks, y = clamp(a * b). ONNX MatMul, opset 1 to 13; com.microsoft FusedMatMul.
// A constant b is packed once, any other b matrix by matrix at run time.
#include <algorithm>
#include <array>
#include <string>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/gemm/product_int8.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"
#include "core/ops/integer_product.h"
#include "core/ops/matmul_util.h"
#include "core/ops/packed_matrix.h"
#include "core/ops/qlinear.h"
#include "core/ops/rare/wide_product.h"

namespace halftone {
namespace {

// What com.microsoft FusedMatMul adds: alpha * op(a) * op(b), op transposes the last two axes.
struct MatMulForm {
  bool trans_a = false, trans_b = false;
  float alpha = 1.0f;
};

MatMulForm fused_form(const Node& node) {
  return {node.int_attr("transA", 0) != 0, node.int_attr("transB", 0) != 0, node.float_attr("alpha", 1.0f)};
}

// The shape that op gives. Vectors stay.
template <typename Shape>
Shape turned(Shape shape, bool transposed, int64_t rank) {
  if (transposed && rank >= 2) std::swap(shape[static_cast<size_t>(rank - 1)], shape[static_cast<size_t>(rank - 2)]);
  return shape;
}

Status infer_product(InferContext& ctx, const MatMulForm& form) {
  const auto shape_of = [&](size_t i, bool transposed) {
    const SymShape& s = ctx.shape(i);
    return s.has_rank() ? SymShape(turned(s.dims(), transposed, s.rank())) : s;
  };
  HT_ASSIGN(SymShape shape, matmul_shape(shape_of(0, form.trans_a), shape_of(1, form.trans_b)));
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_product(PrepareContext& ctx, const MatMulForm& form) {
  const Tensor* b = ctx.constant(1);
  if (b == nullptr || b->dtype() != DType::kFloat || b->rank() == 0) return std::unique_ptr<OpState>();
  HT_ASSIGN(std::unique_ptr<OpState> state, pack_matrices(ctx, 1, form.trans_b, form.alpha));
  return state;
}

// All of a's matrices [k][m] as [m][k].
Result<const float*> turned_left(RunContext& ctx, const View& a) {
  HT_ASSIGN(void* scratch, ctx.scratch(a.size() * static_cast<int64_t>(sizeof(float))));
  float* out = static_cast<float*>(scratch);
  const int64_t m = a.dims.back(), k = a.dims[a.dims.size() - 2], size = a.size();
  const float* in = a.as<float>();
  for (int64_t at = 0; at < size; at += m * k) {
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t p = 0; p < k; ++p) out[at + i * k + p] = in[at + p * m + i];
    }
  }
  return out;
}

Status run_product(RunContext& ctx, const MatMulForm& form) {
  const View &a = ctx.input(0), &b = ctx.input(1);
  HT_ASSIGN(const MatMulPlan* planned,
            matmul_plan(ctx, turned(a.dims, form.trans_a, a.rank()), turned(b.dims, form.trans_b, b.rank())));
  const MatMulPlan& plan = *planned;
  if (a.dtype != DType::kFloat || b.dtype != DType::kFloat) {
    return run_wide_product(ctx, {.plan = plan,
                                  .trans_a = form.trans_a && a.rank() >= 2,
                                  .trans_b = form.trans_b && b.rank() >= 2,
                                  .alpha = form.alpha});
  }
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
  const float* left = a.as<float>();
  if (form.trans_a && a.rank() >= 2) {
    HT_ASSIGN(left, turned_left(ctx, a));
  }
  const auto* state = static_cast<const PackedMatrix*>(ctx.state());
  float* packed = nullptr;
  if (state == nullptr) {
    HT_ASSIGN(void* scratch, ctx.scratch(packed_b_f32_size(plan.k, plan.n) * static_cast<int64_t>(sizeof(float))));
    packed = static_cast<float*>(scratch);
  }
  const bool columns_first = form.trans_b && b.rank() >= 2;
  const Clamp clamp = node_clamp(ctx.node());
  int64_t packed_index = -1;
  for (size_t i = 0; i < plan.a_index.size(); ++i) {
    if (state == nullptr && packed_index != plan.b_index[i]) {
      packed_index = plan.b_index[i];
      pack_b_f32(b.as<float>() + packed_index * plan.k * plan.n, plan.k, plan.n, columns_first ? 1 : plan.n,
                 columns_first ? plan.k : 1, form.alpha, packed);
    }
    gemm_f32(GemmF32{.m = plan.m,
                     .n = plan.n,
                     .k = plan.k,
                     .a = left + plan.a_index[i] * plan.m * plan.k,
                     .lda = plan.k,
                     .b = state != nullptr ? state->matrix(plan.b_index[i]) : packed,
                     .c = y.as<float>() + static_cast<int64_t>(i) * plan.m * plan.n,
                     .ldc = plan.n,
                     .accumulate = false,
                     .bias = nullptr,
                     .lo = clamp.lo,
                     .hi = clamp.hi});
  }
  return ok_status();
}

Status run_matmul(RunContext& ctx) { return run_product(ctx, {}); }

Status run_fused_matmul(RunContext& ctx) {
  for (const char* name : {"transBatchA", "transBatchB"}) {
    if (ctx.node().int_attr(name, 0) != 0) return unsupported("FusedMatMul with " + std::string(name));
  }
  return run_product(ctx, fused_form(ctx.node()));
}

// Weights are matrices; two activations are quantized like those of any other operator.
bool matmul_quantizes(const Graph& graph, const Node& node) {
  const ValueId b = node.input(1);
  return b != kNoValue && (!graph.value(b).is_constant() || graph.value(b).constant.rank() == 2);
}

// --- integer mode: a constant matrix on the right, or two activations -----------------------------

bool has_int8_weight(const PrepareContext& ctx) { return int8_linear_applies(ctx, WeightOrder::kChannelsLast); }

// k as far as it is known: beyond kMaxProductInt8 sums may leave 32 bits.
bool is_short(const PrepareContext& ctx) {
  const SymShape& a = ctx.input_shape(0);
  return !a.has_rank() || a.rank() < 1 || a[a.rank() - 1].value <= kMaxProductInt8;
}

bool matmul_int8_applies(const PrepareContext& ctx) {
  if (has_int8_weight(ctx)) return true;
  return is_int8_per_tensor(ctx.input_quant(0)) && is_int8_per_tensor(ctx.input_quant(1)) &&
         is_int8_per_tensor(ctx.output_quant(0)) && is_short(ctx);
}

Result<std::unique_ptr<OpState>> prepare_matmul_int8(PrepareContext& ctx) {
  if (!has_int8_weight(ctx)) return std::unique_ptr<OpState>();
  return prepare_int8_linear(ctx, WeightOrder::kChannelsLast);
}

Status run_matmul_int8(RunContext& ctx) {
  HT_ASSIGN(const MatMulPlan* planned, matmul_plan(ctx, ctx.input(0).dims, ctx.input(1).dims));
  const MatMulPlan& plan = *planned;
  const QuantParams &a = *ctx.input_quant(0), &b = *ctx.input_quant(1), &out = *ctx.output_quant(0);
  HT_ASSIGN(MutView y, ctx.output(0, out.dtype, plan.output_dims));
  if (ctx.state() != nullptr) return int8_product(ctx, ctx.input(0).bytes(), plan.m, y.bytes());
  const int64_t columns = (plan.n + 7) / 8 * 8;
  HT_ASSIGN(void* scratch, ctx.scratch(columns * static_cast<int64_t>(sizeof(float))));
  float* multiplier = static_cast<float*>(scratch);
  std::fill_n(multiplier, columns, a.scale[0] * b.scale[0] / out.scale[0]);
  return run_integer_product(ctx, {.plan = plan,
                                   .a = ctx.input(0),
                                   .b = ctx.input(1),
                                   .a_zero = a.zero_point[0],
                                   .b_zero = b.zero_point,
                                   .multiplier = multiplier,
                                   .range = requant_range(out, ctx.node()),
                                   .signed_output = out.dtype == DType::kInt8,
                                   .c = y.data});
}

constexpr std::array kRows = {
    OpDef{
        .name = "MatMul",
        .schema = {.min_inputs = 2, .max_inputs = 2},
        .infer = [](InferContext& ctx) { return infer_product(ctx, {}); },
        .run = in_float<run_matmul>,
        .prepare = [](PrepareContext& ctx) { return prepare_product(ctx, {}); },
        .quant = {.kind = QuantKind::kWeighted,
                  .weight_input = 1,
                  .weight_channel_axis = 1,
                  .open_weight = true,
                  .applies = matmul_quantizes},
        .run_int8 = run_matmul_int8,
        .prepare_int8 = prepare_matmul_int8,
        .int8_applies = matmul_int8_applies,
        .cost = matmul_cost,
    },
    OpDef{.name = "FusedMatMul",
          .domain = "com.microsoft",
          .schema = {.min_inputs = 2, .max_inputs = 2},
          .infer = [](InferContext& ctx) { return infer_product(ctx, fused_form(ctx.node())); },
          .run = in_float<run_fused_matmul>,
          .prepare = [](PrepareContext& ctx) { return prepare_product(ctx, fused_form(ctx.node())); },
          .cost =
              [](const CostContext& ctx) {
                const SymShape& a = ctx.inputs[0];
                const int64_t at = fused_form(ctx.node).trans_a && a.rank() > 1 ? a.rank() - 2 : a.rank() - 1;
                return Cost{.macs = saturating_size(ctx.outputs[0], a.rank() > 0 && a[at].known() ? a[at].value : 1)};
              }},
    OpDef{.name = "MatMulInteger",
          .since = 10,
          .schema = {.min_inputs = 2, .max_inputs = 4},
          .infer = infer_matmul_integer,
          .run = run_matmul_integer,
          .prepare = prepare_matmul_integer,
          .cost = matmul_cost},
    OpDef{.name = "QLinearMatMul",
          .since = 10,
          .schema = {.min_inputs = 8, .max_inputs = 8},
          .infer = infer_qlinear_matmul,
          .run = in_float<run_qlinear_matmul>,
          .prepare = prepare_qlinear_matmul,
          .cost = matmul_cost},
};

}  // namespace

std::span<const OpDef> matmul_ops() { return kRows; }

}  // namespace halftone
