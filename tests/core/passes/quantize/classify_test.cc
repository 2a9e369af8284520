// Which nodes are quantized, by the recipe's lists and by what they are.
#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

TEST(QuantizeStatic, WeightAxisIsTheOutputChannels) {
  const struct {
    const char* op;
    Dims input, weight;
    Attributes attributes;
    int64_t axis, scales;
  } cases[] = {
      {"Conv", {1, 4, 5, 5}, {6, 2, 3, 3}, {{"group", Attribute(int64_t{2})}}, 0, 6},
      {"MatMul", {2, 4}, {4, 5}, {}, 1, 5},
      {"Gemm", {2, 4}, {4, 5}, {}, 1, 5},
      {"Gemm", {2, 4}, {5, 4}, {{"transB", Attribute(int64_t{1})}}, 0, 5},
  };
  for (const auto& c : cases) {
    const Model model = Build()
                            .input("x", c.input)
                            .weights("w", c.weight)
                            .node(c.op, {"x", "w"}, {"y"}, c.attributes)
                            .output("y")
                            .done();
    const auto outcome = apply(model, "", {{{"x", filled(c.input, kSamples)}}});
    ASSERT_TRUE(outcome.ok()) << c.op << ": " << outcome.error().message;
    const Graph& graph = outcome->model.graph;
    const Node* w = dequantized_input(graph, *node_of(graph, "node_y"), 1);
    ASSERT_NE(w, nullptr) << c.op;
    EXPECT_EQ(w->int_attr("axis", -9), c.axis) << c.op;
    EXPECT_EQ(graph.value(w->inputs[1]).constant.size(), c.scales) << c.op;
    const auto per_tensor = apply(model, R"("per_channel":false)", {{{"x", filled(c.input, kSamples)}}});
    ASSERT_TRUE(per_tensor.ok()) << c.op;
    const Node* one = dequantized_input(per_tensor->model.graph, *node_of(per_tensor->model.graph, "node_y"), 1);
    EXPECT_FALSE(one->has("axis")) << c.op;
    EXPECT_EQ(per_tensor->model.graph.value(one->inputs[1]).constant.size(), 1) << c.op;
  }
}

TEST(QuantizeStatic, ExcludedNodesAndOperatorsStayFloat) {
  const Model model = conv_model()
                          .weights("v", {2, 3, 3, 3})
                          .node("Conv", {"c", "v"}, {"d"})
                          .node("Add", {"d", "d"}, {"s"})
                          .output("s")
                          .done();
  const struct {
    const char* keys;
    bool c, d, s;
  } cases[] = {
      {R"("exclude_nodes":["node_c"])", false, true, true},
      {R"("nodes":["node_d"])", false, true, false},
      {R"("op_types":["Add"])", false, false, true},
      {R"("exclude_op_types":["Conv"])", false, false, true},
      {R"("op_types":["Conv"],"exclude_nodes":["node_d"])", true, false, false},
  };
  for (const auto& c : cases) {
    const auto outcome = apply(model, c.keys, {image()});
    ASSERT_TRUE(outcome.ok()) << c.keys;
    const Graph& graph = outcome->model.graph;
    EXPECT_EQ(dequantized_input(graph, *node_of(graph, "node_c"), 1) != nullptr, c.c) << c.keys;
    EXPECT_EQ(dequantized_input(graph, *node_of(graph, "node_d"), 1) != nullptr, c.d) << c.keys;
    EXPECT_EQ(reason_of(*outcome, "node_c").empty(), c.c) << c.keys;
    EXPECT_EQ(reason_of(*outcome, "node_d").empty(), c.d) << c.keys;
    EXPECT_EQ(reason_of(*outcome, "node_s").empty(), c.s) << c.keys;
  }
}

TEST(QuantizeStatic, UnknownNamesInListsAreRefused) {
  const Model model = conv_model().output("c").done();
  const struct {
    const char* keys;
    const char* where;
    const char* hint;
  } cases[] = {
      {R"("exclude_nodes":["node_C"])", "quantize_static.exclude_nodes", "node_c"},
      {R"("nodes":["nothing"])", "quantize_static.nodes", "node_c"},
      {R"("op_types":["Convv"])", "quantize_static.op_types", "Conv"},
      {R"("exclude_op_types":["If"])", "quantize_static.exclude_op_types", "Conv"},
      {R"("activation_type":"int8","weight_type":"uint8")", "quantize_static.weight_type", "int8"},
  };
  for (const auto& c : cases) {
    const auto outcome = apply(model, c.keys, {image()});
    ASSERT_FALSE(outcome.ok()) << c.keys;
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidRecipe) << c.keys;
    EXPECT_EQ(outcome.error().where, c.where);
    EXPECT_NE(outcome.error().hint.find(c.hint), std::string::npos) << outcome.error().hint;
  }
}

TEST(QuantizeStatic, WeightsThatAreInputsStayFloat) {
  const Model model = conv_model().input("v", {2, 3, 1, 1}).node("Conv", {"c", "v"}, {"d"}).output("d").done();
  Feeds feeds = image();
  feeds.emplace("v", filled({2, 3, 1, 1}, kSamples));
  const auto outcome = apply(model, "", {feeds});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(reason_of(*outcome, "node_d"), "its weight \"v\" is not a constant");
  EXPECT_TRUE(reason_of(*outcome, "node_c").empty());
}

TEST(QuantizeStatic, SoftmaxAtTheEndStaysFloatUnlessAskedFor) {
  const Model model = Build()
                          .input("x", {2, 4})
                          .weights("w", {4, 5})
                          .node("MatMul", {"x", "w"}, {"m"})
                          .node("Softmax", {"m"}, {"s"})
                          .output("s")
                          .done();
  const Feeds feeds = {{"x", filled({2, 4}, kSamples)}};
  const auto plain = apply(model, "", {feeds});
  ASSERT_TRUE(plain.ok());
  EXPECT_FALSE(reason_of(*plain, "node_s").empty());
  const auto asked = apply(model, R"("op_types":["MatMul","Softmax"])", {feeds});
  ASSERT_TRUE(asked.ok());
  const auto s = pair_of(asked->model.graph, "s");
  ASSERT_TRUE(s);
  EXPECT_FLOAT_EQ(s->scale, 1.0f / 255);  // known beforehand, whatever was seen
  EXPECT_EQ(s->zero_point, 0);
}

}  // namespace
}  // namespace halftone::testing
