// The recipe's exceptions: nodes and tensors that stay float, get other bits or a range given by hand; and what
// is known of ranges when there is no data.
#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

TEST(Overrides, ANodeStaysFloatOrGetsOtherBits) {
  const Model model = Build()
                          .input("x", {1, 8})
                          .weights("w1", {8, 6})
                          .weights("w2", {6, 5})
                          .node("MatMul", {"x", "w1"}, {"a"})
                          .node("MatMul", {"a", "w2"}, {"y"})
                          .output("y")
                          .done();
  const Feeds feeds = {{"x", filled({1, 8}, kGridSamples)}};
  auto outcome = apply(model, R"("overrides":[{"where":"node_y","keep_float":true}])", {feeds});
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->model.graph.value(node_of(outcome->model.graph, "node_y")->inputs[1]).is_constant());

  outcome = apply(model, R"("overrides":[{"where":"node_a","weight_bits":4,"activation_bits":4},
                                         {"where":"a","activation_bits":6},
                                         {"where":"w2","per_channel":false,"weight_observer":"mse"}])",
                  {feeds});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const Node& w1 = *dequantized_input(graph, *node_of(graph, "node_a"), 1);
  const Node& w2 = *dequantized_input(graph, *node_of(graph, "node_y"), 1);
  EXPECT_EQ(graph.value(w1.inputs[0]).constant.dtype(), DType::kInt4);
  EXPECT_EQ(graph.value(w2.inputs[0]).constant.dtype(), DType::kInt8);
  EXPECT_EQ(graph.value(w2.inputs[1]).constant.size(), 1);
  // The tensor between: the higher of its two widths.
  for (const Json& tensor : outcome->report.find("tensors")->as_array()) {
    EXPECT_EQ(tensor.find("levels")->as_number(), tensor.find("name")->as_string() == "a" ? 64 : 256);
  }
}

TEST(Overrides, AGivenRangeCountsInsteadOfTheMeasuredOne) {
  const auto outcome = apply(grid_model(), R"("overrides":[{"where":"x","low":-2,"high":0.55},
                                                           {"where":"w","low":-0.127,"high":0.3}])",
                             {grid_image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  EXPECT_FLOAT_EQ(pair_of(graph, "x")->scale, 0.01f);
  const Node& weight = *dequantized_input(graph, *node_of(graph, "node_c"), 1);
  for (float scale : graph.value(weight.inputs[1]).constant.data<float>()) EXPECT_LE(scale, 0.3f / 127 * 1.0001f);
}

TEST(Overrides, WrongEntriesAreNamed) {
  const struct {
    const char* entry;
    const char* where;
  } cases[] = {
      {R"({"where":"node_cc","keep_float":true})", "quantize_static.overrides[0].where"},
      {R"({"where":"node_c"})", "quantize_static.overrides[0].where"},
      {R"({"where":"node_c","low":0,"high":1})", "quantize_static.overrides[0].where"},
      {R"({"where":"x","low":0})", "quantize_static.overrides[0].high"},
      {R"({"where":"x","low":2,"high":1})", "quantize_static.overrides[0].low"},
      {R"({"where":"x","activation_bits":17})", "quantize_static.overrides[0].activation_bits"},
      {R"({"where":"x","activation_observer":"mini"})", "quantize_static.overrides[0].activation_observer"},
      {R"({"where":"x","bits":4})", "quantize_static.overrides[0].bits"},
      {R"({"weight_bits":4})", "quantize_static.overrides[0]"},
      {R"({"where":"x","activation_bits":4},{"where":3})", "quantize_static.overrides[1].where"},
      {R"("x")", "quantize_static.overrides"},
  };
  for (const auto& c : cases) {
    const auto outcome = apply(grid_model(), R"("overrides":[)" + std::string(c.entry) + "]", {grid_image()});
    ASSERT_FALSE(outcome.ok()) << c.entry;
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidRecipe);
    EXPECT_EQ(outcome.error().where, c.where) << c.entry;
    EXPECT_NE(outcome.error().hint, "") << c.entry;
  }
}

TEST(WithoutData, BatchNormalizationTellsTheRanges) {
  const Model model = conv_model(13, kGridImage)
                          .constant("gamma", Tensor::of<float>({3}, {0.5f, -1.0f, 2.0f}))
                          .constant("beta", Tensor::of<float>({3}, {0.0f, 1.0f, -1.0f}))
                          .constant("mean", Tensor::of<float>({3}, {0.1f, 0.2f, 0.3f}))
                          .constant("var", Tensor::of<float>({3}, {1.0f, 2.0f, 3.0f}))
                          .node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"n"})
                          .node("Relu", {"n"}, {"y"})
                          .output("y")
                          .done();
  const auto outcome = apply(
      model, R"("activation_observer":"batch_norm","deviations":3,"overrides":[{"where":"x","low":-1,"high":1}])", {});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto y = pair_of(outcome->model.graph, "y");
  ASSERT_TRUE(y);
  EXPECT_NEAR(y->scale, 5.0f / 255, 1e-6f);  // channel 2: -1 + 3 * 2
  EXPECT_EQ(y->zero_point, 0);
  EXPECT_TRUE(outcome->report.find("warnings")->as_array().empty());
  EXPECT_EQ(apply(model, R"("activation_observer":"batch_norm")", {})->report.find("warnings")->as_array().size(), 1u);
}

// However large the input is said to be.
TEST(WithoutData, LayerNormalizationTellsTheRange) {
  Build b(17);
  b.input("x", {1, 5, 4})
      .constant("gain", Tensor::of<float>({4}, {1, 2, 0.5f, 1}))
      .constant("bias", Tensor::of<float>({4}, {0, 1, -4, 0}))
      .constant("w", random_tensor({4, 3}, 1))
      .node("LayerNormalization", {"x", "gain", "bias"}, {"n"})
      .node("MatMul", {"n", "w"}, {"y"})
      .output("y");
  const auto outcome = apply(
      b.done(), R"("activation_observer":"batch_norm","deviations":3,"overrides":[{"where":"x","low":0,"high":255}])",
      {});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto n = pair_of(outcome->model.graph, "n");
  ASSERT_TRUE(n);
  EXPECT_NEAR(n->scale, 12.5f / 255, 1e-6f);  // from -4 - 3 * 0.5 to 1 + 3 * 2
}

TEST(WithoutData, RangesGivenByHandNeedNoneEither) {
  const auto outcome = apply(grid_model(), R"("overrides":[{"where":"x","low":-1,"high":1},
                                                           {"where":"y","low":0,"high":4}])",
                             {});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_NEAR(pair_of(outcome->model.graph, "y")->scale, 4.0f / 255, 1e-6f);
}

}  // namespace
}  // namespace halftone::testing
