// Integer lowering: which clusters become integer operators, and that their results are those of the float graph.
#include <cmath>

#include "core/runtime/executor.h"
#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

// x (uint8) -> Conv (int8 weight per channel, int32 bias) -> y (uint8), as onnxruntime's quantizer writes it.
Make conv_cluster(float bias_scale = 0.01f * 0.002f) {
  return Make()
      .input("x", {1, 3, 6, 6})
      .quantize<uint8_t>("x", 0.01f, 128)
      .int8_weight("w", {4, 3, 3, 3}, 0.002f)
      .int32_bias("b", 4, bias_scale)
      .node("Conv", {"x_d", "w_d", "b_d"}, {"y"});
}

struct Case {
  std::string name;
  Model model;
  std::string ops;
};

std::vector<Case> cases() {
  const auto x = [] { return Make().input("x", {1, 4, 6, 6}).quantize<uint8_t>("x", 0.01f, 128); };
  const Attributes window = attr("kernel_shape", std::vector<int64_t>{2, 2});
  return {
      {"Conv", conv_cluster().quantize<uint8_t>("y", 0.02f, 120).output("y_d"),
       "QuantizeLinear Conv* DequantizeLinear"},
      {"ConvRelu", conv_cluster().node("Relu", {"y"}, {"r"}).quantize<uint8_t>("r", 0.02f, 3).output("r_d"),
       "QuantizeLinear Conv* DequantizeLinear"},
      {"ConvWithoutQuantizedOutputStaysFloat", conv_cluster().output("y"), "QuantizeLinear DequantizeLinear Conv"},
      {"ConvThatIsAlsoAnOutputStaysFloat", conv_cluster().quantize<uint8_t>("y", 0.02f, 120).output("y_d").output("y"),
       "QuantizeLinear DequantizeLinear Conv QuantizeLinear DequantizeLinear"},
      {"ConvWithForeignBiasScaleStaysFloat", conv_cluster(0.01f).quantize<uint8_t>("y", 0.02f, 120).output("y_d"),
       "QuantizeLinear DequantizeLinear Conv QuantizeLinear DequantizeLinear"},
      {"ConvReadFloatElsewhere",
       conv_cluster().quantize<uint8_t>("y", 0.02f, 120).node("Mul", {"y", "y"}, {"z"}).output("y_d").output("z"),
       "QuantizeLinear DequantizeLinear Conv Mul QuantizeLinear DequantizeLinear"},
      {"TwoQuantizersAlike",
       conv_cluster()
           .quantize<uint8_t>("y", 0.02f, 120)
           .node("QuantizeLinear", {"y", "y_scale", "y_zero"}, {"q2"})
           .output("y_q")
           .output("q2"),
       "QuantizeLinear Conv*"},
      {"TwoQuantizersThatDifferStayFloat",
       conv_cluster()
           .quantize<uint8_t>("y", 0.02f, 120)
           .constant("other", Tensor::scalar<float>(0.5f))
           .node("QuantizeLinear", {"y", "other", "y_zero"}, {"q2"})
           .output("y_q")
           .output("q2"),
       "QuantizeLinear DequantizeLinear Conv QuantizeLinear QuantizeLinear"},
      {"MaxPoolWithSameParameters",
       x().node("MaxPool", {"x_d"}, {"y"}, window).quantize<uint8_t>("y", 0.01f, 128).output("y_d"),
       "QuantizeLinear MaxPool* DequantizeLinear"},
      {"MaxPoolWithOtherParametersStaysFloat",
       x().node("MaxPool", {"x_d"}, {"y"}, window).quantize<uint8_t>("y", 0.01f, 127).output("y_d"),
       "QuantizeLinear DequantizeLinear MaxPool QuantizeLinear DequantizeLinear"},
      {"ReshapeAndTranspose",
       x().ints("s", {4, -1})
           .node("Reshape", {"x_d", "s"}, {"y"})
           .quantize<uint8_t>("y", 0.01f, 128)
           .node("Transpose", {"y_d"}, {"z"})
           .quantize<uint8_t>("z", 0.01f, 128)
           .output("z_d"),
       "QuantizeLinear Reshape* Transpose* DequantizeLinear"},
      {"PadGoesIntoConv",
       Make()
           .input("x", {1, 3, 6, 6})
           .quantize<uint8_t>("x", 0.01f, 128)
           .ints("p", {0, 0, 1, 1, 0, 0, 1, 1})
           .node("Pad", {"x_d", "p"}, {"padded"})
           .quantize<uint8_t>("padded", 0.01f, 128)
           .int8_weight("w", {4, 3, 3, 3}, 0.002f)
           .int32_bias("b", 4, 0.01f * 0.002f)
           .node("Conv", {"padded_d", "w_d", "b_d"}, {"y"})
           .quantize<uint8_t>("y", 0.02f, 120)
           .output("y_d"),
       "QuantizeLinear Conv* DequantizeLinear"},
      {"ReluWithParametersOfItsOwn", x().node("Relu", {"x_d"}, {"y"}).quantize<uint8_t>("y", 0.005f, 3).output("y_d"),
       "QuantizeLinear Relu* DequantizeLinear"},
      {"ReshapeToOwnShapeGoes",
       x().ints("s", {1, 4, 6, 6})
           .node("Reshape", {"x_d", "s"}, {"y"})
           .quantize<uint8_t>("y", 0.01f, 128)
           .node("MaxPool", {"y_d"}, {"z"}, window)
           .quantize<uint8_t>("z", 0.01f, 128)
           .output("z_d"),
       "QuantizeLinear MaxPool* DequantizeLinear"},
      {"GlobalAveragePool",
       x().node("GlobalAveragePool", {"x_d"}, {"y"}).quantize<uint8_t>("y", 0.005f, 120).output("y_d"),
       "QuantizeLinear GlobalAveragePool* DequantizeLinear"},
      {"AddOfOneValueWithItself",
       x().node("Add", {"x_d", "x_d"}, {"y"}).quantize<uint8_t>("y", 0.02f, 120).output("y_d"),
       "QuantizeLinear Add* DequantizeLinear"},
      {"MatMulOfTwoActivations",
       x().input("z", {1, 4, 6, 5})
           .quantize<int8_t>("z", 0.01f, -7)
           .node("MatMul", {"x_d", "z_d"}, {"y"})
           .quantize<uint8_t>("y", 0.02f, 120)
           .output("y_d"),
       "QuantizeLinear QuantizeLinear MatMul* DequantizeLinear"},
      {"OneDequantizeForTwoConsumers",
       x().node("MaxPool", {"x_d"}, {"y"}, window)
           .quantize<uint8_t>("y", 0.01f, 128)
           .node("Exp", {"x_d"}, {"z"})
           .output("y_d")
           .output("z"),
       "QuantizeLinear DequantizeLinear Exp MaxPool* DequantizeLinear"},
      {"UnknownScaleStaysFloat",
       Make()
           .input("x", {4})
           .input("s", {})
           .constant("zero", Tensor::scalar<uint8_t>(0))
           .node("QuantizeLinear", {"x", "s", "zero"}, {"q"})
           .node("DequantizeLinear", {"q", "s", "zero"}, {"d"})
           .node("Add", {"d", "d"}, {"y"})
           .node("QuantizeLinear", {"y", "s", "zero"}, {"y_q"})
           .output("y_q"),
       "QuantizeLinear DequantizeLinear Add QuantizeLinear"},
  };
}

class LowerInteger : public ::testing::TestWithParam<Case> {};

TEST_P(LowerInteger, TakesTheClustersItShould) {
  const auto program = compiled(GetParam().model, channels_first());
  ASSERT_TRUE(program);
  EXPECT_EQ(ops(*program), GetParam().ops) << print(program->graph);
}

// Within one step of the output's integers: the float graph rounds sums that the integers hold exactly, so
// near-ties may go the other way.
void expect_within_one_step(const Tensor& actual, const Tensor& expected) {
  ASSERT_EQ(actual.dims(), expected.dims());
  if (expected.dtype() == DType::kFloat) {
    constexpr float kLargestStep = 0.02f;  // of all outputs in cases()
    for (int64_t i = 0; i < actual.size(); ++i) {
      const size_t k = static_cast<size_t>(i);
      ASSERT_NEAR(actual.data<float>()[k], expected.data<float>()[k], kLargestStep * 1.001f) << i;
    }
    return;
  }
  ASSERT_EQ(expected.dtype(), DType::kUint8);
  for (int64_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(actual.bytes()[i], expected.bytes()[i], 1) << i;
}

TEST_P(LowerInteger, AgreesWithTheFloatGraph) {
  CompileOptions real;
  real.integer = false;
  for (uint64_t seed : {1, 2, 3}) {
    Feeds feeds = random_feeds(GetParam().model, seed);
    if (feeds.count("s")) feeds["s"] = Tensor::scalar<float>(0.01f);
    const RunResult integer = ran(GetParam().model, feeds), simulated = ran(GetParam().model, feeds, real);
    ASSERT_EQ(integer.outputs.size(), simulated.outputs.size());
    for (size_t i = 0; i < integer.outputs.size(); ++i) {
      expect_within_one_step(integer.outputs[i].second, simulated.outputs[i].second);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Clusters, LowerInteger, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

TEST(LowerIntegerOff, OptionAndNameKeepTheFloatGraph) {
  const Model model = conv_cluster().quantize<uint8_t>("y", 0.02f, 120).output("y_d");
  CompileOptions real = channels_first(), disabled = channels_first();
  real.integer = false;
  disabled.disabled.push_back("lower_integer");
  for (const CompileOptions& options : {real, disabled}) {
    EXPECT_EQ(ops(*compiled(model, options)), "QuantizeLinear DequantizeLinear Conv QuantizeLinear DequantizeLinear");
  }
}

// The float value of the model answers to its name in the integer program, as the reals its integers stand for.
TEST(LowerIntegerTaps, NameOfTheRealValueIsDequantized) {
  const Model model = conv_cluster().quantize<uint8_t>("y", 0.02f, 120).output("y_d");
  for (bool keep : {false, true}) {
    CompileOptions options = channels_first();
    if (keep) options.keep = {"y", "y_q", "x_d"};
    EXPECT_EQ(ops(*compiled(model, options)), "QuantizeLinear Conv* DequantizeLinear");
    for (bool layout : {false, true}) {
      if (layout) options.disabled.clear();
      const RunResult run = ran(model, random_feeds(model, 1), options, {.taps = {"y", "y_q", "x_d"}});
      ASSERT_EQ(run.taps.count("y"), 1u);
      EXPECT_TRUE(run.taps.at("y").identical(run.outputs[0].second));
      EXPECT_EQ(run.taps.at("y_q").dtype(), DType::kUint8);
      EXPECT_EQ(run.taps.at("y_q").dims(), run.taps.at("y").dims());
      EXPECT_EQ(run.taps.at("x_d").dtype(), DType::kFloat);
    }
  }
}

// A kept value that a fusion would remove blocks the fusion, and with it the lowering: it is what was asked for.
TEST(LowerIntegerTaps, KeptValueInsideAClusterIsFloat) {
  const Model model = conv_cluster().node("Relu", {"y"}, {"r"}).quantize<uint8_t>("r", 0.02f, 3).output("r_d");
  CompileOptions options;
  options.keep = {"y"};
  const RunResult run = ran(model, random_feeds(model, 1), options, {.taps = {"y"}});
  const auto values = run.taps.at("y").data<float>();
  EXPECT_LT(*std::min_element(values.begin(), values.end()), 0);
}

}  // namespace
}  // namespace halftone::testing
