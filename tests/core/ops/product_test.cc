// Gemm, MatMul and their integer kin: forms, broadcasting, errors.
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor u8(Dims dims, std::initializer_list<uint8_t> v) { return Tensor::of<uint8_t>(std::move(dims), v); }
Tensor s8(Dims dims, std::initializer_list<int8_t> v) { return Tensor::of<int8_t>(std::move(dims), v); }
Tensor s32(Dims dims, std::initializer_list<int32_t> v) { return Tensor::of<int32_t>(std::move(dims), v); }

// a: (0 1 2 / 3 4 5), b: (0 1 / 2 3 / 4 5).
Tensor a() { return counting({2, 3}); }
Tensor b() { return counting({3, 2}); }

const std::vector<OpCase>& product_cases() {
  static const std::vector<OpCase> kCases = {
      {"Plain", "Gemm", 13, {}, {a(), b()}, {f({2, 2}, {10, 13, 28, 40})}},
      {"RowAddend", "Gemm", 13, {}, {a(), b(), f({2}, {1, 2})}, {f({2, 2}, {11, 15, 29, 42})}},
      {"ColumnAddend", "Gemm", 13, {}, {a(), b(), f({2, 1}, {1, 2})}, {f({2, 2}, {11, 14, 30, 42})}},
      {"ScalarAddend", "Gemm", 13, {{"beta", real(2)}}, {a(), b(), f({}, {1})}, {f({2, 2}, {12, 15, 30, 42})}},
      {"Alpha",
       "Gemm",
       13,
       {{"alpha", real(0.5f)}, {"beta", real(0)}},
       {a(), b(), f({2}, {9, 9})},
       {f({2, 2}, {5, 6.5f, 14, 20})}},
      {"TransA", "Gemm", 13, {{"transA", integer(1)}}, {counting({3, 2}), b()}, {f({2, 2}, {20, 26, 26, 35})}},
      {"TransB", "Gemm", 13, {{"transB", integer(1)}}, {a(), counting({2, 3})}, {f({2, 2}, {5, 14, 14, 50})}},
      {"TransBoth",
       "Gemm",
       13,
       {{"transA", integer(1)}, {"transB", integer(1)}},
       {counting({3, 2}), counting({2, 3})},
       {f({2, 2}, {10, 28, 13, 40})}},
      {"FusedClamp",
       "Gemm",
       13,
       {{std::string(kClampAttr), Attribute(std::vector<float>{12, 30})}},
       {a(), b()},
       {f({2, 2}, {12, 13, 28, 30})}},
      {"Vectors", "MatMul", 13, {}, {f({3}, {1, 2, 3}), f({3}, {4, 5, 6})}, {f({}, {32})}},
      {"VectorMatrix", "MatMul", 13, {}, {f({3}, {1, 1, 1}), b()}, {f({2}, {6, 9})}},
      {"MatrixVector", "MatMul", 13, {}, {a(), f({3}, {1, 1, 1})}, {f({2}, {3, 12})}},
      {"StackTimesMatrix", "MatMul", 13, {}, {counting({2, 1, 3}), b()}, {f({2, 1, 2}, {10, 13, 28, 40})}},
      {"MatrixTimesStack", "MatMul", 13, {}, {f({1, 2}, {1, 10}), counting({2, 2, 1})}, {f({2, 1, 1}, {10, 32})}},
      {"StacksBroadcast",
       "MatMul",
       13,
       {},
       {f({2, 1, 1, 1}, {2, 3}), f({1, 3, 1, 1}, {5, 7, 11})},
       {f({2, 3, 1, 1}, {10, 14, 22, 15, 21, 33})}},
      {"NothingToSum", "MatMul", 13, {}, {f({2, 0}, {}), f({0, 2}, {})}, {f({2, 2}, {0, 0, 0, 0})}},
      {"EmptyStack", "MatMul", 13, {}, {f({0, 2, 3}, {}), b()}, {f({0, 2, 2}, {})}},
      {"ZeroPoints",
       "MatMulInteger",
       10,
       {},
       {u8({1, 2}, {10, 20}), s8({2, 2}, {1, 2, 3, 4}), u8({}, {10}), s8({2}, {0, 1})},
       {s32({1, 2}, {30, 30})}},
      {"NoZeroPoints",
       "MatMulInteger",
       10,
       {},
       {u8({1, 2}, {255, 255}), u8({2, 1}, {255, 255})},
       {s32({1, 1}, {130050})}},
      {"Requantized",
       "QLinearMatMul",
       10,
       {},
       {u8({1, 2}, {110, 90}), f({}, {0.5f}), u8({}, {100}), s8({2, 1}, {10, -20}), f({}, {0.1f}), s8({}, {0}),
        f({}, {0.25f}), s8({}, {-8})},
       {s8({1, 1}, {52})}},
  };
  return kCases;
}

class Product : public ::testing::TestWithParam<OpCase> {};
TEST_P(Product, GivesExpected) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, Product, ::testing::ValuesIn(product_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"InnerDiffer", "Gemm", 13, {}, {a(), counting({2, 2})}, "inner dimensions"},
      {"NotMatrices", "Gemm", 13, {}, {counting({6}), b()}, "takes matrices"},
      {"AddendTooLarge", "Gemm", 13, {}, {a(), b(), counting({3, 2})}, "does not broadcast"},
      {"InnerDiffer", "MatMul", 13, {}, {a(), counting({2, 2})}, "inner dimensions"},
      {"Scalar", "MatMul", 13, {}, {f({}, {1}), b()}, "scalar"},
      {"StacksDiffer", "MatMul", 13, {}, {counting({2, 1, 1}), counting({3, 1, 1})}, "do not broadcast"},
      {"TypesDiffer", "MatMul", 13, {}, {i64({1, 1}, {1}), f({1, 1}, {1})}, "of one type"},
      {"ZeroPointPerRow",
       "MatMulInteger",
       10,
       {},
       {u8({2, 1}, {1, 2}), u8({1, 1}, {1}), u8({2}, {0, 1})},
       "per row",
       ErrorCode::kUnsupportedOperator},
  };
  return kCases;
}

class ProductRefuses : public ::testing::TestWithParam<BadCase> {};
TEST_P(ProductRefuses, WithItsReason) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, ProductRefuses, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
