// Shapes of stacked matrix products; see the header.
#include "core/ops/matmul_util.h"

#include "core/ops/conv_util.h"
#include "core/ops/infer_util.h"

namespace halftone {
namespace {

SymShape leading(const SymShape& s) {
  if (s.rank() <= 2) return SymShape::of({});
  return SymShape(std::vector<Dim>(s.dims().begin(), s.dims().end() - 2));
}

// Which matrix of a stack of `dims` each matrix of the broadcast stack `out` takes.
std::vector<int64_t> stack_index(std::span<const int64_t> dims, std::span<const int64_t> out) {
  std::vector<int64_t> index{0};
  const size_t missing = out.size() - dims.size();
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t size = i < missing ? 1 : dims[i - missing];
    std::vector<int64_t> next;
    next.reserve(index.size() * static_cast<size_t>(out[i]));
    for (int64_t base : index) {
      for (int64_t j = 0; j < out[i]; ++j) next.push_back(base * size + (size == 1 ? 0 : j));
    }
    index = std::move(next);
  }
  return index;
}

}  // namespace

Result<SymShape> matmul_shape(const SymShape& a, const SymShape& b) {
  if (!a.has_rank() || !b.has_rank()) return SymShape();
  if (a.rank() == 0 || b.rank() == 0) return invalid_model("MatMul of a scalar");
  const Dim &ka = a[a.rank() - 1], &kb = b[b.rank() == 1 ? 0 : b.rank() - 2];
  if (ka.known() && kb.known() && ka.value != kb.value) {
    return invalid_model("inner dimensions of " + a.to_string() + " and " + b.to_string() + " differ");
  }
  HT_ASSIGN(SymShape stack, broadcast_shapes(leading(a), leading(b)));
  std::vector<Dim> dims = stack.dims();
  if (a.rank() > 1) dims.push_back(a[a.rank() - 2]);
  if (b.rank() > 1) dims.push_back(b[b.rank() - 1]);
  return SymShape(std::move(dims));
}

Result<MatMulPlan> plan_matmul(std::span<const int64_t> a, std::span<const int64_t> b) {
  HT_ASSIGN(SymShape shape, matmul_shape(SymShape::of(a), SymShape::of(b)));
  MatMulPlan plan;
  plan.output_dims = *shape.concrete();
  plan.k = a.back();
  if (a.size() > 1) plan.m = a[a.size() - 2];
  if (b.size() > 1) plan.n = b.back();
  const auto a_stack = a.size() > 2 ? a.first(a.size() - 2) : a.first(0);
  const auto b_stack = b.size() > 2 ? b.first(b.size() - 2) : b.first(0);
  const Dims stack = *broadcast_dims(a_stack, b_stack);
  if (!element_count(plan.output_dims)) return invalid_model("the product is too large");
  if (element_count(b_stack) == 1 && element_count(a_stack) == element_count(stack)) {
    plan.m *= *element_count(stack);
    plan.a_index = plan.b_index = {0};
    return plan;
  }
  plan.a_index = stack_index(a_stack, stack);
  plan.b_index = stack_index(b_stack, stack);
  return plan;
}

namespace {

struct MatMulMemo final : Memo {
  MatMulPlan plan;
};

}  // namespace

Result<const MatMulPlan*> matmul_plan(RunContext& ctx, std::span<const int64_t> a, std::span<const int64_t> b) {
  auto& memo = memo_of<MatMulMemo>(ctx);
  if (!memo.known) {
    HT_ASSIGN(memo.plan, plan_matmul(a, b));
    memo.known = true;
  }
  return &memo.plan;
}

Cost matmul_cost(const CostContext& ctx) {
  const SymShape& a = ctx.inputs[0];
  const Dim k = a.rank() > 0 ? a[a.rank() - 1] : Dim(1);
  return Cost{.macs = saturating_size(ctx.outputs[0], k.known() ? k.value : 1)};
}

}  // namespace halftone
