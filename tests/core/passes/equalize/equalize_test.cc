// Equalization keeps what a float network computes, and gives channels of a tensor one magnitude.
#include "core/passes/equalize/equalize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/rng.h"
#include "core/passes/equalize/channels.h"
#include "core/passes/quantize/quantize_static.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone {
namespace {

using testing::Build;
using testing::random_feeds;
using testing::random_tensor;

// Weights [filters, channels, k, k] whose filter f is 4^(f % 4) times as large as the first ones.
Tensor wild_filters(const Dims& dims, uint64_t seed) {
  Tensor tensor = random_tensor(dims, seed);
  std::vector<float> values(tensor.data<float>().begin(), tensor.data<float>().end());
  const size_t per_filter = values.size() / static_cast<size_t>(dims[0]);
  for (size_t i = 0; i < values.size(); ++i) values[i] *= std::pow(4.0f, static_cast<float>(i / per_filter % 4));
  return Tensor::of<float>(dims, values);
}

// Conv -> `between` -> depthwise Conv -> Add to the first Conv's output -> Concat with itself -> Conv.
Model branching(const std::string& between) {
  Build b(13);
  b.input("x", {1, 3, 6, 6})
      .constant("w1", wild_filters({8, 3, 3, 3}, 1))
      .constant("b1", random_tensor({8}, 2))
      .constant("w2", wild_filters({8, 1, 3, 3}, 3))
      .constant("w3", wild_filters({4, 16, 1, 1}, 4))
      .constant("lo", Tensor::scalar<float>(0))
      .constant("hi", Tensor::scalar<float>(6))
      .node("Conv", {"x", "w1", "b1"}, {"c1"});
  if (between == "Clip") {
    b.node("Clip", {"c1", "lo", "hi"}, {"r1"});
  } else if (between == "Mul") {
    b.node("Mul", {"c1", "c1"}, {"r1"});  // a square is not scaled with its input
  } else {
    b.node(between, {"c1"}, {"r1"});
  }
  b.node("Conv", {"r1", "w2"}, {"c2"},
         {{"group", Attribute(int64_t{8})}, {"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}})
      .node("Add", {"r1", "c2"}, {"sum"})
      .node("MaxPool", {"sum"}, {"pool"}, {{"kernel_shape", Attribute(std::vector<int64_t>{2, 2})}})
      .node("Concat", {"pool", "pool"}, {"both"}, {{"axis", Attribute(int64_t{1})}})
      .node("Conv", {"both", "w3"}, {"y"})
      .output("y");
  return b.done();
}

class EqualizeKeeps : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(EqualizeKeeps, WhatTheNetworkComputes) {
  const auto& [between, keys] = GetParam();
  const Model model = branching(between);
  const std::vector<Feeds> feeds = random_feeds({1, 3, 6, 6}, 8);
  const auto outcome = testing::run_pass(equalize_pass(), model, keys, feeds);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_GT(testing::output_sqnr(model, outcome->model, feeds), 100);
  EXPECT_GT(outcome->report.find("scaled")->as_number(), 0);
}

INSTANTIATE_TEST_SUITE_P(Operators, EqualizeKeeps,
                         ::testing::Combine(::testing::Values("Relu", "LeakyRelu", "Identity", "Clip"),
                                            ::testing::Values("", R"("alpha":1)")));
INSTANTIATE_TEST_SUITE_P(Weights, EqualizeKeeps,
                         ::testing::Combine(::testing::Values("Relu"), ::testing::Values(R"("by":"weights")")));

TEST(Equalize, LeavesSquaresAlone) {
  const Model model = branching("Mul");
  const std::vector<Feeds> feeds = random_feeds({1, 3, 6, 6}, 8);
  const auto outcome = testing::run_pass(equalize_pass(), model, "", feeds);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->report.find("scaled")->as_number(), 0);
  EXPECT_GT(testing::output_sqnr(model, outcome->model, feeds), 100);
}

TEST(Equalize, GivesChannelsOneMagnitude) {
  const Model model = branching("Relu");
  const std::vector<Feeds> feeds = random_feeds({1, 3, 6, 6}, 8);
  const auto outcome = testing::run_pass(equalize_pass(), model, R"("alpha":1)", feeds);
  ASSERT_TRUE(outcome.ok());
  EXPECT_GT(outcome->report.find("scale_high")->as_number(), 8);
}

Tensor times(const Tensor& tensor, const std::vector<float>& factors, size_t inner) {
  std::vector<float> values(tensor.data<float>().begin(), tensor.data<float>().end());
  for (size_t i = 0; i < values.size(); ++i) values[i] *= factors[i / inner % factors.size()];
  return Tensor::of<float>(tensor.dims(), values);
}

// A network whose hidden channels were rescaled, as the papers do it: the same function, and a bad one per tensor.
TEST(Equalize, HelpsScalesPerTensor) {
  const std::vector<float> up = {1, 30, 0.1f, 5, 100, 0.5f, 2, 12};
  std::vector<float> down;
  for (float f : up) down.push_back(1 / f);
  Build b(13);
  b.input("x", {1, 3, 6, 6})
      .constant("w1", times(random_tensor({8, 3, 3, 3}, 1), up, 27))
      .constant("b1", times(random_tensor({8}, 2), up, 1))
      .constant("w2", times(random_tensor({4, 8, 3, 3}, 3), down, 9))
      .node("Conv", {"x", "w1", "b1"}, {"c1"})
      .node("Relu", {"c1"}, {"r1"})
      .node("Conv", {"r1", "w2"}, {"y"})
      .output("y");
  const Model model = b.done();
  const std::vector<Feeds> feeds = random_feeds({1, 3, 6, 6}, 8);
  const auto scaled = testing::run_pass(equalize_pass(), model, R"("by":"weights")", feeds);
  ASSERT_TRUE(scaled.ok());
  const auto plain = testing::run_pass(quantize_static_pass(), model, R"("per_channel":false)", feeds);
  const auto better = testing::run_pass(quantize_static_pass(), scaled->model, R"("per_channel":false)", feeds);
  ASSERT_TRUE(plain.ok() && better.ok());
  EXPECT_LT(testing::output_sqnr(model, plain->model, feeds), 20);
  EXPECT_GT(testing::output_sqnr(model, better->model, feeds), 35);
}

// Scales of one layer change what the next one's rows hold: a chain of rescaled layers is balanced as a whole.
TEST(Equalize, BalancesAChain) {
  const auto spread = [](const Model& model) {
    double most = 0;
    for (const char* made : {"a", "c", "d"}) {
      const Tensor& w =
          model.graph.value(testing::producer_of(model.graph, model.graph.find_value(made))->inputs[1]).constant;
      std::vector<float> rows(8);
      for (size_t i = 0; i < 64; ++i) rows[i % 8] = std::max(rows[i % 8], std::fabs(w.data<float>()[i]));
      const auto [low, high] = std::minmax_element(rows.begin(), rows.end());
      most = std::max(most, static_cast<double>(*high / *low));
    }
    return most;
  };
  Rng rng(5);
  std::vector<std::vector<float>> scales(3, std::vector<float>(8));
  for (auto& list : scales) {
    for (float& s : list) s = std::exp2(rng.uniform(-5, 5));
  }
  Build b(13);
  b.input("x", {1, 8});
  std::string from = "x";
  const std::vector<std::string> names = {"a", "c", "d", "y"};
  for (size_t l = 0; l < names.size(); ++l) {
    std::vector<float> w(64);
    for (size_t i = 0; i < 64; ++i) {
      const float out = l < 3 ? scales[l][i % 8] : 1, in = l > 0 ? scales[l - 1][i / 8] : 1;
      w[i] = rng.uniform(-1, 1) * out / in;
    }
    b.constant("w" + names[l], Tensor::of<float>({8, 8}, w)).node("MatMul", {from, "w" + names[l]}, {names[l]});
    from = "r" + names[l];
    if (l < 3) b.node("Relu", {names[l]}, {from});
  }
  const Model model = b.output("y").done();
  const auto outcome = testing::run_pass(equalize_pass(), model, R"("by":"weights")");
  ASSERT_TRUE(outcome.ok());
  EXPECT_GT(spread(model), 50);
  EXPECT_LT(spread(outcome->model), 4);
  EXPECT_GT(testing::output_sqnr(model, outcome->model, random_feeds({1, 8}, 4)), 100);
}

TEST(Equalize, SaysThatNothingCouldBeScaled) {
  Build b(13);
  b.input("x", {1, 4}).constant("w", random_tensor({4, 4}, 1)).node("MatMul", {"x", "w"}, {"y"}).output("y");
  const auto outcome = testing::run_pass(equalize_pass(), b.done(), "", random_feeds({1, 4}, 2));
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(testing::first_warning(*outcome), "No channel was scaled");
}

// What a Sigmoid reads, and what the model gives away, may not be scaled; both sides of a residual sum go together.
TEST(ChannelMap, FixesWhatOthersSee) {
  Build b(13);
  b.input("x", {1, 3, 4, 4})
      .constant("w1", random_tensor({4, 3, 1, 1}, 1))
      .constant("w2", random_tensor({4, 4, 1, 1}, 2))
      .constant("w3", random_tensor({4, 4, 1, 1}, 3))
      .node("Conv", {"x", "w1"}, {"a"})
      .node("Conv", {"a", "w2"}, {"c"})
      .node("Add", {"a", "c"}, {"sum"})
      .node("Sigmoid", {"c"}, {"s"})
      .node("Conv", {"s", "w3"}, {"y"})
      .node("Conv", {"sum", "w3"}, {"z"})
      .output("y")
      .output("z");
  const Model model = b.done();
  const ChannelMap map(model.graph);
  EXPECT_EQ(map.channel_class(model.graph.find_value("c"), 0), -1);
  EXPECT_EQ(map.channel_class(model.graph.find_value("a"), 0), -1);
  EXPECT_EQ(map.channel_class(model.graph.find_value("sum"), 3), -1);
  EXPECT_EQ(map.classes(), 0);
}

}  // namespace
}  // namespace halftone
