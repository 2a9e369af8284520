// Which Relu and Clip the ends of the integers make redundant.
#include "core/stats/distortion.h"
#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

TEST(QuantizeStatic, ReluIsFoldedIntoAnUnsignedRange) {
  const Model model = conv_model()
                          .node("Relu", {"c"}, {"y"})
                          .node("MaxPool", {"y"}, {"p"}, ints("kernel_shape", {2, 2}))
                          .output("p")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(count_op(graph, "Relu"), 0);
  EXPECT_EQ(graph.value(node_of(graph, "node_c")->outputs[0]).name, "y");  // the range behind the Relu
  EXPECT_EQ(pair_of(graph, "y")->zero_point, 0);
  EXPECT_EQ(outcome->report.find("removed_activations")->as_array().size(), 1u);
}

TEST(QuantizeStatic, ReluStaysWhereTheRangeDoesNotImplyIt) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  for (const char* keys :
       {R"("activation_symmetric":true)", R"("activation_symmetric":true,"activation_type":"int8")"}) {
    const auto outcome = apply(model, keys, {image()});
    ASSERT_TRUE(outcome.ok());
    const Graph& graph = outcome->model.graph;
    EXPECT_EQ(count_op(graph, "Relu"), 1) << keys;
    // Both sides of it share parameters, so nothing is lost between.
    ASSERT_TRUE(pair_of(graph, "c") && pair_of(graph, "y")) << keys;
    EXPECT_EQ(pair_of(graph, "c")->scale, pair_of(graph, "y")->scale);
    EXPECT_EQ(pair_of(graph, "c")->zero_point, pair_of(graph, "y")->zero_point);
  }
}

TEST(QuantizeStatic, ReluIsFoldedIntoAnAffineInt8Range) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  const auto outcome = apply(model, R"("activation_type":"int8")", {image()});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(count_op(outcome->model.graph, "Relu"), 0);
  EXPECT_EQ(pair_of(outcome->model.graph, "y")->zero_point, -128);
}

TEST(QuantizeStatic, ClipIsFoldedExactlyWhenItsBoundsSaturate) {
  const struct {
    float low, high;
    bool folded;
  } cases[] = {
      {0, 6, true},          // like Relu6
      {0, 0.5f, true},       // the range ends where it clips
      {-0.25f, 0.5f, true},  // both ends are the range's
      {-100, 100, true},     // never clips: saturation is as good
      {0.5f, 6, false},      // the range contains 0, so integers below 0.5 exist
      {-6, -0.5f, false},    // ... and above -0.5
  };
  for (const auto& c : cases) {
    const Model model = conv_model()
                            .constant("lo", Tensor::scalar(c.low))
                            .constant("hi", Tensor::scalar(c.high))
                            .node("Clip", {"c", "lo", "hi"}, {"y"})
                            .output("y")
                            .done();
    const auto outcome = apply(model, "", {image()});
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(count_op(outcome->model.graph, "Clip"), c.folded ? 0 : 1) << c.low << " " << c.high;
    const Tensor reference = run(model, image(), false), simulated = run(outcome->model, image(), false);
    EXPECT_GT(distortion(reference.data<float>(), simulated.data<float>()).sqnr_db, 30) << c.low << " " << c.high;
  }
}

TEST(QuantizeStatic, ReluIsNotFoldedWhenItsInputHasOtherReaders) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).node("Add", {"c", "y"}, {"s"}).output("s").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(count_op(graph, "Relu"), 1);
  EXPECT_NE(pair_of(graph, "c")->zero_point, 0);
  EXPECT_EQ(pair_of(graph, "y")->zero_point, 0);
}

}  // namespace
}  // namespace halftone::testing
