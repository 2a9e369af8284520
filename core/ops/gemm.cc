// Gemm: y = clamp(alpha * op(a) * op(b) + beta * c), op transposes where transA / transB say so; c broadcasts to the
// result. ONNX Gemm, opset 1 to 13 (opset 1 and 6 broadcast c only with attribute `broadcast`, which is not checked).
// alpha is folded into the packed b.
#include <array>
#include <string>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/int8_linear.h"
#include "core/ops/packed_matrix.h"
#include "core/ops/rare/wide_product.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

struct GemmForm {
  bool trans_a, trans_b;
  float alpha, beta;
  explicit GemmForm(const Node& node)
      : trans_a(node.int_attr("transA", 0) != 0),
        trans_b(node.int_attr("transB", 0) != 0),
        alpha(node.float_attr("alpha", 1.0f)),
        beta(node.float_attr("beta", 1.0f)) {}
};

Result<SymShape> gemm_shape(const Node& node, const SymShape& a, const SymShape& b) {
  if (!a.has_rank() || !b.has_rank()) return SymShape::unknown_dims(2);
  if (a.rank() != 2 || b.rank() != 2) {
    return invalid_model("Gemm takes matrices, got " + a.to_string() + " and " + b.to_string());
  }
  const GemmForm form(node);
  const Dim &ka = a[form.trans_a ? 0 : 1], &kb = b[form.trans_b ? 1 : 0];
  if (ka.known() && kb.known() && ka.value != kb.value) {
    return invalid_model("inner dimensions of " + a.to_string() + " and " + b.to_string() + " differ");
  }
  return SymShape({a[form.trans_a ? 1 : 0], b[form.trans_b ? 0 : 1]});
}

Status infer_gemm(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, gemm_shape(ctx.node(), ctx.shape(0), ctx.shape(1)));
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_gemm(PrepareContext& ctx) {
  const Tensor* b = ctx.constant(1);
  if (b == nullptr || b->dtype() != DType::kFloat || b->rank() != 2) return std::unique_ptr<OpState>();
  const GemmForm form(ctx.node());
  HT_ASSIGN(std::unique_ptr<OpState> state, pack_matrices(ctx, 1, form.trans_b, form.alpha));
  return state;
}

// Fills y with beta * c broadcast to it. Error: kInvalidModel where c does not broadcast.
Status fill_addend(const View& c, float beta, const MutView& y) {
  const auto dims = broadcast_dims(c.dims, y.dims);
  if (!dims || *dims != y.dims) {
    return invalid_model("addend " + to_string(c.dims) + " does not broadcast to " + to_string(y.dims));
  }
  if (c.dtype != DType::kFloat) return unsupported("Gemm with an addend of " + std::string(dtype_name(c.dtype)));
  const int64_t m = y.dims[0], n = y.dims[1];
  const int64_t columns = c.rank() > 0 ? c.dims.back() : 1, rows = c.rank() > 1 ? c.dims[0] : 1;
  const int64_t column_step = columns == 1 ? 0 : 1, row_step = rows == 1 ? 0 : columns;
  const float* from = c.as<float>();
  float* to = y.as<float>();
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) to[i * n + j] = beta * from[i * row_step + j * column_step];
  }
  return ok_status();
}

// Rows of op(a), as they lie or turned in scratch.
Result<const float*> gemm_left(RunContext& ctx, const GemmForm& form, int64_t m, int64_t k) {
  const float* a = ctx.input(0).as<float>();
  if (!form.trans_a) return a;
  HT_ASSIGN(void* scratch, ctx.scratch(m * k * static_cast<int64_t>(sizeof(float))));
  float* turned = static_cast<float*>(scratch);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t p = 0; p < k; ++p) turned[i * k + p] = a[p * m + i];
  }
  return turned;
}

Result<const float*> gemm_right(RunContext& ctx, const GemmForm& form, int64_t k, int64_t n) {
  if (ctx.state() != nullptr) return static_cast<const PackedMatrix*>(ctx.state())->matrix(0);
  HT_ASSIGN(void* scratch, ctx.scratch(packed_b_f32_size(k, n) * static_cast<int64_t>(sizeof(float))));
  float* packed = static_cast<float*>(scratch);
  pack_b_f32(ctx.input(1).as<float>(), k, n, form.trans_b ? 1 : n, form.trans_b ? k : 1, form.alpha, packed);
  return packed;
}

Status run_gemm(RunContext& ctx) {
  const View &a = ctx.input(0), &b = ctx.input(1);
  const GemmForm form(ctx.node());
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_gemm));
  const Dims& dims = specs[0].dims;
  const int64_t m = dims[0], n = dims[1], k = a.dims[form.trans_a ? 0 : 1];
  const bool addend = ctx.has_input(2) && form.beta != 0;
  if (a.dtype != DType::kFloat || b.dtype != DType::kFloat) {
    return run_wide_product(ctx, {.plan = {m, n, k, {0}, {0}, dims},
                                  .trans_a = form.trans_a,
                                  .trans_b = form.trans_b,
                                  .alpha = form.alpha,
                                  .beta = addend ? form.beta : 0});
  }
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, dims));
  if (addend) HT_TRY(fill_addend(ctx.input(2), form.beta, y));
  HT_ASSIGN(const float* left, gemm_left(ctx, form, m, k));
  HT_ASSIGN(const float* right, gemm_right(ctx, form, k, n));
  const Clamp clamp = node_clamp(ctx.node());
  gemm_f32(GemmF32{.m = m,
                   .n = n,
                   .k = k,
                   .a = left,
                   .lda = k,
                   .b = right,
                   .c = y.as<float>(),
                   .ldc = n,
                   .accumulate = addend,
                   .bias = nullptr,
                   .lo = clamp.lo,
                   .hi = clamp.hi});
  return ok_status();
}

Cost gemm_cost(const CostContext& ctx) {
  const Dim k = ctx.inputs[0].rank() == 2 ? ctx.inputs[0][GemmForm(ctx.node).trans_a ? 0 : 1] : Dim(1);
  return Cost{.macs = saturating_size(ctx.outputs[0], k.known() ? k.value : 1)};
}

// Integer arithmetic has bias scale s_x * s_w and no other factor.
bool gemm_quantizes(const Graph&, const Node& node) {
  const GemmForm form(node);
  return form.alpha == 1.0f && form.beta == 1.0f && !form.trans_a;
}

int gemm_channel_axis(const Node& node) { return GemmForm(node).trans_b ? 0 : 1; }

// --- integer mode -----------------------------------------------------------------------------

WeightOrder gemm_order(const Node& node) {
  return GemmForm(node).trans_b ? WeightOrder::kChannelsFirst : WeightOrder::kChannelsLast;
}

bool gemm_int8_applies(const PrepareContext& ctx) {
  const GemmForm form(ctx.node());
  const Tensor* b = ctx.constant(1);
  return form.alpha == 1.0f && form.beta == 1.0f && !form.trans_a && b != nullptr && b->rank() == 2 &&
         int8_linear_applies(ctx, gemm_order(ctx.node()));
}

Status run_gemm_int8(RunContext& ctx) {
  HT_ASSIGN(const auto specs, resolve_outputs(ctx, infer_gemm));
  HT_ASSIGN(MutView y, ctx.output(0, ctx.output_quant(0)->dtype, specs[0].dims));
  return int8_product(ctx, ctx.input(0).bytes(), y.dims[0], y.bytes());
}

constexpr std::array kRows = {
    OpDef{
        .name = "Gemm",
        .schema = {.min_inputs = 2, .max_inputs = 3},
        .infer = infer_gemm,
        .run = in_float<run_gemm>,
        .prepare = prepare_gemm,
        .quant = {.kind = QuantKind::kWeighted,
                  .weight_input = 1,
                  .bias_input = 2,
                  .applies = gemm_quantizes,
                  .channel_axis = gemm_channel_axis},
        .run_int8 = run_gemm_int8,
        .prepare_int8 = [](PrepareContext& ctx) { return prepare_int8_linear(ctx, gemm_order(ctx.node())); },
        .int8_applies = gemm_int8_applies,
        .cost = gemm_cost,
    },
};

}  // namespace

std::span<const OpDef> gemm_ops() { return kRows; }

}  // namespace halftone
