// What a compressed model says of itself.
#include "core/recipe/manifest.h"

#include <gtest/gtest.h>

#include "core/recipe/recipe.h"
#include "tests/core/passes/build.h"

namespace halftone {
namespace {

Model small() {
  testing::Build b(13);
  b.input("x", {1, 4}).weights("w", {4, 4}).node("MatMul", {"x", "w"}, {"y"}).output("y");
  return b.done();
}

// Quantizes with `count` inputs of which the first holds `first`; the sweeps are driven by hand.
Model quantized(const Model& model, float first, int count) {
  auto recipe = parse_recipe(R"([{"pass":"quantize_static"}])");
  auto run = RecipeRun::start(model, *recipe);
  for (int i = 0; i < count; ++i) {
    EXPECT_TRUE(run->observe({{"x", Tensor::of<float>({1, 4}, {i == 0 ? first : 1.0f, 2, 3, 4})}}).ok());
  }
  EXPECT_TRUE(run->end_sweep().ok());
  auto outcome = run->finish();
  EXPECT_TRUE(outcome.ok());
  return std::move(outcome->model);
}

std::string entry(const Model& model, std::string_view key) {
  for (const auto& [name, value] : model.metadata) {
    if (name == key) return value;
  }
  return {};
}

TEST(Manifest, TellsRecipeVersionAndData) {
  const Model model = quantized(small(), 1, 3);
  const auto recipe = parse_recipe(entry(model, "halftone.recipe"));
  ASSERT_TRUE(recipe.ok()) << recipe.error().message;
  EXPECT_EQ((*recipe)[0].pass->name, "quantize_static");
  EXPECT_FALSE(entry(model, "halftone.version").empty());
  EXPECT_EQ(entry(model, "halftone.calibration").rfind("3 inputs, fnv1a64 ", 0), 0u);
}

TEST(Manifest, FingerprintIsOfTheData) {
  const std::string a = entry(quantized(small(), 1, 2), "halftone.calibration");
  EXPECT_EQ(a, entry(quantized(small(), 1, 2), "halftone.calibration"));
  EXPECT_NE(a, entry(quantized(small(), 2, 2), "halftone.calibration"));
}

TEST(Manifest, RecipesFollowEachOther) {
  auto first = run_recipe(small(), *parse_recipe(R"([{"pass":"convert_opset","target":17}])"), nullptr);
  ASSERT_TRUE(first.ok());
  const Model model = quantized(first->model, 1, 1);
  const auto recipe = parse_recipe(entry(model, "halftone.recipe"));
  ASSERT_TRUE(recipe.ok());
  ASSERT_EQ(recipe->size(), 2u);
  EXPECT_EQ((*recipe)[0].pass->name, "convert_opset");
}

}  // namespace
}  // namespace halftone
