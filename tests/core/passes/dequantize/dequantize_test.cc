// Quantized models of every form back in float: what is left of the integers, and how close the float model is.
#include "core/passes/dequantize/dequantize.h"

#include "core/passes/quantize/quantize_dynamic.h"
#include "core/passes/quantize/quantize_static.h"
#include "core/passes/weight_only/quantize_weights.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone::testing {
namespace {

Model float_network() {
  return Build(21, 10)
      .input("x", {1, 2, 6, 6})
      .weights("w", {4, 2, 3, 3}, 0.003f)
      .weights("b", {4}, 0.01f)
      .weights("fw", {16, 32}, 0.002f)
      .weights("gw", {32, 3}, 0.002f)
      .constant("flat", Tensor::of<int64_t>({2}, {1, 16}))
      .node("Conv", {"x", "w", "b"}, {"c"})
      .node("Relu", {"c"}, {"r"})
      .node(
          "MaxPool", {"r"}, {"p"},
          {{"kernel_shape", Attribute(std::vector<int64_t>{2, 2})}, {"strides", Attribute(std::vector<int64_t>{2, 2})}})
      .node("Reshape", {"p", "flat"}, {"f"})
      .node("MatMul", {"f", "fw"}, {"m"})
      .node("MatMul", {"m", "gw"}, {"y"})
      .output("y")
      .done();
}

std::vector<Feeds> feeds() {
  std::vector<Feeds> out;
  for (float shift : {-0.4f, 0.0f, 0.3f}) {
    out.push_back({{"x", filled({1, 2, 6, 6}, {shift, 0.7f, -0.9f, 0.2f + shift, 0.5f})}});
  }
  return out;
}

int64_t quantized_nodes(const Graph& graph) {
  int64_t n = 0;
  for (const char* op : {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger",
                         "MatMulNBits", "QLinearConv", "QLinearMatMul"}) {
    n += count_op(graph, op);
  }
  return n;
}

PassOutcome dequantized(const Model& model) {
  auto outcome = run_pass(dequantize_pass(), model, "");
  EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().message);
  return *std::move(outcome);
}

Model quantized(const PassDef& pass, const std::string& keys) {
  auto outcome = run_pass(pass, float_network(), keys, feeds());
  EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().message);
  EXPECT_GT(quantized_nodes(outcome->model.graph), 0);
  return std::move(outcome->model);
}

TEST(Dequantize, StaticQuantizationGoesAway) {
  const PassOutcome outcome = dequantized(quantized(quantize_static_pass(), ""));
  const Graph& graph = outcome.model.graph;
  EXPECT_EQ(quantized_nodes(graph), 0) << print(graph);
  EXPECT_TRUE(outcome.report.find("left")->as_array().empty());
  EXPECT_GT(outcome.report.find("weights")->as_number(), 2);
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "y");
  EXPECT_GE(output_sqnr(float_network(), outcome.model, feeds()), 35);  // weights keep their rounding
}

TEST(Dequantize, DynamicQuantizationGoesAway) {
  const PassOutcome outcome = dequantized(quantized(quantize_dynamic_pass(), ""));
  EXPECT_EQ(quantized_nodes(outcome.model.graph), 0) << print(outcome.model.graph);
  EXPECT_GE(output_sqnr(float_network(), outcome.model, feeds()), 35);
}

TEST(Dequantize, WeightsOfFewBitsBecomeFloat) {
  for (const char* keys : {R"("bits":4)", R"("bits":8)"}) {
    const Model model = quantized(quantize_weights_pass(), keys);
    const PassOutcome outcome = dequantized(model);
    EXPECT_EQ(quantized_nodes(outcome.model.graph), 0) << print(outcome.model.graph);
    EXPECT_GE(output_sqnr(model, outcome.model, feeds()), 90) << keys;  // the same numbers in another form
  }
}

// The integers of a Conv whose range begins at 0 are its Relu; at 6, its Relu6.
TEST(Dequantize, ActivationsThatQuantizationSwallowedComeBack) {
  for (const auto& [high, op] : {std::pair{6.0f, "Clip"}, {2.5f, "Relu"}}) {
    const Model model = Build()
                            .input("x", {1, 1, 4, 4})
                            .weights("w", {2, 1, 3, 3}, 0.2f)
                            .constant("s", Tensor::scalar<float>(high / 255))
                            .constant("z", Tensor::scalar<uint8_t>(0))
                            .node("Conv", {"x", "w"}, {"c"})
                            .node("QuantizeLinear", {"c", "s", "z"}, {"q"})
                            .node("DequantizeLinear", {"q", "s", "z"}, {"y"})
                            .output("y")
                            .done();
    const PassOutcome outcome = dequantized(model);
    EXPECT_EQ(count_op(outcome.model.graph, op), 1) << print(outcome.model.graph);
    EXPECT_EQ(outcome.model.graph.value(outcome.model.graph.outputs[0]).name, "y");
  }
}

TEST(Dequantize, QLinearOperatorsBecomeFloat) {
  std::vector<int8_t> codes(18);
  for (size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<int8_t>(7 * (i % 9) - 25);
  const Model model = Build()
                          .input("x", {1, 1, 4, 4})
                          .constant("sx", Tensor::scalar<float>(0.02f))
                          .constant("zx", Tensor::scalar<uint8_t>(110))
                          .constant("w", Tensor::of<int8_t>({2, 1, 3, 3}, codes))
                          .constant("sw", Tensor::of<float>({2}, {0.01f, 0.02f}))
                          .constant("zw", Tensor::of<int8_t>({2}, {0, 0}))
                          .constant("sy", Tensor::scalar<float>(0.05f))
                          .constant("zy", Tensor::scalar<uint8_t>(128))
                          .constant("b", Tensor::of<int32_t>({2}, {300, -500}))
                          .constant("flat", Tensor::of<int64_t>({2}, {1, 8}))
                          .node("QuantizeLinear", {"x", "sx", "zx"}, {"xq"})
                          .node("QLinearConv", {"xq", "sx", "zx", "w", "sw", "zw", "sy", "zy", "b"}, {"cq"})
                          .node("Reshape", {"cq", "flat"}, {"fq"})
                          .node("DequantizeLinear", {"fq", "sy", "zy"}, {"y"})
                          .output("y")
                          .done();
  const PassOutcome outcome = dequantized(model);
  EXPECT_EQ(quantized_nodes(outcome.model.graph), 0) << print(outcome.model.graph);
  EXPECT_EQ(count_op(outcome.model.graph, "Conv"), 1);
  const std::vector<Feeds> one = {{{"x", filled({1, 1, 4, 4}, {0.1f, -0.7f, 0.9f})}}};
  EXPECT_GE(output_sqnr(outcome.model, model, one), 20);  // only the rounding of activations is between them
}

TEST(Dequantize, IntegersOfTheModelItselfStay) {
  const Model model = Build()
                          .input("x", {4}, DType::kUint8)
                          .constant("s", Tensor::scalar<float>(0.1f))
                          .constant("z", Tensor::scalar<uint8_t>(3))
                          .node("DequantizeLinear", {"x", "s", "z"}, {"d"})
                          .node("Exp", {"d"}, {"y"})
                          .output("y")
                          .done();
  const PassOutcome outcome = dequantized(model);
  EXPECT_EQ(count_op(outcome.model.graph, "DequantizeLinear"), 1);
  EXPECT_EQ(outcome.report.find("left")->as_array().size(), 1u);
}

TEST(Dequantize, FloatModelsAreRefused) {
  const auto outcome = run_pass(dequantize_pass(), float_network(), "");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace halftone::testing
