#include "core/passes/quantize/quantize_static.h"

#include "core/onnx/writer.h"
#include "core/stats/distortion.h"
#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

TEST(QuantizeStatic, OutputIsCloseToFloatAndIntegersAgreeWithTheSimulation) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Tensor reference = run(model, image(), false);
  const Tensor simulated = run(outcome->model, image(), false);
  const Tensor integer = run(outcome->model, image(), true);
  EXPECT_GT(distortion(reference.data<float>(), simulated.data<float>()).sqnr_db, 35);
  EXPECT_GT(distortion(simulated.data<float>(), integer.data<float>()).sqnr_db, 45);
}

TEST(QuantizeStatic, QuantizedModelsAreRefused) {
  const auto once = apply(conv_model().output("c").done(), "", {image()});
  ASSERT_TRUE(once.ok());
  const auto twice = apply(once->model, "", {image()});
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(twice.error().message, "The model is quantized already");
}

TEST(QuantizeStatic, TwoStepsCanQuantizeDifferentParts) {
  const Model model = conv_model()
                          .node("Flatten", {"c"}, {"f"})
                          .weights("v", {48, 5})
                          .node("Gemm", {"f", "v"}, {"g"})
                          .output("g")
                          .done();
  const auto first = apply(model, R"("op_types":["Conv"])", {image()});
  ASSERT_TRUE(first.ok()) << first.error().message;
  const auto outcome = apply(first->model, R"("op_types":["Gemm"],"per_channel":false)", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  EXPECT_TRUE(dequantized_input(graph, *node_of(graph, "node_c"), 1)->has("axis"));
  ASSERT_NE(dequantized_input(graph, *node_of(graph, "node_g"), 1), nullptr);
  EXPECT_FALSE(dequantized_input(graph, *node_of(graph, "node_g"), 1)->has("axis"));
}

TEST(QuantizeStatic, SameInputSameBytes) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  const auto a = apply(model, "", {image()}), b = apply(model, "", {image()});
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(*write_model(a->model), *write_model(b->model));
  EXPECT_EQ(a->report.dump(), b->report.dump());
}

TEST(QuantizeStatic, TheGivenModelIsNotTouched) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  const std::string before = *write_model(model);
  ASSERT_TRUE(apply(model, "", {image()}).ok());
  EXPECT_EQ(*write_model(model), before);
}

}  // namespace
}  // namespace halftone::testing
