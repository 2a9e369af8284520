// Stacks of products of 8-bit matrices; see the header.
#include "core/ops/integer_product.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/base/checked.h"
#include "core/kernels/gemm/gemm_int8.h"
#include "core/kernels/gemm/product_int8.h"
#include "core/ops/infer_util.h"

namespace halftone {
namespace {

bool is_8bit(DType t) { return t == DType::kInt8 || t == DType::kUint8; }

// Centered weights in panels; `bias` holds the sums of their columns, for whatever zero point a has.
struct IntegerRight final : OpState {
  WeightUnits weights;
};

Result<std::unique_ptr<IntegerRight>> pack_right(const Tensor& b, std::span<const int32_t> zero, WeightOrder order) {
  const bool last = order == WeightOrder::kChannelsLast;
  const int64_t n = b.dims()[last ? 1 : 0], k = b.dims()[last ? 0 : 1];
  const QuantParams quant{
      b.dtype(), std::vector<float>(zero.size(), 1.0f), {zero.begin(), zero.end()}, last ? 1 : 0, 0};
  const auto weights = centered_weights(b, quant, order, n, k);
  if (!weights) return std::unique_ptr<IntegerRight>();
  auto state = std::make_unique<IntegerRight>();
  HT_ASSIGN(state->weights, pack_weight_panels(*weights, n, k, {}, column_sums(choose_dot(dot_kind(), *weights, k))));
  return state;
}

// --- b packed before --------------------------------------------------------------------------

struct Target {
  const uint8_t* a;
  void* c;
};

Target target(const IntegerProduct& p, size_t i) {
  const int64_t element = p.multiplier == nullptr ? 4 : 1;
  return {p.a.bytes() + p.plan.a_index[i] * p.plan.m * p.plan.k,
          static_cast<uint8_t*>(p.c) + static_cast<int64_t>(i) * p.plan.m * p.plan.n * element};
}

// bias + column terms of a's zero point, filled up to a multiple of 8.
void fold_bias(const IntegerProduct& p, const int32_t* column_sums, int32_t zero, int32_t* out) {
  for (int64_t j = 0; j < (p.plan.n + 7) / 8 * 8; ++j) {
    const auto at = static_cast<size_t>(j);
    const uint32_t start = at < p.bias.size() ? static_cast<uint32_t>(p.bias[at]) : 0;
    out[j] = static_cast<int32_t>(start - static_cast<uint32_t>(zero) * static_cast<uint32_t>(column_sums[j]));
  }
}

// Matrices `first` up to `end` of the stack.
Status multiply(RunContext& ctx, const IntegerProduct& p, const WeightUnits& w, size_t first, size_t end) {
  const ActivationForm form{w.kind, p.a.dtype == DType::kInt8, p.a_zero};
  const int64_t row_bytes = w.units * kUnitBytes;
  HT_ASSIGN(void* bias, ctx.scratch((p.plan.n + 7) / 8 * 32));
  fold_bias(p, w.bias.data<int32_t>().data(), form.zero(), static_cast<int32_t*>(bias));
  const bool packs = w.kind == DotKind::kNone || form.flipped() || row_bytes != p.plan.k;
  void* rows = nullptr;
  if (packs) {
    HT_ASSIGN(rows, ctx.scratch(checked_mul(p.plan.m, row_bytes).value_or(kMaxBytes + 1)));
  }
  for (size_t i = first; i < end; ++i) {
    const Target t = target(p, i);
    if (packs) pack_activation_rows(t.a, p.plan.m, p.plan.k, form, static_cast<uint8_t*>(rows));
    gemm_int8(GemmInt8{.kind = w.kind,
                       .m = p.plan.m,
                       .n = p.plan.n,
                       .units = w.units,
                       .a = packs ? static_cast<const uint8_t*>(rows) : t.a,
                       .b = w.bytes.bytes(),
                       .bias = static_cast<const int32_t*>(bias),
                       .multiplier = p.multiplier,
                       .range = p.range,
                       .signed_output = p.signed_output,
                       .c = t.c,
                       .ldc = p.plan.n});
  }
  return ok_status();
}

// --- b packed now -----------------------------------------------------------------------------

// One zero point, columns last, no bias: the form of attention.
Status multiply_open(RunContext& ctx, const IntegerProduct& p) {
  const ProductInt8 product{.kind = product_int8_dot(dot_kind()),
                            .m = p.plan.m,
                            .n = p.plan.n,
                            .k = p.plan.k,
                            .a_signed = p.a.dtype == DType::kInt8,
                            .b_signed = p.b.dtype == DType::kInt8,
                            .a_zero = p.a_zero,
                            .b_zero = p.b_zero[0],
                            .multiplier = p.multiplier,
                            .range = p.range,
                            .signed_output = p.signed_output};
  HT_ASSIGN(void* scratch, ctx.scratch(product_int8_scratch(product)));
  int64_t packed = -1;
  for (size_t i = 0; i < p.plan.a_index.size(); ++i) {
    if (packed != p.plan.b_index[i]) {
      packed = p.plan.b_index[i];
      pack_product_int8(product, p.b.bytes() + packed * p.plan.k * p.plan.n, scratch);
    }
    const Target t = target(p, i);
    run_product_int8(product, t.a, t.c, scratch);
  }
  return ok_status();
}

// Zero points by column, transposed matrices, a bias: centered first, as constants are.
Status multiply_centered(RunContext& ctx, const IntegerProduct& p) {
  const bool last = p.order == WeightOrder::kChannelsLast;
  const Dims dims = last ? Dims{p.plan.k, p.plan.n} : Dims{p.plan.n, p.plan.k};
  for (size_t i = 0; i < p.plan.a_index.size(); ++i) {
    HT_ASSIGN(Tensor matrix, Tensor::allocate(p.b.dtype, dims, "weight"));
    std::memcpy(matrix.mutable_bytes(), p.b.bytes() + p.plan.b_index[i] * matrix.size(),
                static_cast<size_t>(matrix.size()));
    HT_ASSIGN(const std::unique_ptr<IntegerRight> right, pack_right(matrix, p.b_zero, p.order));
    if (right == nullptr) return invalid_model("the weight's zero point needs one element or one per column");
    HT_TRY(multiply(ctx, p, right->weights, i, i + 1));
  }
  return ok_status();
}

}  // namespace

Result<std::unique_ptr<OpState>> prepare_integer_right(PrepareContext& ctx, size_t input, const Tensor* zero,
                                                       WeightOrder order) {
  const Tensor* b = ctx.constant(input);
  if (b == nullptr || !is_8bit(b->dtype()) || b->rank() != 2) return std::unique_ptr<OpState>();
  std::vector<int32_t> zeros{0};
  if (zero != nullptr) {
    if (zero->dtype() != b->dtype() || zero->size() < 1) return std::unique_ptr<OpState>();
    zeros.clear();
    for (int64_t i = 0; i < zero->size(); ++i) {
      zeros.push_back(zero->dtype() == DType::kInt8 ? static_cast<int8_t>(zero->bytes()[i]) : zero->bytes()[i]);
    }
  }
  HT_ASSIGN(std::unique_ptr<IntegerRight> state, pack_right(*b, zeros, order));
  if (state == nullptr || b->size() == 0) return std::unique_ptr<OpState>(std::move(state));
  const WeightUnits& w = state->weights;
  keep_int8_weights(ctx, input, order, zeros, w.bytes,
                    [kind = w.kind, rows = w.rows, k = b->size() / w.rows](const Tensor& packed) {
                      return unpack_weight_panels(kind, packed.bytes(), rows, k);
                    });
  return std::unique_ptr<OpState>(std::move(state));
}

Status run_integer_product(RunContext& ctx, const IntegerProduct& p) {
  if (p.plan.k > kMaxProductInt8) {
    return unsupported("an integer product of " + std::to_string(p.plan.k) + " terms, whose sums may leave 32 bits");
  }
  if (const auto* right = static_cast<const IntegerRight*>(ctx.state())) {
    return multiply(ctx, p, right->weights, 0, p.plan.a_index.size());
  }
  const bool plain = p.b_zero.size() == 1 && p.order == WeightOrder::kChannelsLast && p.bias.empty();
  return plain ? multiply_open(ctx, p) : multiply_centered(ctx, p);
}

}  // namespace halftone
