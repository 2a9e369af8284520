// Integer products as operators: two activations in integer mode, MatMulInteger with constants and without, and what
// com.microsoft adds (FusedMatMul, MatMulIntegerToFloat, DynamicQuantizeMatMul, QGemm), against plain sums.
#include <cmath>
#include <cstring>

#include "core/ops/evaluate.h"
#include "core/tensor/convert.h"
#include "tests/core/ops/integer_case.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

constexpr DType kTypes[] = {DType::kUint8, DType::kInt8};

int32_t lowest(DType t) { return t == DType::kInt8 ? -128 : 0; }
Tensor codes(DType t, Dims dims, uint64_t seed) {
  return random_codes(t, std::move(dims), seed, lowest(t), lowest(t) + 255);
}
Tensor zero(DType t, int32_t v) { return random_codes(t, {}, 1, v, v); }
double at(const Tensor& t, int64_t i) { return element_as_double(t.dtype(), t.bytes(), i); }

// --- two activations in integer mode ----------------------------------------------------------

TEST(IntegerMatMul, TakesTwoActivations) {
  const struct {
    Dims a, b;
  } kStacks[] = {{{5, 16}, {16, 9}}, {{2, 3, 7, 17}, {2, 3, 17, 8}}, {{2, 1, 3, 4}, {3, 4, 5}}, {{4}, {2, 4, 3}},
                 {{3, 4}, {4}},      {{2, 6, 33}, {33, 31}}};
  for (const auto& stack : kStacks) {
    for (DType a : kTypes) {
      for (DType b : kTypes) {
        for (bool middle : {false, true}) {
          SCOPED_TRACE(::testing::Message() << to_string(stack.a) << to_string(stack.b) << int(a) << int(b) << middle);
          IntegerCase c{.op = "MatMul",
                        .inputs = {{codes(a, stack.a, 1), per_tensor(a, 0.02f, lowest(a) + 90)},
                                   {codes(b, stack.b, 2), per_tensor(b, 0.03f, lowest(b) + (middle ? 128 : 5))}},
                        .output = per_tensor(a, 0.3f, lowest(a) + 100)};
          EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1);
          c.attributes[std::string(kClampAttr)] = Attribute(std::vector<float>{-4.0f, 6.0f});
          EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1);
        }
      }
    }
  }
}

TEST(IntegerMatMul, LeavesWhatItCannotSumToFloat) {
  IntegerCase c{.op = "MatMul",
                .inputs = {{codes(DType::kUint8, {1, 33026}, 1), per_tensor(DType::kUint8, 0.02f, 0)},
                           {codes(DType::kUint8, {33026, 1}, 2), per_tensor(DType::kUint8, 0.02f, 0)}},
                .output = per_tensor(DType::kUint8, 0.3f, 0)};
  EXPECT_FALSE(integer_applies(c));
  c.inputs[0].tensor = codes(DType::kUint8, {1, 4}, 1);
  c.inputs[1] = {codes(DType::kUint8, {4, 2}, 2), per_axis(DType::kUint8, {0.1f, 0.2f}, 1)};
  EXPECT_FALSE(integer_applies(c));
}

// --- operators that take integers -------------------------------------------------------------

Tensor evaluated(std::string_view domain, const std::string& op, Attributes attributes, std::vector<Tensor> inputs) {
  const OpDef* row = find_op(domain, op, 10);
  EXPECT_NE(row, nullptr) << op;
  Node node;
  node.op_type = op;
  node.domain = std::string(domain);
  node.attributes = std::move(attributes);
  for (size_t i = 0; i < inputs.size(); ++i) node.inputs.push_back(inputs[i].defined() ? ValueId(i) : kNoValue);
  node.outputs = {99};
  auto out = evaluate_node(*row, node, 10, inputs);
  EXPECT_TRUE(out.ok()) << (out.ok() ? "" : out.error().message);
  return out.ok() ? out->front() : Tensor();
}

// sum over k of (a - za) * (b - zb) for a [m][k] and b [k][n]; zb: one, or one per column.
double product(const Tensor& a, const Tensor& b, double za, const Tensor& zb, int64_t i, int64_t j) {
  const int64_t k = a.dims().back(), n = b.dims().back();
  double sum = 0;
  for (int64_t p = 0; p < k; ++p) {
    sum += (at(a, i * k + p) - za) * (at(b, p * n + j) - at(zb, zb.size() == 1 ? 0 : j));
  }
  return sum;
}

TEST(MatMulInteger, MatchesPlainSums) {
  for (int64_t m : {1, 2, 5, 6, 7, 13}) {
    for (int64_t n : {1, 7, 8, 9, 31}) {
      for (int64_t k : {1, 15, 16, 17, 129}) {
        for (DType type : kTypes) {
          for (bool by_column : {false, true}) {
            // A matrix is packed as a constant, a stack of one when it runs.
            for (const Dims& dims : {Dims{k, n}, Dims{1, k, n}}) {
              const Tensor a = codes(DType::kUint8, {m, k}, 1), b = codes(type, dims, 2);
              const Tensor zb = codes(type, by_column ? Dims{n} : Dims{}, 3);
              const Tensor y = evaluated("", "MatMulInteger", {}, {a, b, zero(DType::kUint8, 77), zb});
              ASSERT_EQ(y.size(), m * n);
              for (int64_t i = 0; i < m * n; ++i) ASSERT_EQ(at(y, i), product(a, b, 77, zb, i / n, i % n));
            }
          }
        }
      }
    }
  }
}

TEST(MatMulIntegerToFloat, ScalesTheSums) {
  const Tensor a = codes(DType::kInt8, {5, 17}, 1), b = codes(DType::kInt8, {17, 7}, 2);
  const Tensor zb = codes(DType::kInt8, {7}, 3), bias = counting({7}), scale = f({7}, {1, 2, 3, 4, 5, 6, 7});
  const Tensor y = evaluated("com.microsoft", "MatMulIntegerToFloat", {},
                             {a, b, f({1}, {0.5f}), scale, zero(DType::kInt8, -3), zb, bias});
  ASSERT_EQ(y.size(), 35);
  for (int64_t i = 0; i < 35; ++i) {
    const double want = product(a, b, -3, zb, i / 7, i % 7) * 0.5 * double(i % 7 + 1) + double(i % 7);
    EXPECT_NEAR(at(y, i), want, 1e-5 * (1 + std::abs(want)));
  }
}

TEST(DynamicQuantizeMatMul, QuantizesItsInput) {
  // Steps of 1/4 over [-8, 55.75] are uint8 codes without an error.
  Tensor a = *Tensor::allocate(DType::kFloat, {2, 3, 8});
  for (int64_t i = 0; i < 48; ++i) a.mutable_data<float>()[size_t(i)] = float(i * 37 % 255) * 0.25f - 8.0f;
  a.mutable_data<float>()[3] = -8.0f;
  a.mutable_data<float>()[4] = 55.75f;
  const Tensor b = codes(DType::kInt8, {8, 9}, 2), zb = zero(DType::kInt8, 0);
  const Tensor y = evaluated("com.microsoft", "DynamicQuantizeMatMul", {}, {a, b, f({}, {0.1f})});
  ASSERT_EQ(y.dims(), (Dims{2, 3, 9}));
  for (int64_t i = 0; i < y.size(); ++i) {
    const double want = product(a, b, 0, zb, i / 9, i % 9) * 0.1;
    EXPECT_NEAR(at(y, i), want, 1e-4 * (1 + std::abs(want)));
  }
}

Tensor transposed(const Tensor& t) {
  const int64_t rows = t.dims()[0], columns = t.dims()[1], size = dtype_info(t.dtype()).bits / 8;
  Tensor out = *Tensor::allocate(t.dtype(), {columns, rows});
  for (int64_t i = 0; i < t.size(); ++i) {
    std::memcpy(out.mutable_bytes() + (i % columns * rows + i / columns) * size, t.bytes() + i * size, size_t(size));
  }
  return out;
}

TEST(QGemm, TransposesAddsAndQuantizes) {
  const Tensor a = codes(DType::kUint8, {5, 17}, 1), b = codes(DType::kInt8, {17, 7}, 2), zb = zero(DType::kInt8, 4);
  const Tensor c = Tensor::of<int32_t>({7}, {0, 1000, -1000, 5, 6, 7, 30000});
  for (int form = 0; form < 4; ++form) {
    const Attributes attributes = {{"transA", integer(form & 1)}, {"transB", integer(form >> 1)}};
    std::vector<Tensor> inputs = {form & 1 ? transposed(a) : a,
                                  f({}, {0.5f}),
                                  zero(DType::kUint8, 9),
                                  form >> 1 ? transposed(b) : b,
                                  f({}, {0.25f}),
                                  zb,
                                  c};
    const Tensor real = evaluated("com.microsoft", "QGemm", attributes, inputs);
    inputs.push_back(f({}, {64.0f}));
    inputs.push_back(zero(DType::kUint8, 128));
    const Tensor quantized = evaluated("com.microsoft", "QGemm", attributes, inputs);
    ASSERT_EQ(real.size(), 35);
    ASSERT_EQ(quantized.dtype(), DType::kUint8);
    for (int64_t i = 0; i < 35; ++i) {
      const double want = (product(a, b, 9, zb, i / 7, i % 7) + at(c, i % 7)) * 0.125;
      EXPECT_NEAR(at(real, i), want, 1e-5 * (1 + std::abs(want)));
      EXPECT_EQ(at(quantized, i), std::min(255.0, std::max(0.0, std::nearbyint(want / 64) + 128)));
    }
  }
}

TEST(FusedMatMul, TransposesAndScales) {
  const Tensor a = counting({3, 4}), b = counting({4, 9});
  const Tensor want = evaluated("", "MatMul", {}, {a, b});
  for (int form = 0; form < 4; ++form) {
    const Tensor y = evaluated("com.microsoft", "FusedMatMul",
                               {{"transA", integer(form & 1)}, {"transB", integer(form >> 1)}, {"alpha", real(0.5f)}},
                               {form & 1 ? transposed(a) : a, form >> 1 ? transposed(b) : b});
    ASSERT_EQ(y.dims(), want.dims());
    for (int64_t i = 0; i < y.size(); ++i) EXPECT_EQ(at(y, i), 0.5 * at(want, i));
  }
  const Tensor stack =
      evaluated("com.microsoft", "FusedMatMul", {{"transA", integer(1)}}, {counting({2, 4, 3}), counting({2, 4, 5})});
  EXPECT_EQ(stack.dims(), (Dims{2, 3, 5}));
  EXPECT_EQ(at(stack, 0), 0 * 0 + 3 * 5 + 6 * 10 + 9 * 15);
}

}  // namespace
}  // namespace halftone::testing
