// Resize and Upsample: nearest in its roundings, linear and cubic in their coordinate modes, on rows short enough to
// follow by hand; Constant, ConstantOfShape, Range, EyeLike, Shape, Size.
#include <cmath>

#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Attributes modes(std::string mode, std::string coordinates, Attributes more = {}) {
  more["mode"] = text(std::move(mode));
  more["coordinate_transformation_mode"] = text(std::move(coordinates));
  return more;
}

const std::vector<OpCase>& resize_cases() {
  static const std::vector<OpCase> kCases = {
      {"Doubles", "Upsample", 9, {}, {f({1, 2}, {1, 2}), f({2}, {1, 2})}, {f({1, 4}, {1, 1, 2, 2})}},
      {"ByAttribute",
       "Upsample",
       7,
       {{"scales", Attribute(std::vector<float>{2, 1})}},
       {f({1, 2}, {1, 2})},
       {f({2, 2}, {1, 2, 1, 2})}},
      {"Linear", "Upsample", 9, {{"mode", text("linear")}}, {f({2}, {0, 4}), f({1}, {2})}, {f({4}, {0, 2, 4, 4})}},
      {"Shrinks", "Resize", 10, {}, {counting({4}), f({1}, {0.5f})}, {f({2}, {0, 2})}},
      {"HalfPixelNearest", "Resize", 13, {}, {f({2}, {1, 2}), Tensor(), f({1}, {2})}, {f({4}, {1, 1, 2, 2})}},
      {"SizesAndFloor",
       "Resize",
       13,
       modes("nearest", "asymmetric", {{"nearest_mode", text("floor")}}),
       {counting({4}), Tensor(), Tensor(), list({2})},
       {f({2}, {0, 2})}},
      {"Ceil",
       "Resize",
       13,
       modes("nearest", "asymmetric", {{"nearest_mode", text("ceil")}}),
       {counting({2}), Tensor(), f({1}, {2})},
       {f({4}, {0, 1, 1, 1})}},
      {"AnyType", "Resize", 13, {}, {i64({2}, {7, 8}), Tensor(), f({1}, {2})}, {i64({4}, {7, 7, 8, 8})}},
      {"EmptyTensorIsNotGiven",
       "Resize",
       11,
       {},
       {f({2}, {1, 2}), counting({0}), counting({0}), list({2})},
       {f({2}, {1, 2})}},
      {"HalfPixelLinear",
       "Resize",
       13,
       modes("linear", "half_pixel"),
       {f({2}, {0, 4}), Tensor(), f({1}, {2})},
       {f({4}, {0, 1, 3, 4})}},
      {"AlignedCorners",
       "Resize",
       13,
       modes("linear", "align_corners"),
       {f({2}, {0, 6}), Tensor(), Tensor(), list({4})},
       {f({4}, {0, 2, 4, 6})}},
      {"PytorchOfOne",
       "Resize",
       13,
       modes("linear", "pytorch_half_pixel"),
       {counting({4}), Tensor(), Tensor(), list({1})},
       {f({1}, {0})}},
      {"Cubic",
       "Resize",
       13,
       modes("cubic", "asymmetric", {{"cubic_coeff_a", real(-0.5f)}}),
       {f({4}, {0, 0, 8, 8}), Tensor(), f({1}, {2})},
       {f({8}, {0, -0.5f, 0, 4, 8, 8.5f, 8, 8})}},
      {"Crops",
       "Resize",
       13,
       modes("linear", "tf_crop_and_resize", {{"extrapolation_value", real(-7)}}),
       {counting({5}), f({2}, {0.5f, 1.5f}), Tensor(), list({3})},
       {f({3}, {2, 4, -7})}},
      {"AntialiasAverages",
       "Resize",
       18,
       modes("linear", "half_pixel", {{"antialias", integer(1)}}),
       {f({4}, {0, 8, 8, 0}), Tensor(), f({1}, {0.5f})},
       {f({2}, {4, 4})},
       1e-5},
      {"OneAxis",
       "Resize",
       18,
       {{"axes", ints({1})}},
       {f({2, 1}, {1, 2}), Tensor(), Tensor(), list({2})},
       {f({2, 2}, {1, 1, 2, 2})}},
      {"NotLarger",
       "Resize",
       18,
       {{"keep_aspect_ratio_policy", text("not_larger")}},
       {counting({2, 1}), Tensor(), Tensor(), list({4, 8})},
       {f({4, 2}, {0, 0, 0, 0, 1, 1, 1, 1})}},
      {"Ints", "Constant", 13, {{"value_ints", ints({1, 2})}}, {}, {list({1, 2})}},
      {"Zeros", "ConstantOfShape", 9, {}, {list({2, 1})}, {f({2, 1}, {0, 0})}},
      {"Value",
       "ConstantOfShape",
       9,
       {{"value", Attribute(Tensor::of<int64_t>({1}, {7}))}},
       {list({2})},
       {list({7, 7})}},
      {"Down", "Range", 11, {}, {i64({}, {5}), i64({}, {0}), i64({}, {-2})}, {list({5, 3, 1})}},
      {"Nothing", "Range", 11, {}, {f({}, {1}), f({}, {1}), f({}, {1})}, {counting({0})}},
      {"AboveDiagonal",
       "EyeLike",
       9,
       {{"k", integer(1)}, {"dtype", integer(7)}},
       {counting({2, 3})},
       {i64({2, 3}, {0, 1, 0, 0, 0, 1})}},
      {"Part", "Shape", 15, {{"start", integer(1)}, {"end", integer(-1)}}, {counting({2, 3, 4})}, {list({3})}},
      {"All", "Shape", 13, {}, {counting({2, 3})}, {list({2, 3})}},
      {"Elements", "Size", 13, {}, {counting({2, 3})}, {i64({}, {6})}},
  };
  return kCases;
}

class Resize : public ::testing::TestWithParam<OpCase> {};
TEST_P(Resize, MatchesExpectation) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, Resize, ::testing::ValuesIn(resize_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"NothingGiven", "Resize", 13, {}, {counting({2})}, "neither scales nor sizes"},
      {"ScaleZero", "Resize", 13, {}, {counting({2}), Tensor(), f({1}, {0})}, "positive"},
      {"ScaleNan", "Resize", 13, {}, {counting({2}), Tensor(), f({1}, {NAN})}, "positive"},
      {"TooFewScales", "Resize", 13, {}, {counting({2, 2}), Tensor(), f({1}, {2})}, "do not match"},
      {"TooLong", "Resize", 13, {}, {counting({2}), Tensor(), f({1}, {1e9f})}, "too long"},
      {"SizeNegative", "Resize", 13, {}, {counting({2}), Tensor(), Tensor(), list({-1})}, "out of range"},
      {"FromNothing", "Resize", 13, {}, {counting({0}), Tensor(), Tensor(), list({2})}, "nothing to resize"},
      {"UnknownMode", "Resize", 13, {{"mode", text("lanczos")}}, {counting({2}), Tensor(), f({1}, {2})}, "lanczos"},
      {"UnknownPlaces", "Resize", 13, modes("linear", "center"), {counting({2}), Tensor(), f({1}, {2})}, "center"},
      {"Endless", "Range", 11, {}, {i64({}, {0}), i64({}, {1}), i64({}, {0})}, "delta of 0"},
      {"FarTooLong", "Range", 11, {}, {f({}, {0}), f({}, {3e38f}), f({}, {1e-30f})}, "too long"},
      {"NoValue", "Constant", 13, {}, {}, "without a value"},
      {"NegativeSize", "ConstantOfShape", 9, {}, {list({-2})}, "negative"},
      {"NotAMatrix", "EyeLike", 9, {}, {counting({2})}, "matrix"},
  };
  return kCases;
}

class ResizeRefuses : public ::testing::TestWithParam<BadCase> {};
TEST_P(ResizeRefuses, WithItsReason) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, ResizeRefuses, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
