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

Tensor random_tensor(const Dims& dims, uint64_t seed, float scale = 1) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(*element_count(dims)));
  for (float& v : values) v = rng.uniform(-scale, scale);
  return Tensor::of<float>(dims, values);
}

// Weights [filters, channels, k, k] whose filter f is 4^(f % 4) times as large as the first ones.
Tensor wild_filters(const Dims& dims, uint64_t seed) {
  Tensor tensor = random_tensor(dims, seed);
  std::vector<float> values(tensor.data<float>().begin(), tensor.data<float>().end());
  const size_t per_filter = values.size() / static_cast<size_t>(dims[0]);
  for (size_t i = 0; i < values.size(); ++i) values[i] *= std::pow(4.0f, static_cast<float>(i / per_filter % 4));
  return Tensor::of<float>(dims, values);
}

std::vector<Feeds> some_feeds(const Dims& dims, int count) {
  std::vector<Feeds> feeds;
  for (int i = 0; i < count; ++i) feeds.push_back({{"x", random_tensor(dims, 100 + static_cast<uint64_t>(i))}});
  return feeds;
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
  const std::vector<Feeds> feeds = some_feeds({1, 3, 6, 6}, 8);
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
  const std::vector<Feeds> feeds = some_feeds({1, 3, 6, 6}, 8);
  const auto outcome = testing::run_pass(equalize_pass(), model, "", feeds);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->report.find("scaled")->as_number(), 0);
  EXPECT_GT(testing::output_sqnr(model, outcome->model, feeds), 100);
}

TEST(Equalize, GivesChannelsOneMagnitude) {
  const Model model = branching("Relu");
  const std::vector<Feeds> feeds = some_feeds({1, 3, 6, 6}, 8);
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
  const std::vector<Feeds> feeds = some_feeds({1, 3, 6, 6}, 8);
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
  EXPECT_GT(testing::output_sqnr(model, outcome->model, some_feeds({1, 8}, 4)), 100);
}

TEST(Equalize, SaysThatNothingCouldBeScaled) {
  Build b(13);
  b.input("x", {1, 4}).constant("w", random_tensor({4, 4}, 1)).node("MatMul", {"x", "w"}, {"y"}).output("y");
  const auto outcome = testing::run_pass(equalize_pass(), b.done(), "", some_feeds({1, 4}, 2));
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(testing::first_warning(*outcome), "No channel was scaled");
}

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
  const std::vector<Feeds> feeds = some_feeds({1, 4, 6, 6}, 8);
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
  const std::vector<Feeds> feeds = some_feeds({1, 4, 6, 6}, 8);
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
  const std::vector<Feeds> feeds = some_feeds({1, 4}, 60);
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
