// What is absorbed of biases is added behind, and shortens the ranges before.
#include "core/passes/equalize/absorb.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/rng.h"
#include "core/passes/equalize/equalize.h"
#include "core/passes/quantize/quantize_static.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone {
namespace {

using testing::Build;
using testing::random_feeds;
using testing::random_tensor;

// Conv -> BatchNormalization -> Relu -> `between` -> Conv without padding. Channels have the means beta and the
// deviations |gamma| where x, w1 and the normalization agree; 5 and 9 stay above 3 deviations.
Model high_biases(const std::string& between) {
  const std::vector<float> gamma = {0.5f, 1, 0.25f, 2}, beta = {0.2f, 5, -1, 9};
  Build b(13);
  b.input("x", {1, 4, 6, 6})
      .constant("w1", Tensor::of<float>({4, 4, 1, 1}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}))
      .constant("gamma", Tensor::of<float>({4}, gamma))
      .constant("beta", Tensor::of<float>({4}, beta))
      .constant("mean", Tensor::of<float>({4}, {0, 0, 0, 0}))
      .constant("variance", Tensor::of<float>({4}, {1, 1, 1, 1}))
      .constant("w2", random_tensor({5, 4, 3, 3}, 3))
      .constant("w2_twice", random_tensor({5, 8, 3, 3}, 4))
      .constant("b2", random_tensor({5}, 5))
      .node("Conv", {"x", "w1"}, {"c1"})
      .node("BatchNormalization", {"c1", "gamma", "beta", "mean", "variance"}, {"n1"})
      .node("Relu", {"n1"}, {"r1"});
  const Attributes window = {{"kernel_shape", Attribute(std::vector<int64_t>{2, 2})}};
  if (between == "Concat") {
    b.node("MaxPool", {"r1"}, {"a"}, window)
        .node("AveragePool", {"r1"}, {"m"}, window)
        .node("Concat", {"m", "a"}, {"p1"}, {{"axis", Attribute(int64_t{1})}})
        .node("Conv", {"p1", "w2_twice", "b2"}, {"y"});
  } else if (between == "Add") {
    b.node("MaxPool", {"r1"}, {"a"}, window)
        .node("AveragePool", {"r1"}, {"m"}, window)
        .node("Add", {"m", "a"}, {"p1"})
        .node("Conv", {"p1", "w2", "b2"}, {"y"});
  } else if (between == "padding") {
    b.node("Conv", {"r1", "w2", "b2"}, {"y"}, {{"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}});
  } else if (between == "Sigmoid") {
    b.node("Sigmoid", {"r1"}, {"s"}).node("Add", {"s", "r1"}, {"p1"}).node("Conv", {"p1", "w2", "b2"}, {"y"});
  } else {
    b.node("Identity", {"r1"}, {"i"}).node("Conv", {"i", "w2", "b2"}, {"y"});
  }
  return b.output("y").done();
}

constexpr const char* kAbsorb = R"("by":"weights","absorb_bias":true)";

class AbsorbKeeps : public ::testing::TestWithParam<std::string> {};

// Inputs of at most 1: no channel with a high bias comes below beta - 3 |gamma|.
TEST_P(AbsorbKeeps, WhatTheNetworkComputes) {
  const Model model = high_biases(GetParam());
  const std::vector<Feeds> feeds = random_feeds({1, 4, 6, 6}, 8);
  const auto outcome = testing::run_pass(equalize_pass(), model, kAbsorb);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->report.find("absorbed")->as_number(), 2);
  EXPECT_EQ(outcome->report.find("absorbed_layers")->as_number(), 1);
  EXPECT_GT(testing::output_sqnr(model, outcome->model, feeds), 100);
}

INSTANTIATE_TEST_SUITE_P(Paths, AbsorbKeeps, ::testing::Values("Identity", "Concat", "Add"));

TEST(Absorb, TakesTheMeanLessThreeDeviations) {
  const auto plain = testing::run_pass(equalize_pass(), high_biases("Identity"), R"("by":"weights")");
  const auto outcome = testing::run_pass(equalize_pass(), high_biases("Identity"), kAbsorb);
  ASSERT_TRUE(plain.ok() && outcome.ok());
  // In units of each channel, whatever its scale became: gamma is what the weights of the first layer were.
  const auto bias = [](const Model& model, size_t channel) {
    const Node& conv = *testing::producer_of(model.graph, model.graph.find_value("n1"));
    return model.graph.value(conv.inputs[2]).constant.data<float>()[channel] /
           model.graph.value(conv.inputs[1]).constant.data<float>()[channel * 4 + channel];
  };
  EXPECT_NEAR(bias(plain->model, 1), 5, 1e-4);
  EXPECT_NEAR(bias(outcome->model, 1), 3, 1e-4);
  EXPECT_NEAR(bias(plain->model, 3), 4.5, 1e-4);
  EXPECT_NEAR(bias(outcome->model, 3), 3, 1e-4);
  EXPECT_EQ(bias(outcome->model, 0), bias(plain->model, 0));
  EXPECT_EQ(bias(outcome->model, 2), bias(plain->model, 2));
  // What later steps are told of the same value.
  ASSERT_TRUE(outcome->norms.has_value());
  ASSERT_EQ(outcome->norms->size(), 1u);
  const BatchNormOutput& norm = outcome->norms->front();
  EXPECT_EQ(norm.tensor, "n1");
  for (size_t c : {1, 3}) EXPECT_NEAR(norm.mean[c], 3 * std::sqrt(norm.variance[c]), 1e-5);
}

// Beyond three deviations what was absorbed is missing: a little of it, seldom.
TEST(Absorb, LosesLittleWhereValuesAreNormal) {
  const Model model = high_biases("Identity");
  Rng rng(11);
  std::vector<Feeds> feeds;
  for (int i = 0; i < 40; ++i) {
    std::vector<float> values(4 * 36, 0.0f);
    for (float& v : values) {
      for (int k = 0; k < 12; ++k) v += rng.uniform(-0.5f, 0.5f);  // deviation 1
    }
    feeds.push_back({{"x", Tensor::of<float>({1, 4, 6, 6}, values)}});
  }
  const auto outcome = testing::run_pass(equalize_pass(), model, kAbsorb);
  ASSERT_TRUE(outcome.ok());
  const double sqnr = testing::output_sqnr(model, outcome->model, feeds);
  EXPECT_GT(sqnr, 40);
  EXPECT_LT(sqnr, 100);  // these feeds do reach beyond
}

TEST(Absorb, TakesMomentsFromData) {
  const Model model = high_biases("Identity");
  const std::vector<Feeds> feeds = random_feeds({1, 4, 6, 6}, 8);
  const auto outcome = testing::run_pass(equalize_pass(), model, R"("absorb_bias":true)", feeds);
  ASSERT_TRUE(outcome.ok());
  // Uniform from -1 to 1 has a deviation of 0.58: beta - 3 gamma 0.58 > 0 in the same two channels.
  EXPECT_EQ(outcome->report.find("absorbed")->as_number(), 2);
  EXPECT_GT(testing::output_sqnr(model, outcome->model, feeds), 100);
}

// Zeros at a border, and whoever reads the values themselves.
TEST(Absorb, LeavesWhatOthersSee) {
  for (const char* between : {"padding", "Sigmoid"}) {
    const auto outcome = testing::run_pass(equalize_pass(), high_biases(between), kAbsorb);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(outcome->report.find("absorbed")->as_number(), 0) << between;
    EXPECT_EQ(testing::first_warning(*outcome),
              between == std::string("padding") ? "No bias was absorbed" : "No channel was scaled");
  }
}

// 8 bits for a range from 0 to 20 instead of one that the biases alone fill.
TEST(Absorb, ShortensRanges) {
  Build b(13);
  b.input("x", {1, 4})
      .constant("w1", random_tensor({4, 6}, 1))
      .constant("b1", Tensor::of<float>({6}, {40, 60, 0, 0.5f, 50, -0.5f}))
      .constant("w2", random_tensor({6, 3}, 2))
      .constant("b2", random_tensor({3}, 3))
      .node("Gemm", {"x", "w1", "b1"}, {"h"})
      .node("Relu", {"h"}, {"r"})
      .node("Gemm", {"r", "w2", "b2"}, {"y"})
      .output("y");
  const Model model = b.done();
  const std::vector<Feeds> feeds = random_feeds({1, 4}, 60);
  // Nothing is balanced: what is gained comes from the biases.
  const std::string keys = R"("alpha":0)";
  const auto plain = testing::run_pass(equalize_pass(), model, keys, feeds);
  const auto absorbed = testing::run_pass(equalize_pass(), model, keys + R"(,"absorb_bias":true)", feeds);
  ASSERT_TRUE(plain.ok() && absorbed.ok());
  EXPECT_GT(testing::output_sqnr(model, absorbed->model, feeds), 100);
  // Errors against the outputs' movement, not against the constant that the biases add.
  const auto noise = [&](const Model& from) {
    const auto outcome = testing::run_pass(quantize_static_pass(), from, "", feeds);
    EXPECT_TRUE(outcome.ok());
    double sum = 0;
    for (const Feeds& one : feeds) {
      const Tensor x = testing::run_model(model, one), y = testing::run_model(outcome->model, one);
      for (size_t i = 0; i < 3; ++i) sum += std::pow(x.data<float>()[i] - y.data<float>()[i], 2.0);
    }
    return sum;
  };
  EXPECT_LT(noise(absorbed->model) * 4, noise(plain->model));
}

}  // namespace
}  // namespace halftone
