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

// y = Relu(Conv(x, w, b)), then z = Relu(MatMul(y, v) + u), as an exporter that names no node writes them.
Model unnamed() {
  Model model = conv_model(13, kGridImage)
                    .node("Relu", {"c"}, {"y"})
                    .node("Flatten", {"y"}, {"f"})
                    .weights("v", {48, 8})
                    .weights("u", {8}, 0.1f)
                    .node("MatMul", {"f", "v"}, {"m"})
                    .node("Add", {"m", "u"}, {"a"})
                    .node("Relu", {"a"}, {"z"})
                    .output("z")
                    .done();
  for (Node& node : model.graph.nodes) node.name.clear();
  return model;
}

// A Relu that is folded away gives its output to the node before it, and with it another label.
TEST(Overrides, NodesWithoutNamesGetTheirOwn) {
  const auto outcome = apply(unnamed(), R"("activation_observer":"minmax","overrides":[
      {"where":"Conv -> c","weight_bits":4,"per_channel":false,"weight_range":0.5},
      {"where":"Gemm -> a","weight_bits":4,"block_size":16,"weight_observer":"mse"}])",
                             {grid_image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message << outcome.error().where;
  EXPECT_EQ(outcome->report.find("removed_activations")->as_array().size(), 2u);
  EXPECT_TRUE(outcome->report.find("warnings")->as_array().empty()) << outcome->report.find("warnings")->dump();
  const Json conv = entry_of(*outcome, "weights", "w"), gemm = entry_of(*outcome, "weights", "v");
  EXPECT_EQ(conv.find("node")->as_string(), "Conv -> c");
  EXPECT_EQ(gemm.find("node")->as_string(), "Gemm -> a");
  EXPECT_TRUE(entry_of(*outcome, "nodes", "Conv -> c").is_object());
  EXPECT_TRUE(entry_of(*outcome, "nodes", "Gemm -> a").is_object());
  EXPECT_EQ(conv.find("type")->as_string(), "int4");
  EXPECT_EQ(conv.find("scales")->as_number(), 1);
  EXPECT_FLOAT_EQ(static_cast<float>(conv.find("scale_low")->as_number()), 0.97f * 0.5f / 7);
  EXPECT_EQ(gemm.find("type")->as_string(), "int4");
  EXPECT_EQ(gemm.find("block_size")->as_number(), 16);
}

// Each warning as "<where>: <message>".
std::vector<std::string> told(const PassOutcome& outcome) {
  std::vector<std::string> list;
  for (const Json& one : outcome.report.find("warnings")->as_array()) {
    EXPECT_NE(one.find("hint")->as_string(), "");
    list.push_back(one.find("where")->as_string() + ": " + one.find("message")->as_string());
  }
  return list;
}

TEST(Overrides, WhatMatchesNothingIsToldOf) {
  const Model model = normalized_model().node("Sin", {"y"}, {"s"}).output("s").done();
  const struct {
    const char* keys;
    const char* told;  // "": no warning
  } cases[] = {
      {R"("overrides":[{"where":"w","weight_bits":4}])", "w: Nothing matches this entry of overrides (weights)"},
      {R"("overrides":[{"where":"node_y","weight_bits":4}])",
       "node_y: Nothing matches this entry of overrides (weights)"},
      {R"("overrides":[{"where":"c","activation_bits":4}])",
       "c: Nothing matches this entry of overrides (activations)"},
      {R"("overrides":[{"where":"c","low":0,"high":1}])", "c: Nothing matches this entry of overrides (activations)"},
      {R"("overrides":[{"where":"y","keep_float":true}])", "y: Nothing matches this entry of exclude_nodes"},
      {R"("exclude_nodes":["node_n"])", "node_n: Nothing matches this entry of exclude_nodes"},
      {R"("exclude_op_types":["BatchNormalization"])",
       "BatchNormalization: Nothing matches this entry of exclude_op_types"},
      {R"("op_types":["Conv","Sin"])", "Sin: Nothing matches this entry of op_types"},
      {R"("nodes":["node_c","node_s"])", "node_s: Nothing matches this entry of nodes"},
      {R"("overrides":[{"where":"node_c","weight_bits":4,"activation_bits":7},{"where":"node_y","activation_bits":4},
                       {"where":"y","low":0,"high":1},{"where":"x","activation_observer":"mse"}])",
       ""},
      {R"("exclude_nodes":["node_s"],"exclude_op_types":["Sin"],"nodes":["node_c"],"op_types":["Conv"])", ""},
      {R"("overrides":[{"where":"node_s","keep_float":true}])", ""},
  };
  for (const auto& c : cases) {
    const auto outcome = apply(model, c.keys, {grid_image()});
    ASSERT_TRUE(outcome.ok()) << c.keys << outcome.error().message;
    const std::vector<std::string> expected(c.told[0] == 0 ? 0 : 1, c.told);
    EXPECT_EQ(told(*outcome), expected) << c.keys;
  }
}

TEST(Overrides, OfWeightsKeepTheRecipesRange) {
  const auto levels = [](const std::string& keys) {
    const auto outcome = apply(grid_model(), keys, {grid_image()});
    EXPECT_TRUE(outcome.ok());
    return entry_of(*outcome, "weights", "w").find("levels")->as_number();
  };
  EXPECT_EQ(levels(R"("weight_bits":3,"weight_full_range":true,"weight_symmetric":false,
                      "overrides":[{"where":"node_c","weight_symmetric":true}])"),
            8);
  EXPECT_EQ(levels(R"("overrides":[{"where":"node_c","weight_symmetric":true}])"), 255);
  EXPECT_EQ(levels(R"("reduce_range":true,"overrides":[{"where":"node_c","weight_bits":8}])"), 127);
  // 5 bits less one are stored in 4, which only opset 21 has.
  const auto narrow =
      apply(grid_model(), R"("reduce_range":true,"overrides":[{"where":"node_c","weight_bits":5}])", {grid_image()});
  EXPECT_EQ(entry_of(*narrow, "weights", "w").find("type")->as_string(), "int4");
  EXPECT_EQ(narrow->model.opset(), 21);
  const auto whole =
      apply(grid_model(), R"("block_size":2,"overrides":[{"where":"node_c","per_channel":false}])", {grid_image()});
  EXPECT_EQ(entry_of(*whole, "weights", "w").find("scales")->as_number(), 1);
}

TEST(WithoutData, BatchNormalizationTellsTheRanges) {
  const Model model = normalized_model().output("y").done();
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
  const auto outcome =
      apply(b.done(),
            R"("activation_observer":"batch_norm","deviations":3,"overrides":[{"where":"x","low":0,"high":255}])", {});
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
