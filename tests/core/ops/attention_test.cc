// Attention and einsum against plain loops: sizes around the lane width, grouped heads, limits and masks together, past
// keys, equations of every form. The ONNX backend cases cover each option on its own.
#include <cmath>

#include "core/base/rng.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor noise(Dims dims, uint64_t seed) {
  Rng rng(seed);
  Tensor t = *Tensor::allocate(DType::kFloat, std::move(dims));
  for (float& v : t.mutable_data<float>()) v = rng.uniform(-1, 1);
  return t;
}

struct AttentionCase {
  std::string name;
  int64_t batch, heads, groups, queries, keys, width, values;
  bool causal = false, masked = false, past = false;
};
void PrintTo(const AttentionCase& c, std::ostream* out) { *out << c.name; }

OpCase attention(const AttentionCase& c) {
  const int64_t before = c.past ? 3 : 0, all = before + c.keys;
  const Tensor q = noise({c.batch, c.heads, c.queries, c.width}, 1), k = noise({c.batch, c.groups, c.keys, c.width}, 2),
               v = noise({c.batch, c.groups, c.keys, c.values}, 3);
  const Tensor mask = c.masked ? noise({c.heads, c.queries, all}, 4) : Tensor();
  const Tensor past_k = noise({c.batch, c.groups, before, c.width}, 5),
               past_v = noise({c.batch, c.groups, before, c.values}, 6);
  Tensor y = *Tensor::allocate(DType::kFloat, {c.batch, c.heads, c.queries, c.values});
  // Element e of key (value) row j of a group, past rows first.
  const auto row = [&](const Tensor& past, const Tensor& now, int64_t g, int64_t j, int64_t e, int64_t width) {
    const bool old = j < before;
    const int64_t at = old ? (g * before + j) * width + e : (g * c.keys + j - before) * width + e;
    return static_cast<double>((old ? past : now).data<float>()[static_cast<size_t>(at)]);
  };
  for (int64_t i = 0; i < c.batch * c.heads * c.queries; ++i) {
    const int64_t b = i / (c.heads * c.queries), h = i / c.queries % c.heads, at = i % c.queries;
    const int64_t g = b * c.groups + h / (c.heads / c.groups);
    std::vector<double> weight(static_cast<size_t>(all));
    double total = 0;
    for (int64_t j = 0; j < all; ++j) {
      double score = 0;
      for (int64_t e = 0; e < c.width; ++e)
        score += static_cast<double>(q.data<float>()[static_cast<size_t>(i * c.width + e)]) *
                 row(past_k, k, g, j, e, c.width);
      score /= std::sqrt(static_cast<double>(c.width));
      if (c.masked)
        score += static_cast<double>(mask.data<float>()[static_cast<size_t>((h * c.queries + at) * all + j)]);
      weight[static_cast<size_t>(j)] = c.causal && j > at + before ? 0 : std::exp(score);
      total += weight[static_cast<size_t>(j)];
    }
    for (int64_t e = 0; e < c.values; ++e) {
      double sum = 0;
      for (int64_t j = 0; j < all; ++j)
        sum += weight[static_cast<size_t>(j)] / total * row(past_v, v, g, j, e, c.values);
      y.mutable_data<float>()[static_cast<size_t>(i * c.values + e)] = static_cast<float>(sum);
    }
  }
  OpCase out{c.name, "Attention", 23, {}, {q, k, v, mask}, {y}, 1e-5};
  if (c.causal) out.attributes["is_causal"] = integer(1);
  if (c.past) out.inputs.insert(out.inputs.end(), {past_k, past_v});
  return out;
}

std::vector<AttentionCase> attention_cases() {
  return {
      {"Small", 1, 1, 1, 1, 1, 1, 1},
      {"LaneWidth", 2, 3, 3, 8, 16, 8, 16},
      {"BesideIt", 1, 2, 2, 7, 17, 9, 15},
      {"Groups", 2, 6, 2, 5, 5, 4, 4},
      {"CausalWithMask", 1, 2, 1, 6, 6, 8, 8, true, true},
      {"CausalWithPast", 2, 2, 2, 4, 4, 8, 5, true, false, true},
      {"MaskWithPast", 1, 2, 2, 3, 4, 8, 8, false, true, true},
  };
}
class AttentionFormula : public ::testing::TestWithParam<AttentionCase> {};
TEST_P(AttentionFormula, IsFollowed) { check_op(attention(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Cases, AttentionFormula, ::testing::ValuesIn(attention_cases()),
                         [](const auto& info) { return info.param.name; });

// --- Einsum -----------------------------------------------------------------------------------

OpCase einsum(std::string name, const std::string& equation, std::vector<Tensor> inputs, Tensor expected) {
  return {std::move(name),       "Einsum", 12, {{"equation", text(equation)}}, std::move(inputs),
          {std::move(expected)}, 1e-5};
}

const std::vector<OpCase>& einsum_cases() {
  static const std::vector<OpCase> kCases = {
      einsum("Transpose", "ij->ji", {counting({2, 3})}, f({3, 2}, {0, 3, 1, 4, 2, 5})),
      einsum("Sum", "ij->", {counting({2, 3})}, f({}, {15})),
      einsum("Diagonal", "ii->i", {counting({3, 3})}, f({3}, {0, 4, 8})),
      einsum("Trace", "ii", {counting({3, 3})}, f({}, {12})),
      einsum("Rows", "ij->i", {counting({2, 3})}, f({2}, {3, 12})),
      einsum("Product", "ij,jk->ik", {counting({2, 2}), counting({2, 2})}, f({2, 2}, {2, 3, 6, 11})),
      einsum("Implicit", "ij , jk", {counting({2, 2}), counting({2, 2})}, f({2, 2}, {2, 3, 6, 11})),
      einsum("Outer", "i,j->ij", {counting({2}), counting({3})}, f({2, 3}, {0, 0, 0, 0, 1, 2})),
      einsum("Elementwise", "ij,ij->ij", {counting({2, 2}), counting({2, 2})}, f({2, 2}, {0, 1, 4, 9})),
      einsum("Batch", "bij,bjk->bki", {counting({2, 1, 2}), counting({2, 2, 1})}, f({2, 1, 1}, {1, 13})),
      einsum("Ellipsis", "...i,...i->...", {counting({2, 2}), counting({2})}, f({2}, {1, 3})),
      einsum("EllipsisImplicit", "...ij->...ji", {counting({1, 2, 2})}, f({1, 2, 2}, {0, 2, 1, 3})),
      einsum("Three", "i,ij,j->", {counting({2}), counting({2, 2}), counting({2})}, f({}, {3})),
      einsum("OwnAxesFirst", "ab,cd->a", {counting({2, 2}), counting({2, 2})}, f({2}, {6, 30})),
      einsum("Double", "ij,jk->ik", {Tensor::of<double>({1, 2}, {1, 2}), Tensor::of<double>({2, 1}, {3, 4})},
             Tensor::of<double>({1, 1}, {11})),
      einsum("Integers", "i,i->", {i64({3}, {1, 2, 3}), i64({3}, {4, 5, 6})}, i64({}, {32})),
      einsum("Empty", "ij,jk->ik", {f({2, 0}, {}), f({0, 2}, {})}, f({2, 2}, {0, 0, 0, 0})),
  };
  return kCases;
}
class Einsum : public ::testing::TestWithParam<OpCase> {};
TEST_P(Einsum, ComputesAndInfers) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, Einsum, ::testing::ValuesIn(einsum_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"Rank", "Einsum", 12, {{"equation", text("ijk->i")}}, {counting({2, 2})}, "rank 2"},
      {"Sizes", "Einsum", 12, {{"equation", text("i,i->i")}}, {counting({2}), counting({3})}, "axis i"},
      {"UnknownAxis", "Einsum", 12, {{"equation", text("i->k")}}, {counting({2})}, "axis k"},
      {"Twice", "Einsum", 12, {{"equation", text("i->ii")}}, {counting({2})}, "twice"},
      {"Operands", "Einsum", 12, {{"equation", text("i,j->ij")}}, {counting({2})}, "operands"},
      {"Heads",
       "Attention",
       23,
       {},
       {counting({1, 3, 2, 2}), counting({1, 2, 2, 2}), counting({1, 2, 2, 2})},
       "do not fit"},
      {"Past",
       "Attention",
       23,
       {},
       {counting({1, 1, 2, 2}), counting({1, 1, 2, 2}), counting({1, 1, 2, 2}), Tensor(), counting({1, 1, 3, 2}),
        counting({1, 1, 2, 2})},
       "past"},
  };
  return kCases;
}
class BadAttention : public ::testing::TestWithParam<BadCase> {};
TEST_P(BadAttention, IsRefused) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, BadAttention, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
