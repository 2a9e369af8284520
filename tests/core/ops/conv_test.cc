// Conv, ConvInteger, QLinearConv: shapes, padding modes and errors. Arithmetic at many sizes: tests/core/kernels.
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor u8(Dims dims, std::initializer_list<uint8_t> v) { return Tensor::of<uint8_t>(std::move(dims), v); }
Tensor s8(Dims dims, std::initializer_list<int8_t> v) { return Tensor::of<int8_t>(std::move(dims), v); }
Tensor s32(Dims dims, std::initializer_list<int32_t> v) { return Tensor::of<int32_t>(std::move(dims), v); }

// x: 0 .. 15 as [1, 1, 4, 4]; w: ones.
Tensor image() { return counting({1, 1, 4, 4}); }
Tensor ones(Dims dims) {
  std::vector<float> v(static_cast<size_t>(*element_count(dims)), 1.0f);
  return Tensor::of<float>(std::move(dims), std::span<const float>(v));
}

const std::vector<OpCase>& conv_cases() {
  static const std::vector<OpCase> kCases = {
      {"Valid", "Conv", 11, {}, {image(), ones({1, 1, 3, 3})}, {f({1, 1, 2, 2}, {45, 54, 81, 90})}},
      {"Bias", "Conv", 11, {}, {image(), ones({2, 1, 4, 4}), f({2}, {0.5f, -120})}, {f({1, 2, 1, 1}, {120.5f, 0})}},
      {"SameUpper",
       "Conv",
       11,
       {{"auto_pad", text("SAME_UPPER")}, {"strides", ints({2, 2})}},
       {image(), ones({1, 1, 3, 3})},
       {f({1, 1, 2, 2}, {45, 39, 66, 50})}},
      {"SameLower",
       "Conv",
       11,
       {{"auto_pad", text("SAME_LOWER")}, {"strides", ints({2, 2})}},
       {image(), ones({1, 1, 3, 3})},
       {f({1, 1, 2, 2}, {10, 24, 51, 90})}},
      {"AutoPadValid",
       "Conv",
       11,
       {{"auto_pad", text("VALID")}, {"pads", ints({9, 9, 9, 9})}},
       {image(), ones({1, 1, 4, 4})},
       {f({1, 1, 1, 1}, {120})}},
      {"AsymmetricPads",
       "Conv",
       11,
       {{"pads", ints({1, 0, 0, 2})}, {"strides", ints({3, 3})}},
       {image(), ones({1, 1, 2, 3})},
       {f({1, 1, 2, 2}, {3, 3, 66, 26})}},
      {"Dilated",
       "Conv",
       11,
       {{"dilations", ints({3, 2})}, {"kernel_shape", ints({2, 2})}},
       {image(), ones({1, 1, 2, 2})},
       {f({1, 1, 1, 2}, {28, 32})}},
      {"OneAxis",
       "Conv",
       11,
       {{"pads", ints({1, 1})}},
       {f({1, 1, 3}, {1, 2, 3}), f({1, 1, 3}, {1, 10, 100})},
       {f({1, 1, 3}, {210, 321, 32})}},
      {"ThreeAxes", "Conv", 11, {}, {counting({1, 1, 2, 2, 2}), ones({1, 1, 2, 2, 2})}, {f({1, 1, 1, 1, 1}, {28})}},
      {"Groups",
       "Conv",
       11,
       {{"group", integer(2)}},
       {f({1, 2, 1, 1}, {3, 5}), f({4, 1, 1, 1}, {1, 2, 10, 20})},
       {f({1, 4, 1, 1}, {3, 6, 50, 100})}},
      {"FusedClamp",
       "Conv",
       11,
       {{std::string(kClampAttr), Attribute(std::vector<float>{50, 85})}},
       {image(), ones({1, 1, 3, 3})},
       {f({1, 1, 2, 2}, {50, 54, 81, 85})}},
      {"EmptyBatch", "Conv", 11, {}, {f({0, 1, 4, 4}, {}), ones({1, 1, 3, 3})}, {f({0, 1, 2, 2}, {})}},
      {"ZeroPoints",
       "ConvInteger",
       10,
       {{"pads", ints({0, 1})}},
       {u8({1, 1, 2}, {10, 12}), s8({1, 1, 2}, {3, -4}), u8({}, {9}), s8({}, {-1})},
       {s32({1, 1, 2}, {1 * 4 + 3 * -3, 3 * 4})}},
      {"Requantized",
       "QLinearConv",
       10,
       {},
       {u8({1, 1, 1, 2}, {100, 200}), f({}, {0.5f}), u8({}, {100}), s8({2, 1, 1, 1}, {10, -10}), f({2}, {0.1f, 0.2f}),
        s8({2}, {0, 0}), f({}, {1.0f}), u8({}, {100}), s32({2}, {100, 50})},
       {u8({1, 2, 1, 2}, {105, 155, 105, 5})}},
  };
  return kCases;
}

class Conv : public ::testing::TestWithParam<OpCase> {};
TEST_P(Conv, GivesExpected) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, Conv, ::testing::ValuesIn(conv_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  const Tensor w = ones({1, 1, 3, 3});
  static const std::vector<BadCase> kCases = {
      {"ChannelsDiffer", "Conv", 11, {}, {image(), ones({1, 2, 3, 3})}, "different number"},
      {"GroupsDoNotDivide", "Conv", 11, {{"group", integer(2)}}, {image(), ones({3, 1, 1, 1})}, "do not divide"},
      {"GroupZero", "Conv", 11, {{"group", integer(0)}}, {image(), w}, "group is 0"},
      {"RankTooLow", "Conv", 11, {}, {counting({4, 4}), counting({1, 1})}, "at least 3"},
      {"RanksDiffer", "Conv", 11, {}, {image(), ones({1, 1, 3})}, "same rank"},
      {"KernelDisagrees", "Conv", 11, {{"kernel_shape", ints({2, 2})}}, {image(), w}, "disagrees"},
      {"StrideZero", "Conv", 11, {{"strides", ints({1, 0})}}, {image(), w}, "strides holds 0"},
      {"StridesTooMany", "Conv", 11, {{"strides", ints({1, 1, 1})}}, {image(), w}, "3 entries for 2"},
      {"PadsTooFew", "Conv", 11, {{"pads", ints({1, 1})}}, {image(), w}, "2 entries for 2"},
      {"PadNegative", "Conv", 11, {{"pads", ints({0, 0, -1, 0})}}, {image(), w}, "pads holds -1"},
      {"PadAbsurd", "Conv", 11, {{"pads", ints({INT64_MAX, 0, 0, 0})}}, {image(), w}, "pads holds"},
      {"WindowTooLarge", "Conv", 11, {{"dilations", ints({2, 2})}}, {image(), w}, "does not fit"},
      {"AutoPadUnknown", "Conv", 11, {{"auto_pad", text("FULL")}}, {image(), w}, "auto_pad is"},
      {"BiasTooShort", "Conv", 11, {}, {image(), ones({2, 1, 3, 3}), f({1}, {1})}, "one element for each"},
      {"FourInputs", "Conv", 11, {}, {image(), w, {}, ones({1, 1, 2, 2})}, "three inputs at most"},
      {"AddendOfOtherShape",
       "Conv",
       11,
       {{std::string(kChannelsLastAttr), integer(1)}, {std::string(kAddendAttr), integer(1)}},
       {counting({1, 4, 4, 1}), w, {}, ones({1, 2, 1, 1})},
       "is added to the output [1, 2, 2, 1]"},
      {"FourAxes",
       "Conv",
       11,
       {},
       {counting({1, 1, 1, 1, 1, 1}), counting({1, 1, 1, 1, 1, 1})},
       "spatial axes",
       ErrorCode::kUnsupportedOperator},
      {"ZeroPointType", "ConvInteger", 10, {}, {u8({1, 1, 1}, {1}), u8({1, 1, 1}, {1}), s8({}, {0})}, "another type"},
      {"NoWindow", "MaxPool", 12, {}, {image()}, "kernel_shape is missing"},
      {"PoolTooLarge", "AveragePool", 11, {{"kernel_shape", ints({5, 1})}}, {image()}, "does not fit"},
      {"PlaneEmpty", "GlobalAveragePool", 1, {}, {f({1, 1, 0, 3}, {})}, "empty plane"},
  };
  return kCases;
}

class WindowRefuses : public ::testing::TestWithParam<BadCase> {};
TEST_P(WindowRefuses, WithItsReason) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, WindowRefuses, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
