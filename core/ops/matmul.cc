// MatMul: numpy.matmul with broadcast stacks, y = clamp(a * b). ONNX MatMul, opset 1 to 13.
// A constant b is packed once, any other b matrix by matrix at run time.
#include <array>
#include <string>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"
#include "core/ops/matmul_util.h"
#include "core/ops/packed_matrix.h"
#include "core/ops/qlinear.h"

namespace halftone {
namespace {

Status infer_matmul(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, matmul_shape(ctx.shape(0), ctx.shape(1)));
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_matmul(PrepareContext& ctx) {
  const Tensor* b = ctx.constant(1);
  if (b == nullptr || b->dtype() != DType::kFloat || b->rank() == 0) return std::unique_ptr<OpState>();
  const Tensor matrix = b->rank() == 1 ? b->reshaped({b->size(), 1}) : *b;
  HT_ASSIGN(std::unique_ptr<OpState> state, pack_matrices(matrix, false, 1.0f));
  return state;
}

Status run_matmul(RunContext& ctx) {
  const View &a = ctx.input(0), &b = ctx.input(1);
  if (a.dtype != DType::kFloat || b.dtype != DType::kFloat) {
    return unsupported("MatMul on " + std::string(dtype_name(a.dtype)));
  }
  HT_ASSIGN(MatMulPlan plan, plan_matmul(a.dims, b.dims));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
  const auto* state = static_cast<const PackedMatrix*>(ctx.state());
  float* packed = nullptr;
  if (state == nullptr) {
    HT_ASSIGN(void* scratch, ctx.scratch(packed_b_f32_size(plan.k, plan.n) * static_cast<int64_t>(sizeof(float))));
    packed = static_cast<float*>(scratch);
  }
  const Clamp clamp = node_clamp(ctx.node());
  int64_t packed_index = -1;
  for (size_t i = 0; i < plan.a_index.size(); ++i) {
    if (state == nullptr && packed_index != plan.b_index[i]) {
      packed_index = plan.b_index[i];
      pack_b_f32(b.as<float>() + packed_index * plan.k * plan.n, plan.k, plan.n, plan.n, 1, 1.0f, packed);
    }
    gemm_f32(GemmF32{.m = plan.m,
                     .n = plan.n,
                     .k = plan.k,
                     .a = a.as<float>() + plan.a_index[i] * plan.m * plan.k,
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

bool matmul_quantizes(const Graph& graph, const Node& node) {
  const ValueId b = node.input(1);
  return b != kNoValue && graph.value(b).is_constant() && graph.value(b).constant.rank() == 2;
}

// --- integer mode: a constant matrix on the right ------------------------------------------------

bool matmul_int8_applies(const PrepareContext& ctx) { return int8_linear_applies(ctx, WeightOrder::kChannelsLast); }

Result<std::unique_ptr<OpState>> prepare_matmul_int8(PrepareContext& ctx) {
  return prepare_int8_linear(ctx, WeightOrder::kChannelsLast);
}

Status run_matmul_int8(RunContext& ctx) {
  HT_ASSIGN(MatMulPlan plan, plan_matmul(ctx.input(0).dims, ctx.input(1).dims));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, plan.output_dims));
  return int8_product(ctx, ctx.input(0).bytes(), plan.m, y.bytes());
}

constexpr std::array kRows = {
    OpDef{
        .name = "MatMul",
        .schema = {.min_inputs = 2, .max_inputs = 2},
        .infer = infer_matmul,
        .run = in_float<run_matmul>,
        .prepare = prepare_matmul,
        .quant =
            {.kind = QuantKind::kWeighted, .weight_input = 1, .weight_channel_axis = 1, .applies = matmul_quantizes},
        .run_int8 = run_matmul_int8,
        .prepare_int8 = prepare_matmul_int8,
        .int8_applies = matmul_int8_applies,
        .cost = matmul_cost,
    },
    OpDef{.name = "MatMulInteger",
          .since = 10,
          .schema = {.min_inputs = 2, .max_inputs = 4},
          .infer = infer_matmul_integer,
          .run = run_matmul_integer,
          .cost = matmul_cost},
    OpDef{.name = "QLinearMatMul",
          .since = 10,
          .schema = {.min_inputs = 8, .max_inputs = 8},
          .infer = infer_qlinear_matmul,
          .run = in_float<run_qlinear_matmul>,
          .cost = matmul_cost},
};

}  // namespace

std::span<const OpDef> matmul_ops() { return kRows; }

}  // namespace halftone
