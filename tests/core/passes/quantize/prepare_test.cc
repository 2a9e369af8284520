// What happens to a model before it is quantized: constants and BatchNormalization folded, the opset raised.
#include "core/stats/distortion.h"
#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

// As some exporters write all of their weights.
TEST(QuantizeStatic, WeightsInConstantNodesAreWeights) {
  Model model =
      Build()
          .input("x", {1, 2, 4, 4})
          .node("Constant", {}, {"w"}, {{"value", Attribute(Tensor::of<float>({3, 2, 1, 1}, {1, 2, 3, 4, 5, 6}))}})
          .node("Conv", {"x", "w"}, {"y"})
          .output("y")
          .done();
  Tensor x = *Tensor::allocate(DType::kFloat, {1, 2, 4, 4});
  for (size_t i = 0; i < 32; ++i) x.mutable_data<float>()[i] = static_cast<float>(i);
  auto outcome = apply(model, "", {{{"x", x}}});
  ASSERT_TRUE(outcome.ok());
  for (const Node& node : outcome->model.graph.nodes) {
    if (node.op_type != "Conv") continue;
    const Node* weight = producer_of(outcome->model.graph, node.inputs[1]);
    ASSERT_NE(weight, nullptr);
    EXPECT_EQ(weight->op_type, "DequantizeLinear");
    EXPECT_EQ(outcome->model.graph.value(weight->inputs[0]).constant.dtype(), DType::kInt8);
  }
}

TEST(QuantizeStatic, InitializersOfOldModelsAreNoLongerInputs) {
  Model model = conv_model(13).output("c").done();
  model.ir_version = 3;
  model.graph.initializer_inputs = {model.graph.find_value("w"), model.graph.find_value("b")};
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  EXPECT_GE(outcome->model.ir_version, 4);
  EXPECT_TRUE(outcome->model.graph.initializer_inputs.empty());
}

TEST(QuantizeStatic, OpsetIsKeptWhereItSuffices) {
  const struct {
    int64_t opset;
    bool per_channel;
    int64_t after;
  } cases[] = {{17, true, 17}, {13, true, 13}, {12, false, 12}, {10, false, 10},
               {12, true, 13}, {9, false, 13}, {7, true, 13}};
  for (const auto& c : cases) {
    const Model model = conv_model(c.opset).node("Relu", {"c"}, {"y"}).output("y").done();
    const auto outcome = apply(model, c.per_channel ? "" : R"("per_channel":false)", {image()});
    ASSERT_TRUE(outcome.ok()) << c.opset << ": " << outcome.error().message;
    EXPECT_EQ(outcome->model.opset(), c.after) << c.opset;
  }
}

TEST(QuantizeStatic, BatchNormalizationIsFoldedFirst) {
  const Model model = conv_model()
                          .constant("g", Tensor::of<float>({3}, {1.5f, 0.5f, -1.0f}))
                          .constant("h", Tensor::of<float>({3}, {0.1f, 0.2f, 0.3f}))
                          .constant("m", Tensor::of<float>({3}, {0.0f, 0.1f, -0.1f}))
                          .constant("v", Tensor::of<float>({3}, {1.0f, 2.0f, 0.5f}))
                          .node("BatchNormalization", {"c", "g", "h", "m", "v"}, {"n"})
                          .node("Relu", {"n"}, {"y"})
                          .output("y")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(count_op(outcome->model.graph, "BatchNormalization"), 0);
  EXPECT_EQ(count_op(outcome->model.graph, "Relu"), 0);
  const Tensor reference = run(model, image(), false), simulated = run(outcome->model, image(), false);
  EXPECT_GT(distortion(reference.data<float>(), simulated.data<float>()).sqnr_db, 30);
  for (const Node& node : outcome->model.graph.nodes) {
    for (const auto& [key, attribute] : node.attributes) EXPECT_NE(key.substr(0, 9), "halftone.") << node.name;
  }
}

TEST(QuantizeStatic, OutputNamesSurviveSimplification) {
  const Model model =
      conv_model().node("Identity", {"c"}, {"y"}).node("Identity", {"x"}, {"z"}).output("y").output("z").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "y");
  EXPECT_EQ(graph.value(graph.outputs[1]).name, "z");
}

}  // namespace
}  // namespace halftone::testing
