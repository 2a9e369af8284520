// Training forms as inference.
#include "core/passes/canonicalize/drop_training.h"

#include "tests/core/compile/make.h"
#include "tests/core/graph/build.h"

namespace halftone::testing {
namespace {

Make normalization(bool training, std::vector<std::string> outputs) {
  Make make(15);
  make.input("x", {2, 3, 4})
      .floats("scale", {3})
      .floats("bias", {3})
      .floats("mean", {3})
      .floats("variance", {3}, 0.5f, 2);
  make.node("BatchNormalization", {"x", "scale", "bias", "mean", "variance"}, outputs,
            training ? attr("training_mode", int64_t{1}) : Attributes());
  return make;
}

TEST(DropTraining, BatchNormalizationUsesWhatItHasStored) {
  Model training = normalization(true, {"y", "m", "v"}).output("y");
  drop_training(training);
  EXPECT_EQ(training.graph.nodes[0].outputs.size(), 1u);
  const Model plain = normalization(false, {"y"}).output("y");
  const Feeds feeds = random_feeds(plain, 1);
  expect_same_outputs(ran(training, feeds), ran(plain, feeds), 0);
}

TEST(DropTraining, StatisticsThatAreReadKeepTheTrainingForm) {
  Model model = normalization(true, {"y", "m", "v"}).output("y").output("m");
  drop_training(model);
  EXPECT_TRUE(model.graph.nodes[0].has("training_mode"));
  EXPECT_EQ(model.graph.nodes[0].outputs.size(), 3u);
}

TEST(DropTraining, DropoutPassesItsInputOn) {
  Model model = Make(13)
                    .input("x", {4})
                    .constant("ratio", Tensor::scalar(0.5f))
                    .constant("on", Tensor::scalar(true))
                    .node("Dropout", {"x", "ratio", "on"}, {"y"})
                    .output("y");
  drop_training(model);
  const Feeds feeds = random_feeds(model, 1);
  EXPECT_TRUE(ran(model, feeds).outputs[0].second.identical(feeds.at("x")));
}

TEST(DropTraining, ReachesIntoSubgraphs) {
  using testing_graphs::Build;
  const GraphPtr branch = Build("b")
                              .captured("x")
                              .captured("ratio")
                              .captured("on")
                              .node("Dropout", {"x", "ratio", "on"}, {"d"})
                              .output("d")
                              .shared();
  Attributes both = {{"then_branch", Attribute(branch)}, {"else_branch", Attribute(branch)}};
  Model model = Make(13)
                    .input("flag", {}, DType::kBool)
                    .input("x", {2})
                    .constant("ratio", Tensor::scalar(0.5f))
                    .constant("on", Tensor::scalar(true))
                    .node("If", {"flag"}, {"y"}, both)
                    .output("y");
  drop_training(model);
  EXPECT_EQ(model.graph.nodes[0].graph_attr("then_branch")->nodes[0].inputs.size(), 2u);
  EXPECT_EQ(branch->nodes[0].inputs.size(), 3u) << "the given model has changed";
}

}  // namespace
}  // namespace halftone::testing
