// Which tensors get parameters, and which share them.
#include "core/stats/distortion.h"
#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

TEST(QuantizeStatic, MoversShareTheParametersOfWhatTheyMove) {
  const Model model = conv_model()
                          .node("MaxPool", {"c"}, {"p"}, ints("kernel_shape", {2, 2}))
                          .node("Transpose", {"p"}, {"t"}, ints("perm", {0, 2, 3, 1}))
                          .node("Flatten", {"t"}, {"f"})
                          .output("f")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  const auto first = pair_of(graph, "c");
  ASSERT_TRUE(first);
  for (const char* name : {"p", "t", "f"}) {
    const auto other = pair_of(graph, name);
    ASSERT_TRUE(other) << name;
    EXPECT_EQ(other->quantize->inputs[1], first->quantize->inputs[1]) << name;
    EXPECT_EQ(other->quantize->inputs[2], first->quantize->inputs[2]) << name;
  }
}

TEST(QuantizeStatic, MoversAloneStayFloat) {
  const Model model = Build()
                          .input("x", kImage)
                          .node("Transpose", {"x"}, {"t"}, ints("perm", {0, 2, 3, 1}))
                          .node("Sin", {"t"}, {"s"})
                          .output("s")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(outcome.error().hint.find("nothing next to it is quantized"), std::string::npos);
}

TEST(QuantizeStatic, ConcatSharesOneScaleOverAllItsTensors) {
  const Model model = conv_model()
                          .weights("v", {3, 2, 3, 3}, 0.3f)
                          .node("Conv", {"x", "v"}, {"d"})
                          .node("Concat", {"c", "d"}, {"k"}, {{"axis", Attribute(int64_t{1})}})
                          .output("k")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  ASSERT_TRUE(pair_of(graph, "c") && pair_of(graph, "d") && pair_of(graph, "k"));
  EXPECT_EQ(pair_of(graph, "c")->scale, pair_of(graph, "k")->scale);
  EXPECT_EQ(pair_of(graph, "d")->scale, pair_of(graph, "k")->scale);
  const Tensor reference = run(model, image(), false), simulated = run(outcome->model, image(), false);
  EXPECT_GT(distortion(reference.data<float>(), simulated.data<float>()).sqnr_db, 30);
}

TEST(QuantizeStatic, ConstantOperandsAreQuantizedAsActivations) {
  const Model model = conv_model()
                          .constant("k", Tensor::of<float>({1, 3, 1, 1}, {-0.5f, 0.25f, 2.0f}))
                          .node("Mul", {"c", "k"}, {"m"})
                          .output("m")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  const Node* k = dequantized_input(graph, *node_of(graph, "node_m"), 1);
  ASSERT_NE(k, nullptr);
  EXPECT_EQ(graph.value(k->inputs[0]).constant.dtype(), DType::kUint8);
  EXPECT_FLOAT_EQ(graph.value(k->inputs[1]).constant.data<float>()[0], 2.5f / 255);
}

TEST(QuantizeStatic, ProductsOfTwoActivationsAreQuantizedOnBothSides) {
  const Model model = Build(13)
                          .input("x", {2, 3, 4})
                          .node("Relu", {"x"}, {"r"})
                          .node("Transpose", {"r"}, {"t"}, ints("perm", {0, 2, 1}))
                          .node("MatMul", {"x", "t"}, {"y"})
                          .output("y")
                          .done();
  const Feeds feeds = {{"x", filled({2, 3, 4}, kSamples)}};
  const auto outcome = apply(model, "", {feeds});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  for (size_t i : {0, 1}) EXPECT_NE(dequantized_input(graph, *node_of(graph, "node_y"), i), nullptr) << i;
  ASSERT_TRUE(pair_of(graph, "x") && pair_of(graph, "y"));
  const auto program = compile(outcome->model, {});
  ASSERT_TRUE(program.ok());
  bool integer = false;
  for (const Step& step : (*program)->steps) integer = integer || (step.op->name == "MatMul" && step.integer);
  EXPECT_TRUE(integer);
  const Tensor reference = run(model, feeds, false), quantized = run(outcome->model, feeds, true);
  EXPECT_GT(distortion(reference.data<float>(), quantized.data<float>()).sqnr_db, 35);
}

}  // namespace
}  // namespace halftone::testing
