// Integer products with real results (com.microsoft):
//   MatMulIntegerToFloat   y = (a - za) * (b - zb) * sa * sb + bias
//   DynamicQuantizeMatMul  the same with a quantized to uint8 here, as DynamicQuantizeLinear does it
//   QGemm                  y = alpha * (op(a) - za) * (op(b) - zb) * sa * sb + c, real or quantized; c counts sa * sb
// Scales and zero points: one for a; one, or one per column, for b. Reference: ONNX Runtime, ContribOperators.md.
#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "core/kernels/quant/quantize.h"
#include "core/kernels/simd.h"
#include "core/ops/conv_util.h"
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/integer_product.h"

namespace halftone {
namespace {

// --- arguments --------------------------------------------------------------------------------

bool is_8bit(DType t) { return t == DType::kInt8 || t == DType::kUint8; }

// Zero points of an 8-bit tensor; {0} where the input is absent.
Result<std::vector<int32_t>> zeros(const RunContext& ctx, size_t i, const View& of) {
  if (!is_8bit(of.dtype)) return unsupported(ctx.node().op_type + " on " + std::string(dtype_name(of.dtype)));
  if (!ctx.has_input(i)) return std::vector<int32_t>{0};
  const View& zero = ctx.input(i);
  if (zero.dtype != of.dtype) return invalid_model("a zero point has another type than its tensor");
  std::vector<int32_t> out;
  for (int64_t j = 0; j < zero.size(); ++j) {
    out.push_back(packed_get(zero.bytes(), j, 8, zero.dtype == DType::kInt8));
  }
  return out;
}

Result<float> one_scale(const RunContext& ctx, size_t i) {
  const View& scale = ctx.input(i);
  if (scale.dtype == DType::kFloat && scale.size() == 1) return scale.as<float>()[0];
  return unsupported(ctx.node().op_type + " with scales " + to_string(scale.dims) + " for its activations");
}

// a_scale * b_scale by column, filled up to a multiple of 8.
Result<std::vector<float>> column_scales(const RunContext& ctx, float a_scale, size_t i, int64_t n) {
  const View& b = ctx.input(i);
  if (b.dtype != DType::kFloat || (b.size() != 1 && b.size() != n)) {
    return unsupported(ctx.node().op_type + " with scales " + to_string(b.dims) + " for " + std::to_string(n) +
                       " columns");
  }
  std::vector<float> out(static_cast<size_t>((n + 7) / 8 * 8), 0.0f);
  for (int64_t j = 0; j < n; ++j) out[static_cast<size_t>(j)] = a_scale * b.as<float>()[b.size() == 1 ? 0 : j];
  return out;
}

// The bias by column, filled up likewise; zeros where the input is absent.
Result<std::vector<float>> column_bias(const RunContext& ctx, size_t i, int64_t n) {
  std::vector<float> out(static_cast<size_t>((n + 7) / 8 * 8), 0.0f);
  if (!ctx.has_input(i)) return out;
  const View& bias = ctx.input(i);
  if (bias.dtype != DType::kFloat || bias.size() != n) return invalid_model("the bias needs one float per column");
  std::copy(bias.as<float>(), bias.as<float>() + n, out.begin());
  return out;
}

// Sums become reals where they lie.
void scale_sums(const MutView& y, int64_t n, const std::vector<float>& scale, const std::vector<float>& bias) {
  float* row = y.as<float>();
  for (int64_t rows = n > 0 ? y.size() / n : 0; rows > 0; --rows, row += n) {
    int64_t j = 0;
    for (; j + 4 <= n; j += 4) {
      const f32x4 v = to_float(load<i32x4>(row + j));
      store(row + j, v * load<f32x4>(scale.data() + j) + load<f32x4>(bias.data() + j));
    }
    for (; j < n; ++j) {
      int32_t sum;
      std::memcpy(&sum, row + j, sizeof(sum));
      row[j] = static_cast<float>(sum) * scale[static_cast<size_t>(j)] + bias[static_cast<size_t>(j)];
    }
  }
}

Status infer_real(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, matmul_shape(ctx.shape(0), ctx.shape(1)));
  ctx.set_output(0, DType::kFloat, std::move(shape));
  return ok_status();
}

Result<std::unique_ptr<OpState>> prepare_right(PrepareContext& ctx, size_t b, size_t zero, WeightOrder order) {
  if (ctx.node().input(zero) != kNoValue && ctx.constant(zero) == nullptr) return std::unique_ptr<OpState>();
  return prepare_integer_right(ctx, b, ctx.constant(zero), order);
}

// The product with b at input 1 as reals; inputs of b's scale, b's zero point and the bias.
Status real_product(RunContext& ctx, const View& a, int32_t a_zero, float a_scale, size_t b_scale, size_t b_zero,
                    size_t bias) {
  const View& b = ctx.input(1);
  HT_ASSIGN(const std::vector<int32_t> b_zeros, zeros(ctx, b_zero, b));
  HT_ASSIGN(const MatMulPlan* planned, matmul_plan(ctx, a.dims, b.dims));
  const MatMulPlan& plan = *planned;
  HT_ASSIGN(const std::vector<float> scale, column_scales(ctx, a_scale, b_scale, plan.n));
  HT_ASSIGN(const std::vector<float> addend, column_bias(ctx, bias, plan.n));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
  HT_TRY(run_integer_product(ctx, {.plan = plan, .a = a, .b = b, .a_zero = a_zero, .b_zero = b_zeros, .c = y.data}));
  scale_sums(y, plan.n, scale, addend);
  return ok_status();
}

Status run_integer_to_float(RunContext& ctx) {
  const View& a = ctx.input(0);
  HT_ASSIGN(const std::vector<int32_t> a_zero, zeros(ctx, 4, a));
  HT_ASSIGN(const float a_scale, one_scale(ctx, 2));
  if (a_zero.size() != 1) return unsupported("MatMulIntegerToFloat with a zero point per row");
  return real_product(ctx, a, a_zero[0], a_scale, 3, 5, 6);
}

Status run_dynamic(RunContext& ctx) {
  const View& a = ctx.input(0);
  if (a.dtype != DType::kFloat) return unsupported("DynamicQuantizeMatMul on " + std::string(dtype_name(a.dtype)));
  const int64_t size = a.size();
  float low = 0, high = 0;
  for (const float* v = a.as<float>(); v != a.as<float>() + size; ++v) {
    low = std::min(low, *v);
    high = std::max(high, *v);
  }
  const float range = (high - low) / 255.0f;
  const float scale = range > 0 ? range : 1.0f;  // all zero: any scale will do
  const int32_t zero = quantize_code(-low, scale, 0, 0, 255);
  HT_ASSIGN(void* scratch, ctx.scratch(size));
  quantize_run(a.as<float>(), size, scale, zero, static_cast<uint8_t*>(scratch));
  return real_product(ctx, View{DType::kUint8, a.dims, scratch}, zero, scale, 2, 3, 4);
}

// --- QGemm ------------------------------------------------------------------------------------

enum : size_t { kA, kAScale, kAZero, kB, kBScale, kBZero, kC, kYScale, kYZero };

WeightOrder gemm_order(const Node& node) {
  return node.int_attr("transB", 0) != 0 ? WeightOrder::kChannelsFirst : WeightOrder::kChannelsLast;
}

SymShape turned(const SymShape& s, bool transposed) {
  return transposed && s.has_rank() && s.rank() == 2 ? SymShape({s[1], s[0]}) : s;
}

Result<SymShape> gemm_shape(const Node& node, const SymShape& a, const SymShape& b) {
  for (const SymShape* s : {&a, &b}) {
    if (s->has_rank() && s->rank() != 2) return invalid_model("QGemm takes matrices, got " + s->to_string());
  }
  return matmul_shape(turned(a, node.int_attr("transA", 0) != 0), turned(b, node.int_attr("transB", 0) != 0));
}

Status infer_qgemm(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, gemm_shape(ctx.node(), ctx.shape(kA), ctx.shape(kB)));
  ctx.set_output(0,
                 ctx.has_input(kYScale) ? (ctx.has_input(kYZero) ? ctx.dtype(kYZero) : ctx.dtype(kA)) : DType::kFloat,
                 std::move(shape));
  return ok_status();
}

Result<std::vector<int32_t>> gemm_bias(const RunContext& ctx, int64_t n) {
  if (!ctx.has_input(kC)) return std::vector<int32_t>();
  const View& c = ctx.input(kC);
  const bool by_column = c.size() == n && (c.rank() == 1 || (c.rank() == 2 && c.dims[0] == 1));
  if (c.dtype != DType::kInt32 || (!by_column && c.size() != 1)) {
    return unsupported("QGemm with an addend " + to_string(c.dims) + " of " + std::string(dtype_name(c.dtype)),
                       "Give one int32 per column.");
  }
  std::vector<int32_t> out;
  for (int64_t j = 0; j < n; ++j) out.push_back(c.as<int32_t>()[by_column ? j : 0]);
  return out;
}

// alpha multiplies the product but not the addend, which is in units of the product without it.
Status fold_alpha(float alpha, std::vector<int32_t>& bias) {
  if (alpha == 1 || bias.empty()) return ok_status();
  return unsupported("QGemm with alpha = " + std::to_string(alpha) + " and an addend");
}

// Rows of op(a).
Result<View> gemm_left(RunContext& ctx) {
  const View& a = ctx.input(kA);
  if (ctx.node().int_attr("transA", 0) == 0) return a;
  const int64_t k = a.dims[0], m = a.dims[1];
  HT_ASSIGN(void* scratch, ctx.scratch(a.size()));
  uint8_t* out = static_cast<uint8_t*>(scratch);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t p = 0; p < k; ++p) out[i * k + p] = a.bytes()[p * m + i];
  }
  return View{a.dtype, {m, k}, scratch};
}

Status run_qgemm(RunContext& ctx) {
  HT_ASSIGN(SymShape shape, gemm_shape(ctx.node(), SymShape::of(ctx.input(kA).dims), SymShape::of(ctx.input(kB).dims)));
  const View& b = ctx.input(kB);
  HT_ASSIGN(const std::vector<int32_t> a_zero, zeros(ctx, kAZero, ctx.input(kA)));
  HT_ASSIGN(const std::vector<int32_t> b_zero, zeros(ctx, kBZero, b));
  HT_ASSIGN(const float a_scale, one_scale(ctx, kAScale));
  if (a_zero.size() != 1) return unsupported("QGemm with a zero point per row");
  HT_ASSIGN(const View a, gemm_left(ctx));
  const bool turned_b = gemm_order(ctx.node()) == WeightOrder::kChannelsFirst;
  HT_ASSIGN(const MatMulPlan* planned, matmul_plan(ctx, a.dims, turned_b ? Dims{b.dims[1], b.dims[0]} : b.dims));
  const MatMulPlan& plan = *planned;
  const float alpha = ctx.node().float_attr("alpha", 1.0f);
  HT_ASSIGN(std::vector<float> scale, column_scales(ctx, a_scale * alpha, kBScale, plan.n));
  HT_ASSIGN(std::vector<int32_t> bias, gemm_bias(ctx, plan.n));
  HT_TRY(fold_alpha(alpha, bias));
  IntegerProduct product{.plan = plan,
                         .a = a,
                         .b = b,
                         .a_zero = a_zero[0],
                         .b_zero = b_zero,
                         .order = gemm_order(ctx.node()),
                         .bias = bias};
  if (!ctx.has_input(kYScale)) {
    HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, plan.output_dims));
    product.c = y.data;
    HT_TRY(run_integer_product(ctx, product));
    scale_sums(y, plan.n, scale, std::vector<float>(scale.size(), 0.0f));
    return ok_status();
  }
  const View whole{ctx.has_input(kYZero) ? ctx.input(kYZero).dtype : a.dtype, {}, nullptr};
  HT_ASSIGN(const std::vector<int32_t> y_zero, zeros(ctx, kYZero, whole));
  HT_ASSIGN(const float y_scale, one_scale(ctx, kYScale));
  if (y_zero.size() != 1) return invalid_model("the output has one zero point");
  for (float& s : scale) s /= y_scale;
  const DTypeInfo& info = dtype_info(whole.dtype);
  HT_ASSIGN(MutView y, ctx.output(0, whole.dtype, plan.output_dims));
  product.multiplier = scale.data();
  product.range = {y_zero[0], static_cast<int32_t>(info.lowest), static_cast<int32_t>(info.highest)};
  product.signed_output = whole.dtype == DType::kInt8;
  product.c = y.data;
  return run_integer_product(ctx, product);
}

constexpr std::array kRows = {
    OpDef{.name = "MatMulIntegerToFloat",
          .domain = "com.microsoft",
          .schema = {.min_inputs = 4, .max_inputs = 7},
          .infer = infer_real,
          .run = run_integer_to_float,
          .prepare = [](PrepareContext& ctx) { return prepare_right(ctx, 1, 5, WeightOrder::kChannelsLast); },
          .cost = matmul_cost},
    OpDef{.name = "DynamicQuantizeMatMul",
          .domain = "com.microsoft",
          .schema = {.min_inputs = 3, .max_inputs = 5},
          .infer = infer_real,
          .run = run_dynamic,
          .prepare = [](PrepareContext& ctx) { return prepare_right(ctx, 1, 3, WeightOrder::kChannelsLast); },
          .cost = matmul_cost},
    OpDef{.name = "QGemm",
          .domain = "com.microsoft",
          .schema = {.min_inputs = 6, .max_inputs = 9},
          .infer = infer_qgemm,
          .run = run_qgemm,
          .prepare = [](PrepareContext& ctx) { return prepare_right(ctx, kB, kBZero, gemm_order(ctx.node())); },
          .cost =
              [](const CostContext& ctx) {
                const SymShape a = turned(ctx.inputs[kA], ctx.node.int_attr("transA", 0) != 0);
                return Cost{.macs = saturating_size(ctx.outputs[0], a.rank() == 2 && a[1].known() ? a[1].value : 1)};
              }},
};

}  // namespace

std::span<const OpDef> matmul_dynamic_ops() { return kRows; }

}  // namespace halftone
