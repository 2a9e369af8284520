// fall_back and allocate_bits as recipes drive them: what they find goes to the quantizing step behind them.
#include <gtest/gtest.h>

#include "core/onnx/writer.h"
#include "core/recipe/recipe.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone {
namespace {

using testing::Build;

// Two products. In every column of the first one's weight a huge number, which meets inputs that are always 0, leaves
// the other weights no steps.
Model network(float huge = 1000) {
  std::vector<float> bad(64), good(64);
  for (size_t i = 0; i < 64; ++i) {
    bad[i] = i < 8 ? huge : 0.01f * static_cast<float>(i % 13) - 0.05f;
    good[i] = 0.02f * static_cast<float>(i % 11) - 0.1f;
  }
  return Build()
      .input("x", {1, 8})
      .constant("bad", Tensor::of<float>({8, 8}, bad))
      .constant("good", Tensor::of<float>({8, 8}, good))
      .node("MatMul", {"x", "bad"}, {"h"})
      .node("Relu", {"h"}, {"r"})
      .node("MatMul", {"r", "good"}, {"y"})
      .output("y")
      .done();
}

class Inputs final : public CalibrationSource {
 public:
  Status rewind() override {
    next_ = 0;
    return ok_status();
  }
  Result<std::optional<Feeds>> next() override {
    if (next_ == 12) return std::optional<Feeds>();
    std::vector<float> x(8, 0.0f);
    for (size_t i = 1; i < 8; ++i) x[i] = 0.3f * static_cast<float>((i * 5 + next_ * 3) % 7) - 0.8f;
    ++next_;
    return std::optional<Feeds>(Feeds{{"x", Tensor::of<float>({1, 8}, x)}});
  }

 private:
  size_t next_ = 0;
};

RecipeOutcome run(const std::string& text, ProgressFn progress = {}, float huge = 1000) {
  const auto recipe = parse_recipe(text);
  EXPECT_TRUE(recipe.ok()) << recipe.error().message;
  Inputs inputs;
  auto outcome = run_recipe(network(huge), *recipe, &inputs, std::move(progress));
  EXPECT_TRUE(outcome.ok()) << outcome.error().message << " " << outcome.error().hint;
  return outcome.ok() ? *std::move(outcome) : RecipeOutcome{};
}

const Json& step(const RecipeOutcome& outcome, size_t i) { return outcome.report.find("steps")->as_array()[i]; }

TEST(FallBack, LeavesTheWorstNodeInFloat) {
  const RecipeOutcome outcome = run(R"([{"pass":"fall_back","nodes":1},{"pass":"quantize_static"}])");
  const Json& layers = *step(outcome, 0).find("layers");
  ASSERT_EQ(layers.as_array().size(), 2u);
  const Json &worst = layers.as_array()[0], &other = layers.as_array()[1];
  EXPECT_EQ(worst.find("node")->as_string(), "node_h");
  EXPECT_LT(worst.find("sqnr")->as_number(), 1);
  EXPECT_GT(other.find("sqnr")->as_number(), 30);
  EXPECT_EQ(worst.find("bytes")->as_number(), 64 * 3);  // float32 instead of int8
  EXPECT_TRUE(worst.find("kept")->as_bool());
  EXPECT_GT(step(outcome, 0).find("after")->find("sqnr")->as_number(), 30);
  EXPECT_LT(step(outcome, 0).find("all")->find("sqnr")->as_number(), 1);
  for (const Json& node : step(outcome, 1).find("nodes")->as_array()) {
    const bool is_product = node.find("op")->as_string() == "MatMul";
    const bool second = node.find("name")->as_string() == "node_y";
    EXPECT_TRUE(!is_product || node.find("quantized")->as_bool() == second);
  }
}

TEST(FallBack, TakesAsManyAsTheTargetNeeds) {
  const RecipeOutcome outcome = run(R"([{"pass":"fall_back","nodes":0,"target_sqnr":25},{"pass":"quantize_static"}])");
  EXPECT_EQ(step(outcome, 0).find("suggestion")->find("nodes")->as_array().size(), 1u);
  EXPECT_GT(step(outcome, 0).find("after")->find("sqnr")->as_number(), 25);
}

TEST(FallBack, MeasuresAgreementAndAccuracy) {
  const RecipeOutcome outcome =
      run(R"([{"pass":"fall_back","nodes":0,"feeds":3,"labels":["1","2","3"]},{"pass":"quantize_static"}])");
  EXPECT_EQ(step(outcome, 0).find("feeds")->as_number(), 3);
  EXPECT_EQ(step(outcome, 0).find("after"), nullptr);
  const Json& good = step(outcome, 0).find("layers")->as_array()[1];
  EXPECT_EQ(good.find("agreement")->as_number(), 1);
  EXPECT_LT(good.find("divergence")->as_number(), 1e-4);
  EXPECT_EQ(good.find("accuracy")->as_number(), step(outcome, 0).find("float_accuracy")->as_number());
}

TEST(FallBack, CanBeRunAloneAndCancelled) {
  Inputs inputs;
  EXPECT_TRUE(run_recipe(network(), *parse_recipe(R"([{"pass":"fall_back"}])"), &inputs).ok());
  const auto recipe = parse_recipe(R"([{"pass":"fall_back"},{"pass":"quantize_static"}])");
  const auto stopped = run_recipe(network(), *recipe, &inputs, [](std::string_view stage, int64_t done, int64_t) {
    return stage != "sensitivity" || done < 1;
  });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

TEST(Choices, ThatNoLaterStepTakesAreToldOf) {
  const struct {
    const char* recipe;
    const char* where;  // of the first step's only warning; "": there is none
  } cases[] = {
      {R"([{"pass":"fall_back","nodes":1}])", "fall_back"},
      {R"([{"pass":"fall_back","nodes":1},{"pass":"quantize_dynamic"}])", "fall_back"},
      {R"([{"pass":"allocate_bits","limit":6},{"pass":"quantize_weights"}])", "allocate_bits"},
      {R"([{"pass":"fall_back","nodes":1},{"pass":"equalize"},{"pass":"quantize_static"}])", ""},
      {R"([{"pass":"fall_back","nodes":0}])", ""},
  };
  for (const auto& c : cases) {
    const RecipeOutcome outcome = run(c.recipe);
    std::vector<std::string> told;
    for (const Json& one : step(outcome, 0).find("warnings")->as_array()) {
      told.push_back(one.find("where")->as_string());
      EXPECT_EQ(one.find("message")->as_string(), "No later step uses the exceptions that this one found");
    }
    EXPECT_EQ(told, std::vector<std::string>(c.where[0] == 0 ? 0 : 1, c.where)) << c.recipe;
  }
}

// What makes a node's value changes its label where it has no name: the activation that is folded into it.
TEST(AllocateBits, HoldsForNodesWithoutNames) {
  Model model = network(20);
  for (Node& node : model.graph.nodes) node.name.clear();
  const auto recipe =
      parse_recipe(R"([{"pass":"allocate_bits","limit":6,"widths":["4","8"]},{"pass":"quantize_static"}])");
  Inputs inputs;
  const auto outcome = run_recipe(model, *recipe, &inputs);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message << outcome.error().where;
  const auto& layers = step(*outcome, 0).find("layers")->as_array();
  const auto& weights = step(*outcome, 1).find("weights")->as_array();
  ASSERT_EQ(layers.size(), 2u);
  ASSERT_EQ(weights.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const bool narrow = layers[i].find("bits")->as_number() == 4;
    EXPECT_EQ(weights[i].find("type")->as_string(), narrow ? "int4" : "int8");
    EXPECT_EQ(weights[i].find("node")->as_string(), layers[i].find("node")->as_string());
  }
  EXPECT_NE(weights[0].find("type")->as_string(), weights[1].find("type")->as_string());
  EXPECT_TRUE(step(*outcome, 1).find("warnings")->as_array().empty());
}

TEST(AllocateBits, GivesTheSensitiveLayerTheBits) {
  const std::string quantize = R"({"pass":"quantize_static","weight_bits":4})";
  const RecipeOutcome searched = run(R"([{"pass":"allocate_bits","limit":10,"widths":["4","16"]},)" + quantize + "]");
  const auto& layers = step(searched, 0).find("layers")->as_array();
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].find("bits")->as_number(), 16);
  EXPECT_EQ(layers[1].find("bits")->as_number(), 4);
  EXPECT_EQ(step(searched, 0).find("mean_bits")->as_number(), 10);
  // The weights as they went to the file.
  const auto& weights = step(searched, 1).find("weights")->as_array();
  EXPECT_EQ(weights[0].find("type")->as_string(), "int16");
  EXPECT_EQ(weights[1].find("type")->as_string(), "int4");
  // The report's recipe gives the same file without the search.
  const RecipeOutcome again = run(step(searched, 0).find("recipe")->dump());
  const auto without_manifest = [](Model model) {
    model.metadata.clear();
    return *write_model(model);
  };
  EXPECT_EQ(without_manifest(searched.model), without_manifest(again.model));
}

TEST(AllocateBits, BudgetsOfBytesAndProducts) {
  const std::string quantize = R"(,{"pass":"quantize_static"}])";
  // 64 weights each: 3 bits are stored as 4, so that 64 bytes buy 4 bits for both.
  const RecipeOutcome bytes =
      run(R"([{"pass":"allocate_bits","budget":"bytes","limit":64,"widths":["3","4","8"]})" + quantize);
  EXPECT_EQ(step(bytes, 0).find("bytes")->as_number(), 64);
  // The first layer's small weights are lost with 3 bits and with 4.
  EXPECT_EQ(step(bytes, 0).find("layers")->as_array()[1].find("bits")->as_number(), 4);
  const RecipeOutcome macs = run(
      R"([{"pass":"allocate_bits","budget":"macs_bits","limit":6,"errors":"measured","method":"greedy"})" + quantize);
  EXPECT_LE(step(macs, 0).find("cost")->as_number(), 6);
  Inputs inputs;
  const auto tight = run_recipe(network(), *parse_recipe(R"([{"pass":"allocate_bits","limit":3})" + quantize), &inputs);
  ASSERT_FALSE(tight.ok());
  EXPECT_NE(tight.error().hint.find("4"), std::string::npos);
}

TEST(AllocateBits, SpendsNoMoreThanAQualityNeeds) {
  const std::string quantize = R"(,{"pass":"quantize_static","activation_bits":16}])";
  // Only the first layer needs 16 bits for 30 dB; no layer's 4 bits reach it.
  for (const char* method : {"exact", "greedy"}) {
    const RecipeOutcome outcome = run(R"([{"pass":"allocate_bits","budget":"sqnr","limit":30,"widths":["4","8","16"],)"
                                      R"("method":")" +
                                          std::string(method) + "\"}" + quantize,
                                      {}, 20);
    const auto& layers = step(outcome, 0).find("layers")->as_array();
    EXPECT_EQ(layers[0].find("bits")->as_number(), 16) << method;
    EXPECT_EQ(layers[1].find("bits")->as_number(), 8) << method;
    EXPECT_GE(step(outcome, 0).find("after")->find("sqnr")->as_number(), 30);
    EXPECT_EQ(step(outcome, 0).find("bytes")->as_number(), 64 * 3);
    EXPECT_LE(step(outcome, 0).find("trials")->as_number(), 6);  // by halving
  }
  const RecipeOutcome macs = run(
      R"([{"pass":"allocate_bits","budget":"sqnr","limit":30,"spend":"macs_bits","widths":["4","8","16"]})" + quantize,
      {}, 20);
  EXPECT_EQ(step(macs, 0).find("cost")->as_number(), 12);  // both layers multiply as much
}

TEST(AllocateBits, ReachesAgreementAndAccuracy) {
  const std::string quantize = R"(,{"pass":"quantize_static","activation_bits":16}])";
  const RecipeOutcome agreement =
      run(R"([{"pass":"allocate_bits","budget":"agreement","limit":100,"widths":["4","8","16"]})" + quantize, {}, 20);
  EXPECT_EQ(step(agreement, 0).find("after")->find("agreement")->as_number(), 1);
  EXPECT_EQ(step(agreement, 0).find("layers")->as_array()[0].find("bits")->as_number(), 16);
  Inputs inputs;
  const auto without = run_recipe(
      network(), *parse_recipe(R"([{"pass":"allocate_bits","budget":"accuracy","limit":50})" + quantize), &inputs);
  ASSERT_FALSE(without.ok());
  EXPECT_EQ(without.error().where, "[0].allocate_bits.labels");
  const auto beyond = run_recipe(
      network(), *parse_recipe(R"([{"pass":"allocate_bits","budget":"sqnr","limit":90})" + quantize), &inputs);
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().message, "No allocation is as good as asked for");
}

}  // namespace
}  // namespace halftone
