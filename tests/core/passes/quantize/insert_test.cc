// What stands in the graph afterwards: the pairs around activations, weights and biases, and the names of values.
#include "core/graph/subgraphs.h"
#include "tests/core/graph/build.h"
#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

TEST(QuantizeStatic, ConvGetsDequantizedInputsAndAQuantizedOutput) {
  const Model model = conv_model().output("c").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const Node& conv = *node_of(graph, "node_c");
  for (size_t i : {0, 1, 2}) EXPECT_NE(dequantized_input(graph, conv, i), nullptr) << i;
  const auto x = pair_of(graph, "x");
  ASSERT_TRUE(x);
  EXPECT_FLOAT_EQ(x->scale, 2.0f / 255);
  // The model's output keeps its name and comes out of the last DequantizeLinear.
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "c");
  EXPECT_EQ(producer_of(graph, graph.outputs[0])->op_type, "DequantizeLinear");
  EXPECT_EQ(graph.value(conv.outputs[0]).name, "c_unquantized");
  EXPECT_EQ(graph.value(graph.inputs[0]).name, "x");
  EXPECT_EQ(graph.value(graph.inputs[0]).dtype, DType::kFloat);
}

// A runtime makes an integer operator of a Conv only where nobody reads its real numbers but the QuantizeLinear.
TEST(QuantizeStatic, GraphsInsideOfNodesReadWhatWasDequantized) {
  const auto branch = [](const std::string& op) {
    return Attribute(testing_graphs::Build(op).captured("c").node(op, {"c"}, {"in_" + op}).output("in_" + op).shared());
  };
  Build build = conv_model();
  build.input("flag", {}, DType::kBool);
  build.node("If", {"flag"}, {"y"}, {{"then_branch", branch("Neg")}, {"else_branch", branch("Abs")}});
  const Model model = build.node("Relu", {"c"}, {"r"}).output("y").output("r").done();
  Feeds feeds = image();
  feeds.emplace("flag", Tensor::scalar(true));
  const auto outcome = apply(model, "", {feeds});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const auto captured = captured_names(*node_of(graph, "node_y"));
  EXPECT_EQ(captured.size(), 1u);
  EXPECT_EQ(captured.count("c_dequantized"), 1u);
  const UseMap uses(graph);
  for (const Use& use : uses.uses(graph.find_value("c"))) {
    ASSERT_GE(use.node, 0);
    EXPECT_EQ(graph.nodes[static_cast<size_t>(use.node)].op_type, "QuantizeLinear");
  }
  EXPECT_TRUE(run(outcome->model, feeds, true).identical(run(outcome->model, feeds, false)));
}

TEST(QuantizeStatic, BiasScaleIsInputScaleTimesWeightScale) {
  const auto outcome = apply(conv_model().output("c").done(), "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  const Node& conv = *node_of(graph, "node_c");
  const Node &w = *dequantized_input(graph, conv, 1), &b = *dequantized_input(graph, conv, 2);
  EXPECT_EQ(graph.value(w.inputs[0]).constant.dtype(), DType::kInt8);
  EXPECT_EQ(graph.value(b.inputs[0]).constant.dtype(), DType::kInt32);
  EXPECT_EQ(b.inputs.size(), 2u);  // no zero point
  EXPECT_EQ(w.int_attr("axis", -9), 0);
  EXPECT_EQ(b.int_attr("axis", -9), 0);
  const auto w_scale = graph.value(w.inputs[1]).constant.data<float>();
  const auto b_scale = graph.value(b.inputs[1]).constant.data<float>();
  ASSERT_EQ(w_scale.size(), 3u);
  for (size_t c = 0; c < 3; ++c) EXPECT_EQ(b_scale[c], pair_of(graph, "x")->scale * w_scale[c]);
}

TEST(QuantizeStatic, SharedWeightsAreStoredOnceAndSharedBiasesPerScale) {
  const Model model = conv_model()
                          .node("Conv", {"x", "w", "b"}, {"d"})
                          .node("Relu", {"x"}, {"r"})
                          .node("Conv", {"r", "w", "b"}, {"e"})
                          .output("c")
                          .output("d")
                          .output("e")
                          .done();
  const auto outcome = apply(model, "", {{{"x", filled(kImage, {0.5f, -2.0f})}}});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const Node &c = *node_of(graph, "node_c"), &d = *node_of(graph, "node_d"), &e = *node_of(graph, "node_e");
  EXPECT_EQ(c.inputs[1], d.inputs[1]);
  EXPECT_EQ(c.inputs[1], e.inputs[1]);
  EXPECT_EQ(c.inputs[2], d.inputs[2]);
  EXPECT_NE(c.inputs[2], e.inputs[2]);  // another input scale, another bias
  EXPECT_EQ(graph.find_value("w"), kNoValue);
}

TEST(QuantizeStatic, AnOutputBetweenTwoNodesStaysFloatUnderItsName) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("c").output("y").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "c");
  EXPECT_EQ(graph.value(graph.outputs[1]).name, "y");
  for (ValueId id : graph.outputs) EXPECT_EQ(producer_of(graph, id)->op_type, "DequantizeLinear");
}

TEST(QuantizeStatic, ShapesAreReadFromTheIntegers) {
  const Model model = Build()
                          .input("x", {-1, 2, 6, 6})  // with a known batch the shapes would be constants
                          .weights("w", {3, 2, 3, 3})
                          .node("Conv", {"x", "w"}, {"c"})
                          .node("Shape", {"c"}, {"s"})
                          .node("Shape", {"x"}, {"t"})
                          .node("Sin", {"c"}, {"y"})
                          .output("s")
                          .output("t")
                          .output("y")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  ASSERT_NE(node_of(graph, "node_s"), nullptr);
  EXPECT_EQ(graph.value(node_of(graph, "node_s")->inputs[0]).name, "c_quantized");
  EXPECT_EQ(graph.value(node_of(graph, "node_t")->inputs[0]).name, "x");
}

}  // namespace
}  // namespace halftone::testing
