// Operators of small families: detection, grids, windows of rare pools, signals, rotations, old experimental ones,
// random numbers. Options that the ONNX backend cases cover are not repeated here.
#include <cmath>

#include "core/ops/evaluate.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor image() { return counting({1, 1, 3, 3}); }

// Boxes (y0, x0, y1, x1): the first two overlap by half, the third lies apart.
Tensor boxes() { return f({1, 3, 4}, {0, 0, 2, 2, 2, 3, 0, 1, 5, 5, 6, 6}); }
Tensor scores() { return f({1, 2, 3}, {0.5f, 0.9f, 0.5f, 0.1f, 0.2f, 0.8f}); }
Tensor most(int64_t n) { return list({n}); }
Tensor threshold(float v) { return f({1}, {v}); }

const std::vector<OpCase>& rare_cases() {
  static const std::vector<OpCase> kCases = {
      {"None", "NonMaxSuppression", 11, {}, {boxes(), scores()}, {i64({0, 3}, {})}},
      {"KeepsTheApart",
       "NonMaxSuppression",
       11,
       {},
       {boxes(), scores(), most(9), threshold(0.3f), threshold(0.15f)},
       {i64({4, 3}, {0, 0, 1, 0, 0, 2, 0, 1, 2, 0, 1, 1})}},
      {"KeepsTheOverlapping",
       "NonMaxSuppression",
       11,
       {},
       {boxes(), scores(), most(2), threshold(0.6f)},
       {i64({4, 3}, {0, 0, 1, 0, 0, 0, 0, 1, 2, 0, 1, 1})}},
      {"WholeImage",
       "RoiAlign",
       16,
       {{"output_height", integer(1)}, {"output_width", integer(1)}, {"sampling_ratio", integer(2)}},
       {image(), f({1, 4}, {0.5f, 0.5f, 2.5f, 2.5f}), list({0})},
       {f({1, 1, 1, 1}, {4})}},
      {"Corners",
       "GridSample",
       16,
       {{"align_corners", integer(1)}},
       {image(), f({1, 1, 3, 2}, {-1, -1, 1, 1, 0, 0.5f})},
       {f({1, 1, 1, 3}, {0, 8, 5.5f})}},
      {"Border",
       "GridSample",
       16,
       {{"padding_mode", text("border")}},
       {image(), f({1, 1, 2, 2}, {-9, -9, 9, 0})},
       {f({1, 1, 1, 2}, {0, 5})}},
      {"Zeros",
       "GridSample",
       16,
       {{"mode", text("nearest")}},
       {image(), f({1, 1, 2, 2}, {-9, -9, 0, 0})},
       {f({1, 1, 1, 2}, {0, 4})}},
      {"Identity",
       "AffineGrid",
       20,
       {{"align_corners", integer(1)}},
       {f({1, 2, 3}, {1, 0, 0, 0, 1, 0}), list({1, 1, 2, 2})},
       {f({1, 2, 2, 2}, {-1, -1, 1, -1, -1, 1, 1, 1})}},
      {"One",
       "LpPool",
       18,
       {{"kernel_shape", ints({2, 2})}, {"p", integer(1)}},
       {image()},
       {f({1, 1, 2, 2}, {8, 12, 20, 24})}},
      {"Two", "GlobalLpPool", 2, {}, {f({1, 1, 2}, {3, -4})}, {f({1, 1, 1}, {5})}},
      {"Spreads",
       "MaxUnpool",
       11,
       {{"kernel_shape", ints({2})}, {"strides", ints({2})}},
       {f({1, 1, 2}, {7, 8}), i64({1, 1, 2}, {1, 2})},
       {f({1, 1, 4}, {0, 7, 8, 0})}},
      {"Overlaps", "Col2Im", 18, {}, {f({1, 2, 2}, {1, 2, 3, 4}), list({3}), list({2})}, {f({1, 1, 3}, {1, 5, 4})}},
      {"Odd", "DFT", 17, {}, {f({1, 3, 1}, {1, 2, 3})}, {f({1, 3, 2}, {6, 0, -1.5f, 0.8660254f, -1.5f, -0.8660254f})}},
      {"OnesidedAndPadded",
       "DFT",
       20,
       {{"onesided", integer(1)}},
       {f({1, 3, 1}, {1, 2, 3}), Tensor::scalar<int64_t>(4)},
       {f({1, 3, 2}, {6, 0, -2, -2, 2, 0})}},
      {"BackToReal",
       "DFT",
       20,
       {{"onesided", integer(1)}, {"inverse", integer(1)}},
       {f({1, 3, 2}, {6, 0, -2, -2, 2, 0}), Tensor::scalar<int64_t>(4)},
       {f({1, 4, 1}, {1, 2, 3, 0})}},
      {"Frames",
       "STFT",
       17,
       {},
       {f({1, 4, 1}, {1, 2, 3, 4}), Tensor::scalar<int64_t>(2), Tensor(), Tensor::scalar<int64_t>(2)},
       {f({1, 2, 2, 2}, {3, 0, -1, 0, 7, 0, -1, 0})}},
      {"Symmetric", "HannWindow", 17, {{"periodic", integer(0)}}, {Tensor::scalar<int64_t>(3)}, {f({3}, {0, 1, 0})}},
      {"Flat",
       "Unique",
       11,
       {},
       {f({4}, {2, 1, 1, 3})},
       {f({3}, {1, 2, 3}), i64({3}, {1, 0, 3}), i64({4}, {1, 0, 0, 2}), i64({3}, {2, 1, 1})}},
      {"RowsUnsorted",
       "Unique",
       11,
       {{"axis", integer(0)}, {"sorted", integer(0)}},
       {i64({3, 2}, {5, 6, 1, 2, 5, 6})},
       {i64({2, 2}, {5, 6, 1, 2}), i64({2}, {0, 1})}},
      {"Pivots", "Det", 11, {}, {f({2, 2, 2}, {0, 2, 3, 4, 1, 2, 2, 4})}, {f({2}, {-6, 0})}},
      {"Cuts", "CenterCropPad", 18, {{"axes", ints({1})}}, {counting({2, 4}), list({1})}, {f({2, 1}, {1, 5})}},
      {"QuarterTurn",
       "RotaryEmbedding",
       23,
       {},
       {f({1, 1, 2, 2}, {1, 2, 3, 4}), f({2, 1}, {1, 0}), f({2, 1}, {0, 1}), i64({1, 2}, {0, 1})},
       {f({1, 1, 2, 2}, {1, 2, -4, 3})}},
      {"Wraps",
       "TensorScatter",
       24,
       {{"mode", text("circular")}},
       {f({1, 3, 1}, {1, 2, 3}), f({1, 2, 1}, {8, 9}), list({2})},
       {f({1, 3, 1}, {9, 2, 8})}},
      {"Scaled", "Affine", 1, {{"alpha", real(2)}, {"beta", real(1)}}, {counting({3})}, {f({3}, {1, 3, 5})}},
      {"ByChannel",
       "ImageScaler",
       1,
       {{"scale", real(2)}, {"bias", Attribute(std::vector<float>{1, -1})}},
       {counting({1, 2, 1, 2})},
       {f({1, 2, 1, 2}, {1, 3, 3, 5})}},
      {"Border", "Crop", 1, {{"border", ints({1, 0, 0, 2})}}, {image()}, {f({1, 1, 1, 2}, {1, 2})}},
      {"Sized",
       "Crop",
       1,
       {{"border", ints({1, 1, 0, 0})}, {"scale", ints({1, 2})}},
       {image()},
       {f({1, 1, 1, 2}, {4, 5})}},
      {"Scaled",
       "ScaledTanh",
       1,
       {{"alpha", real(2)}, {"beta", real(0.5f)}},
       {f({1}, {1})},
       {f({1}, {static_cast<float>(2 * std::tanh(0.5))})}},
      {"Identity",
       "DeformConv",
       19,
       {},
       {image(), f({1, 1, 2, 2}, {1, 1, 1, 1}), f({1, 8, 2, 2}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                                 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})},
       {f({1, 1, 2, 2}, {8, 12, 20, 24})}},
  };
  return kCases;
}
class Rare : public ::testing::TestWithParam<OpCase> {};
TEST_P(Rare, ComputesAndInfers) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, Rare, ::testing::ValuesIn(rare_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"Boxes", "NonMaxSuppression", 11, {}, {counting({1, 3, 5}), scores()}, "do not fit"},
      {"Batch", "RoiAlign", 16, {}, {image(), f({1, 4}, {0, 0, 1, 1}), list({3})}, "index"},
      {"Mode", "GridSample", 16, {{"mode", text("round")}}, {image(), f({1, 1, 1, 2}, {0, 0})}, "mode"},
      {"Length", "DFT", 17, {}, {counting({1, 3, 1}), Tensor::scalar<int64_t>(0)}, "dft_length"},
      {"Outside", "MaxUnpool", 11, {{"kernel_shape", ints({2})}}, {f({1, 1, 1}, {7}), i64({1, 1, 1}, {5})}, "outside"},
      {"Past", "TensorScatter", 24, {}, {f({1, 3, 1}, {1, 2, 3}), f({1, 2, 1}, {8, 9}), list({2})}, "beyond"},
      {"Positions",
       "RotaryEmbedding",
       23,
       {},
       {counting({1, 1, 1, 2}), f({1, 1}, {1}), f({1, 1}, {0}), i64({1, 1}, {4})},
       "position"},
      {"Border", "Crop", 1, {{"border", ints({2, 0, 2, 0})}}, {image()}, "border"},
  };
  return kCases;
}
class BadRare : public ::testing::TestWithParam<BadCase> {};
TEST_P(BadRare, IsRefused) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Cases, BadRare, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

// The same numbers in every run, of the shape and spread that the node asks for.
TEST(Random, FollowsItsAttributesAndRepeats) {
  const auto draw = [](const std::string& op, Attributes attributes) {
    Node node;
    node.op_type = op;
    node.attributes = std::move(attributes);
    node.outputs = {0};
    auto result = evaluate_node(*find_op("", op, 22), node, 22, {});
    EXPECT_TRUE(result.ok()) << result.error().message;
    return result->front();
  };
  const Attributes shape = {
      {"shape", ints({50, 40})}, {"low", real(2)}, {"high", real(4)}, {"mean", real(-3)}, {"scale", real(0.5f)}};
  Attributes seeded = shape;
  seeded["seed"] = real(7);
  const Tensor uniform = draw("RandomUniform", shape), normal = draw("RandomNormal", shape);
  EXPECT_EQ(uniform.dims(), (Dims{50, 40}));
  EXPECT_TRUE(uniform.identical(draw("RandomUniform", shape)));
  EXPECT_FALSE(uniform.identical(draw("RandomUniform", seeded)));
  double mean = 0, square = 0;
  for (float v : uniform.data<float>()) EXPECT_TRUE(v >= 2 && v < 4) << v;
  for (float v : normal.data<float>()) {
    mean += static_cast<double>(v) / 2000;
    square += static_cast<double>(v) * static_cast<double>(v) / 2000;
  }
  EXPECT_NEAR(mean, -3, 0.05);
  EXPECT_NEAR(std::sqrt(square - mean * mean), 0.5, 0.05);
}

}  // namespace
}  // namespace halftone::testing
