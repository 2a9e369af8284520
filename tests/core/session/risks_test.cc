#include "core/session/risks.h"

#include <gtest/gtest.h>

#include "core/recipe/recipe.h"
#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::Build;

// The finding of this kind; null: there is none.
Json finding(const Model& model, std::string_view id) {
  const auto report = find_risks(model);
  EXPECT_TRUE(report.ok());
  for (const Json& one : report->find("findings")->as_array()) {
    if (one.find("id")->as_string() == id) return one;
  }
  return {};
}

// Gemm 4 -> 4 twice; the first weight's columns (output channels) get these factors.
Model products(const std::vector<float>& factors, float outlier = 1) {
  std::vector<float> w(16);
  for (size_t i = 0; i < 16; ++i) w[i] = (0.1f + 0.01f * static_cast<float>(i / 4)) * factors[i % 4];
  w[0] *= outlier;
  return Build()
      .input("x", {1, 4})
      .constant("w", Tensor::of<float>({4, 4}, w))
      .weights("v", {4, 4})
      .node("Gemm", {"x", "w"}, {"h"})
      .node("Gemm", {"h", "v"}, {"y"})
      .output("y")
      .done();
}

TEST(Risks, WideChannelsByTheirFactor) {
  EXPECT_TRUE(finding(products({1, 1, 1, 2}), "wide_channels").is_null());
  const Json medium = finding(products({1, 1, 1, 20}), "wide_channels");
  EXPECT_EQ(medium.find("severity")->as_string(), "medium");
  EXPECT_EQ(medium.find("where")->as_string(), "node_h");
  EXPECT_NE(medium.find("message")->as_string().find("20 times"), std::string::npos);
  EXPECT_EQ(finding(products({1, 1, 1, 100}), "wide_channels").find("severity")->as_string(), "high");
}

TEST(Risks, OutliersWithinAChannel) {
  std::vector<float> w(2 * 400, 0.01f);
  w[7] = 1;
  const Model model = Build()
                          .input("x", {1, 400})
                          .constant("w", Tensor::of<float>({2, 400}, w))
                          .node("Gemm", {"x", "w"}, {"y"}, {{"transB", Attribute(int64_t{1})}})
                          .output("y")
                          .done();
  const Json found = finding(model, "outlier_weights");
  ASSERT_FALSE(found.is_null());
  EXPECT_EQ(found.find("step")->find("weight_observer")->as_string(), "mse");
  EXPECT_TRUE(finding(products({1, 1, 1, 1}), "outlier_weights").is_null());
}

TEST(Risks, DepthwiseAndEndsKeepEightBits) {
  const Model model = Build()
                          .input("x", {1, 3, 8, 8})
                          .weights("w", {4, 3, 3, 3})
                          .weights("d", {4, 1, 3, 3})
                          .weights("p", {2, 4, 1, 1})
                          .node("Conv", {"x", "w"}, {"a"})
                          .node("Conv", {"a", "d"}, {"b"}, {{"group", Attribute(int64_t{4})}})
                          .node("Conv", {"b", "p"}, {"y"})
                          .output("y")
                          .done();
  const Json depthwise = finding(model, "depthwise");
  ASSERT_FALSE(depthwise.is_null());
  EXPECT_EQ(depthwise.find("nodes")->dump(), R"(["node_b"])");
  EXPECT_EQ(finding(model, "ends").find("nodes")->dump(), R"(["node_a","node_y"])");
}

TEST(Risks, BatchNormsThatHardlyVary) {
  const auto model = [](float variance, float scale = 1) {
    return Build()
        .input("x", {1, 2, 4, 4})
        .weights("w", {2, 2, 1, 1})
        .weights("one", {2})
        .constant("gamma", Tensor::of<float>({2}, {1, scale}))
        .constant("var", Tensor::of<float>({2}, {1, variance}))
        .node("Conv", {"x", "w"}, {"c"})
        .node("BatchNormalization", {"c", "gamma", "one", "one", "var"}, {"y"})
        .output("y")
        .done();
  };
  EXPECT_TRUE(finding(model(0.5f), "batch_norm").is_null());
  EXPECT_EQ(finding(model(1e-8f), "batch_norm").find("where")->as_string(), "node_y");
  EXPECT_EQ(finding(model(0.5f, -1e-4f), "batch_norm").find("where")->as_string(), "node_y");
}

TEST(Risks, IslandsTailsAndFloatOperators) {
  const Model model = Build()
                          .input("x", {1, 4})
                          .weights("w", {4, 4})
                          .node("MatMul", {"x", "w"}, {"h"})
                          .node("Sigmoid", {"h"}, {"s"})
                          .node("Add", {"s", "h"}, {"sum"})
                          .node("Erf", {"sum"}, {"y"})
                          .output("y")
                          .done();
  EXPECT_EQ(finding(model, "open_tail").find("where")->as_string(), "node_s");
  const Json islands = finding(model, "islands");
  ASSERT_FALSE(islands.is_null());
  EXPECT_TRUE(islands.find("step")->find("skip_islands")->as_bool());
  EXPECT_NE(finding(model, "float_operators").find("message")->as_string().find("Erf (1)"), std::string::npos);
}

TEST(Risks, EveryStepIsOneThatARecipeTakes) {
  const auto report = find_risks(products({1, 1, 1, 100}));
  ASSERT_TRUE(report.ok());
  ASSERT_FALSE(report->find("findings")->as_array().empty());
  for (const Json& one : report->find("findings")->as_array()) {
    EXPECT_FALSE(one.find("hint")->as_string().empty());
    const Json& step = *one.find("step");
    EXPECT_TRUE(step.is_null() || parse_recipe(Json(Json::Array{step})).ok()) << step.dump();
  }
}

}  // namespace
}  // namespace halftone
