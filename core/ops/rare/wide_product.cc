// The product as three loops over doubles; see the header.
#include "core/ops/rare/wide_product.h"

#include "core/ops/infer_util.h"
#include "core/ops/rare/wide.h"

namespace halftone {
namespace {

// y += beta * c, c's dims counted from the last one.
Status add_broadcast(const Tensor& c, double beta, Tensor& y) {
  const auto shape = broadcast_shapes(SymShape::of(y.dims()), SymShape::of(c.dims()));
  if (!shape.ok() || shape->concrete() != y.dims()) {
    return invalid_model("addend " + to_string(c.dims()) + " does not broadcast to " + to_string(y.dims()));
  }
  const auto from = c.data<double>();
  const auto to = y.mutable_data<double>();
  for (size_t i = 0; i < to.size(); ++i) {
    int64_t rest = static_cast<int64_t>(i), at = 0, step = 1;
    for (int64_t axis = y.rank() - 1, k = c.rank() - 1; k >= 0; --axis, --k) {
      const int64_t size = c.dims()[static_cast<size_t>(k)];
      const int64_t index = rest % y.dims()[static_cast<size_t>(axis)];
      rest /= y.dims()[static_cast<size_t>(axis)];
      if (size > 1) at += index * step;
      step *= size;
    }
    to[i] += beta * from[static_cast<size_t>(at)];
  }
  return ok_status();
}

}  // namespace

Status run_wide_product(RunContext& ctx, const WideProduct& product) {
  const DType type = ctx.input(0).dtype;
  if (ctx.input(1).dtype != type) return invalid_model("both factors must be of one type");
  HT_ASSIGN(const Tensor a, as_doubles(ctx.input(0)));
  HT_ASSIGN(const Tensor b, as_doubles(ctx.input(1)));
  HT_ASSIGN(Tensor y, zero_doubles(product.plan.output_dims));
  const auto [m, n, k, a_index, b_index, dims] = product.plan;
  const int64_t a_row = product.trans_a ? 1 : k, a_column = product.trans_a ? m : 1;
  const int64_t b_row = product.trans_b ? 1 : n, b_column = product.trans_b ? k : 1;
  double* out = y.mutable_data<double>().data();
  for (size_t s = 0; s < a_index.size(); ++s, out += m * n) {
    const double* left = a.data<double>().data() + a_index[s] * m * k;
    const double* right = b.data<double>().data() + b_index[s] * k * n;
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t p = 0; p < k; ++p) {
        const double factor = product.alpha * left[i * a_row + p * a_column];
        for (int64_t j = 0; j < n; ++j) out[i * n + j] += factor * right[p * b_row + j * b_column];
      }
    }
  }
  if (product.beta != 0) {
    HT_ASSIGN(const Tensor c, as_doubles(ctx.input(2)));
    HT_TRY(add_broadcast(c, product.beta, y));
  }
  return give_doubles(ctx, 0, type, y);
}

}  // namespace halftone
