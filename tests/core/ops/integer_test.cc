// Operators in integer mode against dequantize, float operator, quantize: elementwise ones bit for bit, sums of
// products within the one step that float's own rounding can make.
#include <gtest/gtest.h>

#include "tests/core/ops/integer_case.h"

namespace halftone::testing {
namespace {

constexpr DType kTypes[] = {DType::kUint8, DType::kInt8};

int32_t lowest(DType t) { return t == DType::kInt8 ? -128 : 0; }
Tensor any_codes(DType t, Dims dims, uint64_t seed) {
  return random_codes(t, std::move(dims), seed, lowest(t), lowest(t) + 255);
}

// Conv of x [2, 4, 7, 9] with 6 filters, two groups of them.
IntegerCase conv_case(DType x, DType y, bool per_channel) {
  const auto weights = random_codes(DType::kInt8, {6, 2, 3, 3}, 2, -127, 127);
  const auto w_quant = per_channel ? per_axis(DType::kInt8, {0.01f, 0.02f, 0.005f, 0.03f, 0.015f, 0.01f}, 0)
                                   : per_tensor(DType::kInt8, 0.015f, 0);
  IntegerCase c{
      .op = "Conv",
      .attributes = {{"group", Attribute(int64_t{2})},
                     {"pads", Attribute(std::vector<int64_t>{1, 1, 0, 1})},
                     {"strides", Attribute(std::vector<int64_t>{1, 2})}},
      .inputs = {{any_codes(x, {2, 4, 7, 9}, 1), per_tensor(x, 0.04f, lowest(x) + 77)}, {weights, w_quant, true}},
      .output = per_tensor(y, 0.11f, lowest(y) + 120)};
  return c;
}

void add_bias(IntegerCase& c) {
  std::vector<float> scale;
  const QuantParams& w = *c.inputs[1].quant;
  for (size_t i = 0; i < 6; ++i) scale.push_back(c.inputs[0].quant->scale[0] * w.scale[w.scale.size() == 1 ? 0 : i]);
  c.inputs.push_back({Tensor::of<int32_t>({6}, {100, -2000, 0, 5000, 1, -1}), per_axis(DType::kInt32, scale, 0), true});
}

TEST(IntegerConv, MatchesFloatWithinOneStep) {
  for (DType x : kTypes) {
    for (DType y : kTypes) {
      for (bool per_channel : {false, true}) {
        IntegerCase c = conv_case(x, y, per_channel);
        EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1);
        add_bias(c);
        EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1);
        c.attributes[std::string(kClampAttr)] = Attribute(std::vector<float>{0.0f, 6.0f});
        EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1);
      }
    }
  }
}

TEST(IntegerConv, TakesBiasOfAnyForm) {
  IntegerCase with_ints = conv_case(DType::kUint8, DType::kUint8, false);
  add_bias(with_ints);
  IntegerCase with_floats = conv_case(DType::kUint8, DType::kUint8, false);
  std::vector<float> reals;
  for (int32_t b : with_ints.inputs[2].tensor.data<int32_t>())
    reals.push_back(static_cast<float>(b) * (0.04f * 0.015f));
  with_floats.inputs.push_back({Tensor::of<float>({6}, std::span<const float>(reals)), std::nullopt, true});
  EXPECT_EQ(code_distance(run_integer(with_ints), run_integer(with_floats)), 0);
  // The same bias in a scale twice as fine.
  IntegerCase finer = conv_case(DType::kUint8, DType::kUint8, false);
  std::vector<int32_t> twice;
  for (int32_t b : with_ints.inputs[2].tensor.data<int32_t>()) twice.push_back(2 * b);
  finer.inputs.push_back({Tensor::of<int32_t>({6}, std::span<const int32_t>(twice)),
                          per_tensor(DType::kInt32, 0.04f * 0.015f / 2, 0), true});
  EXPECT_EQ(code_distance(run_integer(with_ints), run_integer(finer)), 0);
}

TEST(IntegerConv, TakesUnsignedAndFourBitWeights) {
  IntegerCase c = conv_case(DType::kInt8, DType::kInt8, false);
  c.inputs[1] = {random_codes(DType::kUint8, {6, 2, 3, 3}, 5, 0, 255), per_tensor(DType::kUint8, 0.01f, 7), true};
  EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1);
  c.inputs[1] = {Tensor::adopt(DType::kInt4, {6, 2, 3, 3}, std::string(54, '\x5a')).value(),
                 per_tensor(DType::kInt4, 0.1f, 0), true};
  EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1);
}

TEST(IntegerConv, DeclinesWhatItCannotCompute) {
  IntegerCase c = conv_case(DType::kUint8, DType::kUint8, false);
  EXPECT_TRUE(integer_applies(c));
  IntegerCase variable = c;
  variable.inputs[1].constant = false;
  EXPECT_FALSE(integer_applies(variable)) << "weights that change";
  IntegerCase axis = c;
  axis.inputs[1].quant = per_axis(DType::kInt8, {0.1f, 0.2f}, 1);
  EXPECT_FALSE(integer_applies(axis)) << "scales along input channels";
  IntegerCase wide = c;
  wide.output = per_tensor(DType::kInt16, 0.1f, 0);
  EXPECT_FALSE(integer_applies(wide)) << "16-bit output";
  IntegerCase zero = c;
  zero.inputs[1].quant->scale[0] = 0;
  EXPECT_FALSE(integer_applies(zero)) << "a scale of zero";
  IntegerCase overflow = c;
  overflow.inputs.push_back(
      {Tensor::of<int32_t>({6}, {INT32_MAX, 0, 0, 0, 0, 0}), per_tensor(DType::kInt32, 0.04f * 0.015f, 0), true});
  EXPECT_FALSE(integer_applies(overflow)) << "sums beyond 32 bits";
}

TEST(IntegerGemm, MatchesFloatWithinOneStep) {
  for (DType x : kTypes) {
    for (int64_t trans_b : {0, 1}) {
      for (int64_t k : {1, 4, 33}) {
        const Dims b_dims = trans_b != 0 ? Dims{11, k} : Dims{k, 11};
        std::vector<float> scale;
        for (int i = 0; i < 11; ++i) scale.push_back(0.01f + 0.002f * static_cast<float>(i));
        IntegerCase c{.op = "Gemm",
                      .attributes = {{"transB", Attribute(trans_b)}},
                      .inputs = {{any_codes(x, {7, k}, 3), per_tensor(x, 0.03f, lowest(x) + 100)},
                                 {random_codes(DType::kInt8, b_dims, 4, -127, 127),
                                  per_axis(DType::kInt8, scale, trans_b != 0 ? 0 : 1), true}},
                      .output = per_tensor(x, 0.2f, lowest(x) + 128)};
        EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1) << k;
        std::vector<float> bias(11, 0.75f);
        c.inputs.push_back({Tensor::of<float>({11}, std::span<const float>(bias)), std::nullopt, true});
        EXPECT_LE(code_distance(run_integer(c), simulate(c)), 1) << k;
        c.attributes["alpha"] = Attribute(0.5f);
        EXPECT_FALSE(integer_applies(c));
      }
    }
  }
}

TEST(IntegerMatMul, MatchesFloatOverStacks) {
  IntegerCase c{
      .op = "MatMul",
      .inputs = {{any_codes(DType::kInt8, {2, 3, 5, 17}, 8), per_tensor(DType::kInt8, 0.03f, -4)},
                 {random_codes(DType::kInt8, {17, 9}, 9, -127, 127), per_tensor(DType::kInt8, 0.02f, 0), true}},
      .output = per_tensor(DType::kUint8, 0.3f, 128)};
  const Tensor y = run_integer(c);
  EXPECT_EQ(y.dims(), (Dims{2, 3, 5, 9}));
  EXPECT_LE(code_distance(y, simulate(c)), 1);
}

TEST(IntegerElementwise, EqualsTheFloatWayBitForBit) {
  const std::pair<Dims, Dims> shapes[] = {{{2, 3, 4, 5}, {2, 3, 4, 5}},
                                          {{1, 33}, {1, 33}},
                                          {{2, 3, 4}, {}},
                                          {{}, {2, 3}},
                                          {{2, 3, 4}, {3, 1}},
                                          {{4, 1, 5}, {1, 3, 1}},
                                          {{2, 1, 3, 1}, {5, 1, 7}},
                                          {{1, 1, 1}, {1}},
                                          {{0, 3}, {1, 3}},
                                          {{2, 5, 7, 24}, {24}},
                                          {{3}, {2, 400, 3}},
                                          {{2, 3, 40, 30}, {2, 1, 1, 30}},
                                          {{3, 700}, {700}}};
  uint64_t seed = 40;
  for (const char* op : {"Add", "Sub", "Mul"}) {
    for (const auto& [a, b] : shapes) {
      for (DType first : kTypes) {
        const DType second = seed % 2 != 0 ? DType::kInt8 : DType::kUint8;
        IntegerCase c{.op = op,
                      .inputs = {{any_codes(first, a, ++seed), per_tensor(first, 0.037f, lowest(first) + 99)},
                                 {any_codes(second, b, ++seed), per_tensor(second, 0.0211f, lowest(second) + 3)}},
                      .output = per_tensor(seed % 3 != 0 ? DType::kInt8 : DType::kUint8, 0.0333f, 55)};
        EXPECT_EQ(code_distance(run_integer(c), simulate(c)), 0) << op << " " << to_string(a) << to_string(b);
      }
    }
  }
}

TEST(IntegerElementwise, EveryPairOfCodesAddsExactly) {
  std::string bytes(256, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  const Tensor column = Tensor::adopt(DType::kUint8, {256, 1}, bytes).value();
  const Tensor row = Tensor::adopt(DType::kInt8, {256}, bytes).value();
  // Scales that put many sums on ties.
  IntegerCase c{.op = "Add",
                .inputs = {{column, per_tensor(DType::kUint8, 0.5f, 128)}, {row, per_tensor(DType::kInt8, 0.25f, 0)}},
                .output = per_tensor(DType::kInt8, 0.5f, -3)};
  EXPECT_EQ(code_distance(run_integer(c), simulate(c)), 0);
}

TEST(IntegerElementwise, ClampIsHonoured) {
  IntegerCase c{.op = "Add",
                .attributes = {{std::string(kClampAttr), Attribute(std::vector<float>{0.0f, 1.5f})}},
                .inputs = {{any_codes(DType::kInt8, {64}, 1), per_tensor(DType::kInt8, 0.05f, 0)},
                           {any_codes(DType::kInt8, {64}, 2), per_tensor(DType::kInt8, 0.05f, 0)}},
                .output = per_tensor(DType::kInt8, 0.1f, -20)};
  EXPECT_EQ(code_distance(run_integer(c), simulate(c)), 0);
  const Tensor y = run_integer(c);
  for (int8_t code : y.data<int8_t>()) EXPECT_TRUE(code >= -20 && code <= -5) << int(code);
}

TEST(IntegerElementwise, OldAxisAttributeIsDeclined) {
  IntegerCase c{.op = "Add",
                .opset = 6,
                .attributes = {{"axis", Attribute(int64_t{0})}},
                .inputs = {{any_codes(DType::kInt8, {2, 3}, 1), per_tensor(DType::kInt8, 0.05f, 0)},
                           {any_codes(DType::kInt8, {2}, 2), per_tensor(DType::kInt8, 0.05f, 0)}},
                .output = per_tensor(DType::kInt8, 0.1f, 0)};
  EXPECT_FALSE(integer_applies(c));
}

TEST(IntegerTable, EqualsTheFloatWayBitForBit) {
  std::string bytes(256, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  for (const char* op : {"Sigmoid", "Tanh", "LeakyRelu", "HardSwish", "Relu", "Elu", "Softplus", "HardSigmoid", "Gelu",
                         "Mish", "Erf", "Exp", "Log", "Sqrt", "Neg", "Abs", "Reciprocal", "Sin", "Round"}) {
    for (DType type : kTypes) {
      IntegerCase c{
          .op = op,
          .opset = 20,
          .inputs = {{Tensor::adopt(type, {2, 128}, bytes).value(), per_tensor(type, 0.05f, lowest(type) + 128)}},
          .output = per_tensor(DType::kUint8, 0.01f, 100)};
      EXPECT_EQ(code_distance(run_integer(c), simulate(c)), 0) << op;
    }
  }
}

TEST(IntegerTable, TakesConstantBounds) {
  IntegerCase c{.op = "Clip",
                .inputs = {{any_codes(DType::kUint8, {5, 7}, 3), per_tensor(DType::kUint8, 0.1f, 128)},
                           {Tensor::scalar(-1.0f), std::nullopt, true},
                           {Tensor::of<int8_t>({}, {20}), per_tensor(DType::kInt8, 0.1f, 0), true}},
                .output = per_tensor(DType::kUint8, 0.05f, 60)};
  EXPECT_EQ(code_distance(run_integer(c), simulate(c)), 0);
  c.inputs[1].constant = false;
  EXPECT_FALSE(integer_applies(c));
}

TEST(IntegerTable, DividesByOneConstant) {
  IntegerCase c{.op = "Div",
                .inputs = {{any_codes(DType::kInt8, {3, 37}, 3), per_tensor(DType::kInt8, 0.1f, 12)},
                           {Tensor::of<float>({1, 1}, {6.0f}), std::nullopt, true}},
                .output = per_tensor(DType::kUint8, 0.02f, 128)};
  EXPECT_EQ(code_distance(run_integer(c), simulate(c)), 0);
  c.inputs[1].tensor = Tensor::of<float>({1, 1, 1}, {6.0f});
  EXPECT_FALSE(integer_applies(c)) << "the output would have a rank of its own";
  c.inputs[1] = {any_codes(DType::kInt8, {1}, 4), per_tensor(DType::kInt8, 0.1f, 0), false};
  EXPECT_FALSE(integer_applies(c));
}

TEST(IntegerConcat, RequantizesWhatDiffers) {
  IntegerCase c{.op = "Concat",
                .attributes = {{"axis", Attribute(int64_t{1})}},
                .inputs = {{any_codes(DType::kUint8, {2, 3, 4}, 1), per_tensor(DType::kUint8, 0.1f, 5)},
                           {any_codes(DType::kInt8, {2, 1, 4}, 2), per_tensor(DType::kInt8, 0.07f, -3)},
                           {any_codes(DType::kUint8, {2, 2, 4}, 3), per_tensor(DType::kUint8, 0.09f, 50)}},
                .output = per_tensor(DType::kUint8, 0.09f, 50)};
  EXPECT_EQ(code_distance(run_integer(c), simulate(c)), 0);
}

TEST(IntegerPool, MatchesFloat) {
  for (DType x : kTypes) {
    IntegerCase average{.op = "AveragePool",
                        .attributes = {{"kernel_shape", Attribute(std::vector<int64_t>{3, 3})},
                                       {"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})},
                                       {"strides", Attribute(std::vector<int64_t>{2, 1})}},
                        .inputs = {{any_codes(x, {2, 3, 7, 9}, 6), per_tensor(x, 0.04f, lowest(x) + 70)}},
                        .output = per_tensor(DType::kInt8, 0.03f, 4)};
    EXPECT_LE(code_distance(run_integer(average), simulate(average)), 1);
    average.attributes["count_include_pad"] = Attribute(int64_t{1});
    EXPECT_LE(code_distance(run_integer(average), simulate(average)), 1);
    IntegerCase global{.op = "GlobalAveragePool", .inputs = average.inputs, .output = average.output};
    EXPECT_LE(code_distance(run_integer(global), simulate(global)), 1);
    IntegerCase largest{.op = "MaxPool",
                        .attributes = {{"kernel_shape", Attribute(std::vector<int64_t>{2, 2})}},
                        .inputs = average.inputs,
                        .output = *average.inputs[0].quant};
    EXPECT_EQ(code_distance(run_integer(largest), simulate(largest)), 0);
    largest.output.scale[0] *= 2;
    EXPECT_FALSE(integer_applies(largest)) << "a maximum does not change its scale";
  }
}

}  // namespace
}  // namespace halftone::testing
