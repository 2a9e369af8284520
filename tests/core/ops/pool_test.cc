// MaxPool, AveragePool and the global pools: attributes. Windows at many sizes: tests/core/kernels/pool_test.cc.
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor image() { return counting({1, 1, 4, 4}); }
Tensor s8(Dims dims, std::initializer_list<int8_t> v) { return Tensor::of<int8_t>(std::move(dims), v); }

const std::vector<OpCase>& pool_cases() {
  static const std::vector<OpCase> kCases = {
      {"Plain",
       "MaxPool",
       12,
       {{"kernel_shape", ints({2, 2})}, {"strides", ints({2, 2})}},
       {image()},
       {f({1, 1, 2, 2}, {5, 7, 13, 15})}},
      {"Ceil",
       "MaxPool",
       12,
       {{"kernel_shape", ints({3, 3})}, {"strides", ints({2, 2})}, {"ceil_mode", integer(1)}},
       {image()},
       {f({1, 1, 2, 2}, {10, 11, 14, 15})}},
      // A third window would start in the trailing pad.
      {"CeilLastWindowInPads",
       "MaxPool",
       12,
       {{"kernel_shape", ints({1})}, {"strides", ints({2})}, {"pads", ints({0, 1})}, {"ceil_mode", integer(1)}},
       {f({1, 1, 4}, {3, 4, 5, 6})},
       {f({1, 1, 2}, {3, 5})}},
      {"Indices",
       "MaxPool",
       12,
       {{"kernel_shape", ints({2, 2})}, {"strides", ints({2, 2})}},
       {image()},
       {f({1, 1, 2, 2}, {5, 7, 13, 15}), i64({1, 1, 2, 2}, {5, 7, 13, 15})}},
      {"ColumnMajorIndices",
       "MaxPool",
       12,
       {{"kernel_shape", ints({2, 2})}, {"strides", ints({2, 2})}, {"storage_order", integer(1)}},
       {image()},
       {f({1, 1, 2, 2}, {5, 7, 13, 15}), i64({1, 1, 2, 2}, {5, 13, 7, 15})}},
      {"Bytes", "MaxPool", 12, {{"kernel_shape", ints({2})}}, {s8({1, 1, 3}, {-5, -9, 3})}, {s8({1, 1, 2}, {-5, 3})}},
      {"SameUpper",
       "MaxPool",
       12,
       {{"kernel_shape", ints({3, 3})}, {"strides", ints({2, 2})}, {"auto_pad", text("SAME_UPPER")}},
       {image()},
       {f({1, 1, 2, 2}, {10, 11, 14, 15})}},
      {"Plain", "AveragePool", 11, {{"kernel_shape", ints({4, 4})}}, {image()}, {f({1, 1, 1, 1}, {7.5f})}},
      {"PadsNotCounted",
       "AveragePool",
       11,
       {{"kernel_shape", ints({3})}, {"pads", ints({1, 1})}},
       {f({1, 1, 3}, {3, 6, 9})},
       {f({1, 1, 3}, {4.5f, 6, 7.5f})}},
      {"PadsCounted",
       "AveragePool",
       11,
       {{"kernel_shape", ints({3})}, {"pads", ints({1, 1})}, {"count_include_pad", integer(1)}},
       {f({1, 1, 3}, {3, 6, 9})},
       {f({1, 1, 3}, {3, 6, 5})}},
      {"CeilBeyondPadsNotCounted",
       "AveragePool",
       11,
       {{"kernel_shape", ints({2})},
        {"strides", ints({2})},
        {"ceil_mode", integer(1)},
        {"count_include_pad", integer(1)}},
       {f({1, 1, 3}, {3, 6, 9})},
       {f({1, 1, 2}, {4.5f, 9})}},
      {"Dilated",
       "AveragePool",
       19,
       {{"kernel_shape", ints({2})}, {"dilations", ints({2})}},
       {f({1, 1, 3}, {3, 6, 9})},
       {f({1, 1, 1}, {6})}},
      {"TwoAxes", "GlobalAveragePool", 1, {}, {counting({1, 2, 2, 2})}, {f({1, 2, 1, 1}, {1.5f, 5.5f})}},
      {"NoAxes", "GlobalAveragePool", 1, {}, {f({2, 1}, {3, 4})}, {f({2, 1}, {3, 4})}},
      {"ThreeAxes", "GlobalMaxPool", 1, {}, {counting({1, 2, 1, 2, 2})}, {f({1, 2, 1, 1, 1}, {3, 7})}},
  };
  return kCases;
}

class Pool : public ::testing::TestWithParam<OpCase> {};
TEST_P(Pool, GivesExpected) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, Pool, ::testing::ValuesIn(pool_cases()), case_name<OpCase>);

}  // namespace
}  // namespace halftone::testing
