// What batch normalizations tell outlives the step that folds them away.
#include <gtest/gtest.h>

#include "core/recipe/recipe.h"
#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::Build;

// Conv, BatchNormalization, Relu, Conv.
Model network() {
  return Build()
      .input("x", {1, 4, 8, 8})
      .weights("w1", {4, 4, 1, 1})
      .constant("gamma", Tensor::of<float>({4}, {1, 2, 0.5f, 1}))
      .constant("beta", Tensor::of<float>({4}, {0.5f, 9, -1, 1}))
      .constant("mean", Tensor::of<float>({4}, {0, 0, 0, 0}))
      .constant("variance", Tensor::of<float>({4}, {1, 1, 1, 1}))
      .weights("w2", {6, 4, 3, 3})
      .weights("b2", {6})
      .node("Conv", {"x", "w1"}, {"c"})
      .node("BatchNormalization", {"c", "gamma", "beta", "mean", "variance"}, {"n"})
      .node("Relu", {"n"}, {"r"})
      .node("Conv", {"r", "w2", "b2"}, {"y"})
      .output("y")
      .done();
}

constexpr const char* kDataFree = R"([{"pass":"equalize","by":"weights","absorb_bias":true},
    {"pass":"quantize_static","activation_observer":"batch_norm"},{"pass":"correct_bias","from":"batch_norm"}])";

TEST(Norms, ReachLaterStepsWithoutData) {
  const auto outcome = run_recipe(network(), *parse_recipe(kDataFree), nullptr);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto& steps = outcome->report.find("steps")->as_array();
  EXPECT_EQ(steps[0].find("absorbed")->as_number(), 1);
  EXPECT_EQ(steps[2].find("biases")->as_number(), 1);
  ASSERT_EQ(outcome->memory.norms.size(), 1u);
  EXPECT_EQ(outcome->memory.norms[0].tensor, "n");
}

// A recipe in parts, as a page applies it.
TEST(Norms, AreRememberedBetweenRecipes) {
  auto first = run_recipe(network(), *parse_recipe(R"([{"pass":"equalize","by":"weights"}])"), nullptr);
  ASSERT_TRUE(first.ok());
  const char* rest = R"([{"pass":"quantize_static","activation_observer":"batch_norm"},
      {"pass":"correct_bias","from":"batch_norm"}])";
  auto second = RecipeRun::start(first->model, *parse_recipe(rest), {}, first->memory);
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->wants_data());
  const auto outcome = second->finish();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->report.find("steps")->as_array()[1].find("biases")->as_number(), 1);
  // Without the memory nobody knows.
  auto forgetful = RecipeRun::start(first->model, *parse_recipe(rest));
  ASSERT_TRUE(forgetful.ok());
  const auto nothing = forgetful->finish();
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(nothing->report.find("steps")->as_array()[1].find("biases")->as_number(), 0);
}

}  // namespace
}  // namespace halftone
