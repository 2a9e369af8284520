// Quantized models written with integer operators: which ones, that what cannot be stays as it was, and that the
// numbers are the same to the bit.
#include "core/passes/qoperator/qoperator.h"

#include "core/onnx/writer.h"
#include "core/passes/canonicalize/expand_contrib.h"
#include "core/passes/quantize/quantize_static.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone::testing {
namespace {

Model network() {
  return Build()
      .input("x", {1, 2, 6, 6})
      .weights("w", {4, 2, 3, 3}, 0.003f)
      .weights("b", {4}, 0.01f)
      .weights("w2", {4, 4, 1, 1}, 0.01f)
      .weights("fw", {8, 3}, 0.02f)
      .weights("fb", {3}, 0.01f)
      .node("Conv", {"x", "w", "b"}, {"c"})
      .node("Relu", {"c"}, {"r"})
      .node("Conv", {"r", "w2"}, {"c2"})
      .node("Sigmoid", {"c2"}, {"g"})
      .node("Mul", {"r", "g"}, {"m"})
      .node("Add", {"m", "c2"}, {"a"})
      .node("Concat", {"a", "r"}, {"k"}, {{"axis", Attribute(int64_t{1})}})
      .node("MaxPool", {"k"}, {"p"}, {{"kernel_shape", Attribute(std::vector<int64_t>{2, 2})}})
      .node("GlobalAveragePool", {"p"}, {"v"})
      .node("Flatten", {"v"}, {"f"})
      .node("Gemm", {"f", "fw", "fb"}, {"y"})
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

Model quantized(const std::string& keys) {
  auto outcome = run_pass(quantize_static_pass(), network(), keys, feeds());
  EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().message);
  return std::move(outcome->model);
}

TEST(Qoperator, EveryOperatorBecomesItsIntegerForm) {
  for (const char* keys : {"", R"("activation_type":"int8")", R"("per_channel":false)"}) {
    SCOPED_TRACE(keys);
    const Model model = quantized(keys);
    auto out = to_qoperator(model);
    ASSERT_TRUE(out.ok()) << out.error().message;
    const Graph& graph = out->graph;
    EXPECT_EQ(count_op(graph, "QLinearConv"), 2) << print(graph);
    for (const char* op : {"QLinearSigmoid", "QLinearMul", "QLinearAdd", "QLinearConcat", "QLinearGlobalAveragePool",
                           "QGemm", "MaxPool", "Flatten", "QuantizeLinear", "DequantizeLinear"}) {
      EXPECT_EQ(count_op(graph, op), 1) << op;
    }
    EXPECT_EQ(count_op(graph, "Relu"), 0) << print(graph);
    EXPECT_EQ(out->opset_imports.at("com.microsoft"), 1);
    EXPECT_EQ(graph.value(graph.outputs[0]).name, "y");
    auto spelled = expand_contrib(*out);
    ASSERT_TRUE(spelled.ok());
    ASSERT_TRUE(infer_shapes(*spelled).ok());
    for (const Feeds& one : feeds()) EXPECT_TRUE(run_model(*spelled, one).identical(run_model(model, one)));
  }
}

TEST(Qoperator, WhatHasNoFormStays) {
  const Model model = Build()
                          .input("x", {1, 4})
                          .constant("s", Tensor::scalar<float>(0.1f))
                          .constant("z", Tensor::scalar<uint8_t>(3))
                          .constant("o", Tensor::scalar<float>(0.2f))
                          .node("QuantizeLinear", {"x", "s", "z"}, {"q"})
                          .node("DequantizeLinear", {"q", "s", "z"}, {"d"})
                          .node("Sigmoid", {"d"}, {"g"})
                          .node("QuantizeLinear", {"g", "s", "z"}, {"gq"})
                          .node("DequantizeLinear", {"gq", "s", "z"}, {"gd"})
                          .node("Exp", {"gd"}, {"e"})
                          .node("QuantizeLinear", {"e", "o", "z"}, {"eq"})
                          .node("DequantizeLinear", {"eq", "o", "z"}, {"y"})
                          .output("y")
                          .done();
  const auto out = to_qoperator(model);
  ASSERT_TRUE(out.ok()) << out.error().message;
  EXPECT_EQ(count_op(out->graph, "QLinearSigmoid"), 1);
  EXPECT_EQ(count_op(out->graph, "Exp"), 1);
  EXPECT_EQ(count_op(out->graph, "DequantizeLinear"), 2);
}

// The rewrite that drops the Clip notes what the integers mean, as a program does: a model is not to have that.
TEST(Qoperator, AModelThatLostAClipCanBeWritten) {
  const Model model = Build()
                          .input("x", {1, 4}, DType::kUint8)
                          .constant("s", Tensor::scalar<float>(1.0f / 255))
                          .constant("z", Tensor::scalar<uint8_t>(0))
                          .constant("one", Tensor::scalar<float>(1))
                          .constant("nought", Tensor::scalar<float>(0))
                          .node("DequantizeLinear", {"x", "s", "z"}, {"d"})
                          .node("Sigmoid", {"d"}, {"g"})
                          .node("Clip", {"g", "nought", "one"}, {"c"})
                          .node("QuantizeLinear", {"c", "s", "z"}, {"y"})
                          .output("y")
                          .done();
  const auto out = to_qoperator(model);
  ASSERT_TRUE(out.ok()) << out.error().message;
  EXPECT_EQ(count_op(out->graph, "QLinearSigmoid"), 1);
  EXPECT_EQ(out->graph.nodes.size(), 1u) << print(out->graph);
  const auto file = write_model(*out);
  EXPECT_TRUE(file.ok()) << file.error().message;
}

TEST(Qoperator, FloatModelsAreRefused) {
  const auto out = to_qoperator(network());
  ASSERT_FALSE(out.ok());
  EXPECT_EQ(out.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace halftone::testing
