// Weights rounded anew and biases corrected: closer to the float model than plain rounding, never another graph.
#include "core/passes/reconstruct/reconstruct.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/rng.h"
#include "core/passes/quantize/quantize_static.h"
#include "core/recipe/recipe.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone {
namespace {

using testing::Build;
using testing::random_tensor;

// Two convolutions, one of them depthwise with a bias, and a fully connected layer. Inputs are not centred: rounding
// has a mean error.
Model network() {
  Build b(13);
  b.input("x", {1, 3, 8, 8})
      .constant("w1", random_tensor({8, 3, 3, 3}, 1))
      .constant("b1", random_tensor({8}, 2))
      .constant("w2", random_tensor({8, 1, 3, 3}, 3))
      .constant("b2", random_tensor({8}, 4))
      .constant("w3", random_tensor({8, 5}, 5))
      .constant("b3", random_tensor({5}, 6))
      .node("Conv", {"x", "w1", "b1"}, {"c1"})
      .node("Relu", {"c1"}, {"r1"})
      .node("Conv", {"r1", "w2", "b2"}, {"c2"}, {{"group", Attribute(int64_t{8})}})
      .node("GlobalAveragePool", {"c2"}, {"pool"})
      .node("Flatten", {"pool"}, {"flat"})
      .node("Gemm", {"flat", "w3", "b3"}, {"y"})
      .output("y");
  return b.done();
}

std::vector<Feeds> some_feeds(uint64_t seed, int count) {
  std::vector<Feeds> feeds;
  for (int i = 0; i < count; ++i) {
    feeds.push_back({{"x", random_tensor({1, 3, 8, 8}, seed + static_cast<uint64_t>(i), 0, 2)}});
  }
  return feeds;
}

struct Quantized {
  Model reference, model;
};

Quantized quantize(const std::string& keys) {
  Model model = network();
  auto outcome = testing::run_pass(quantize_static_pass(), model, keys, some_feeds(1000, 16));
  EXPECT_TRUE(outcome.ok()) << keys << (outcome.ok() ? "" : outcome.error().message);
  return {std::move(model), std::move(outcome->model)};
}

class Reconstruct : public ::testing::TestWithParam<int> {};

TEST_P(Reconstruct, ComesCloserToTheFloatModel) {
  // Fine activations: the weights' errors are what is looked at.
  const Quantized q = quantize("\"activation_bits\":16,\"weight_bits\":" + std::to_string(GetParam()));
  // The inputs that gave the ranges, so that none is clipped.
  const std::vector<Feeds> calibration = some_feeds(1000, 32), others = some_feeds(1000, 16);
  const auto bias = testing::run_pass(correct_bias_pass(), q.model, "", calibration, {&q.reference});
  const auto rounded = testing::run_pass(round_weights_pass(), q.model, "", calibration, {&q.reference});
  ASSERT_TRUE(bias.ok() && rounded.ok());
  const double plain = testing::output_sqnr(q.reference, q.model, others);
  const double corrected = testing::output_sqnr(q.reference, bias->model, others);
  const double best = testing::output_sqnr(q.reference, rounded->model, others);
  EXPECT_GT(corrected, plain + 3);
  EXPECT_GT(best, plain + 3);
  EXPECT_EQ(bias->model.graph.nodes.size(), q.model.graph.nodes.size());
  EXPECT_EQ(rounded->model.graph.nodes.size(), q.model.graph.nodes.size());
  EXPECT_EQ(rounded->report.find("layers")->as_number(), 3);
  EXPECT_EQ(rounded->report.find("biases")->as_number(), 3);
  EXPECT_GT(rounded->report.find("codes_changed")->as_number(), 0);
}

INSTANTIATE_TEST_SUITE_P(Bits, Reconstruct, ::testing::Values(4, 5, 8));

TEST(RoundWeights, LearnsWhichWay) {
  const Quantized q = quantize(R"("activation_bits":16,"weight_bits":4)");
  const std::vector<Feeds> feeds = some_feeds(1000, 16);
  const auto bias = testing::run_pass(correct_bias_pass(), q.model, "", feeds, {&q.reference});
  const auto learned =
      testing::run_pass(round_weights_pass(), q.model, R"("method":"adaround")", feeds, {&q.reference});
  ASSERT_TRUE(bias.ok() && learned.ok());
  EXPECT_GT(learned->report.find("codes_changed")->as_number(), 0);
  EXPECT_GT(testing::output_sqnr(q.reference, learned->model, feeds),
            testing::output_sqnr(q.reference, q.model, feeds) + 3);
}

// All codes of weights in the model.
std::vector<std::vector<int64_t>> weight_codes(const Model& model, DType type) {
  std::vector<std::vector<int64_t>> codes;
  for (const Value& value : model.graph.values) {
    if (value.constant.defined() && value.constant.dtype() == type && value.constant.rank() > 1) {
      codes.push_back(*to_ints(value.constant));
    }
  }
  return codes;
}

// Codes are not learnt onto places that the grid does not have, though the type that stores them may.
TEST(RoundWeights, StaysOnTheGrid) {
  struct Case {
    const char* keys;
    DType type;
    int64_t lowest, highest;
  };
  const Case cases[] = {
      {R"("weight_bits":5)", DType::kInt8, -15, 15},
      {R"("weight_bits":5,"weight_full_range":true)", DType::kInt8, -16, 15},
      {R"("weight_bits":5,"per_channel":false)", DType::kInt8, -15, 15},
      {R"("weight_bits":8,"weight_type":"uint8")", DType::kUint8, 1, 255},
      {R"("weight_bits":5,"weight_type":"uint8","weight_symmetric":false)", DType::kUint8, 0, 31},
  };
  for (const Case& c : cases) {
    for (const char* method : {R"("method":"gptq")", R"("method":"adaround")"}) {
      const Quantized q = quantize(c.keys);
      const auto rounded = testing::run_pass(round_weights_pass(), q.model, method, some_feeds(1000, 16), {&q.reference});
      ASSERT_TRUE(rounded.ok());
      const auto codes = weight_codes(rounded->model, c.type);
      ASSERT_EQ(codes.size(), 3u) << c.keys;
      for (const std::vector<int64_t>& layer : codes) {
        EXPECT_GE(*std::min_element(layer.begin(), layer.end()), c.lowest) << c.keys;
        EXPECT_LE(*std::max_element(layer.begin(), layer.end()), c.highest) << c.keys;
      }
    }
  }
}

TEST(RoundWeights, TakesUnsignedSixteenBits) {
  const Quantized q = quantize(R"("activation_bits":16,"weight_bits":16,"weight_type":"uint8")");
  ASSERT_EQ(weight_codes(q.model, DType::kUint16).size(), 3u);
  const std::vector<Feeds> feeds = some_feeds(1000, 16);
  for (const PassDef* pass : {&round_weights_pass(), &correct_bias_pass()}) {
    const auto outcome = testing::run_pass(*pass, q.model, "", feeds, {&q.reference});
    ASSERT_TRUE(outcome.ok());
    EXPECT_GT(testing::output_sqnr(q.reference, outcome->model, feeds), 60);
  }
}

// Weights of zeros alone leave nothing to choose.
TEST(RoundWeights, LeavesZerosAlone) {
  Build b(13);
  b.input("x", {4, 16}).constant("w", random_tensor({16, 8}, 1, 0, 0)).node("MatMul", {"x", "w"}, {"y"}).output("y");
  const Model model = b.done();
  const std::vector<Feeds> feeds = {{{"x", random_tensor({4, 16}, 100, 1, 2)}}};
  const auto quantized = testing::run_pass(quantize_static_pass(), model, "", feeds);
  ASSERT_TRUE(quantized.ok());
  for (const char* method : {R"("method":"gptq")", R"("method":"adaround")"}) {
    const auto rounded = testing::run_pass(round_weights_pass(), quantized->model, method, feeds, {&model});
    ASSERT_TRUE(rounded.ok());
    EXPECT_EQ(rounded->report.find("codes_changed")->as_number(), 0);
  }
}

TEST(RoundWeights, SaysThatBlocksAreNotForIt) {
  Build b(21);
  b.input("x", {4, 16}).constant("w", random_tensor({16, 8}, 1)).node("MatMul", {"x", "w"}, {"y"}).output("y");
  const Model model = b.done();
  const std::vector<Feeds> feeds = {{{"x", random_tensor({4, 16}, 100, 1, 2)}}};
  const auto quantized =
      testing::run_pass(quantize_static_pass(), model, R"("weight_bits":4,"block_size":8)", feeds);
  ASSERT_TRUE(quantized.ok());
  const auto rounded = testing::run_pass(round_weights_pass(), quantized->model, "", feeds, {&model});
  ASSERT_FALSE(rounded.ok());
  EXPECT_NE(rounded.error().hint.find("block_size"), std::string::npos);
}

// A product without a bias has no other way to get rid of its mean error than its weights.
TEST(RoundWeights, MakesUpForTheMeanWithoutABias) {
  Build b(13);
  b.input("x", {4, 16}).constant("w", random_tensor({16, 8}, 1)).node("MatMul", {"x", "w"}, {"y"}).output("y");
  const Model model = b.done();
  std::vector<Feeds> feeds;
  for (uint64_t i = 0; i < 16; ++i) feeds.push_back({{"x", random_tensor({4, 16}, 100 + i, 1, 2)}});
  const auto quantized =
      testing::run_pass(quantize_static_pass(), model, R"("activation_bits":16,"weight_bits":4)", feeds);
  ASSERT_TRUE(quantized.ok());
  const auto rounded = testing::run_pass(round_weights_pass(), quantized->model, "", feeds, {&model});
  ASSERT_TRUE(rounded.ok());
  EXPECT_GT(testing::output_sqnr(model, rounded->model, feeds),
            testing::output_sqnr(model, quantized->model, feeds) + 6);
}

TEST(CorrectBias, LeavesWeightsAlone) {
  const Quantized q = quantize("");
  const auto outcome = testing::run_pass(correct_bias_pass(), q.model, "", some_feeds(1000, 4), {&q.reference});
  ASSERT_TRUE(outcome.ok());
  for (size_t id = 0; id < q.model.graph.values.size(); ++id) {
    const Tensor& before = q.model.graph.values[id].constant;
    if (before.dtype() != DType::kInt8) continue;
    EXPECT_TRUE(before.identical(outcome->model.graph.values[id].constant));
  }
}

TEST(CorrectBias, LooksAtSoManyInputs) {
  const Quantized q = quantize("");
  std::vector<Feeds> two = some_feeds(1000, 2), more = some_feeds(1000, 2);
  more.push_back({{"x", random_tensor({1, 3, 8, 8}, 7, -9, 9)}});
  const auto a = testing::run_pass(correct_bias_pass(), q.model, "\"inputs\":2", two, {&q.reference});
  const auto b = testing::run_pass(correct_bias_pass(), q.model, "\"inputs\":2", more, {&q.reference});
  ASSERT_TRUE(a.ok() && b.ok());
  const std::vector<Feeds> feeds = some_feeds(5000, 1);
  EXPECT_TRUE(testing::run_model(a->model, feeds[0]).identical(testing::run_model(b->model, feeds[0])));
}

// x of deviation 1 -> Conv, BatchNormalization, Relu -> Conv, and a second layer whose weights are rounded coarsely.
Model normalized() {
  Build b(13);
  b.input("x", {1, 4, 8, 8})
      .constant("w1", Tensor::of<float>({4, 4, 1, 1}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}))
      .constant("gamma", random_tensor({4}, 1, 0.5f, 2))
      .constant("beta", random_tensor({4}, 2, -1, 2))
      .constant("mean", Tensor::of<float>({4}, {0, 0, 0, 0}))
      .constant("variance", Tensor::of<float>({4}, {1, 1, 1, 1}))
      .constant("w2", random_tensor({6, 4, 3, 3}, 3))
      .constant("b2", random_tensor({6}, 4))
      .node("Conv", {"x", "w1"}, {"c1"})
      .node("BatchNormalization", {"c1", "gamma", "beta", "mean", "variance"}, {"n1"})
      .node("Relu", {"n1"}, {"r1"})
      .node("Conv", {"r1", "w2", "b2"}, {"y"}, {{"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}})
      .output("y");
  return b.done();
}

std::vector<Feeds> normal_feeds(int count) {
  Rng rng(5);
  std::vector<Feeds> feeds;
  for (int i = 0; i < count; ++i) {
    std::vector<float> values(4 * 64, 0.0f);
    for (float& v : values) {
      for (int k = 0; k < 12; ++k) v += rng.uniform(-0.5f, 0.5f);  // deviation 1
    }
    feeds.push_back({{"x", Tensor::of<float>({1, 4, 8, 8}, values)}});
  }
  return feeds;
}

const Tensor& bias_codes(const Model& model, std::string_view node) {
  const Node& conv = *testing::node_of(model.graph, node);
  return model.graph.value(testing::producer_of(model.graph, conv.inputs[2])->inputs[0]).constant;
}

// What batch normalizations tell is what data of that kind shows, borders included.
TEST(CorrectBias, FromBatchNormalizationsIsAsGoodAsFromData) {
  const Model model = normalized();
  const std::vector<Feeds> feeds = normal_feeds(64);
  const auto quantized =
      testing::run_pass(quantize_static_pass(), model, R"("activation_bits":16,"weight_bits":3)", feeds);
  ASSERT_TRUE(quantized.ok());
  const auto seen = testing::run_pass(correct_bias_pass(), quantized->model, R"("inputs":64)", feeds, {&model});
  // No feeds.
  const auto told = testing::run_pass(correct_bias_pass(), quantized->model, R"("from":"batch_norm")", {}, {&model});
  ASSERT_TRUE(seen.ok() && told.ok());
  EXPECT_EQ(told->report.find("layers")->as_number(), 1);  // nothing is known of the first layer's input
  const double plain = testing::output_sqnr(model, quantized->model, feeds);
  EXPECT_GT(testing::output_sqnr(model, seen->model, feeds), plain + 2);
  EXPECT_NEAR(testing::output_sqnr(model, told->model, feeds), testing::output_sqnr(model, seen->model, feeds), 0.3);
  EXPECT_TRUE(bias_codes(told->model, "node_c1").identical(bias_codes(quantized->model, "node_c1")));
  EXPECT_FALSE(bias_codes(told->model, "node_y").identical(bias_codes(quantized->model, "node_y")));
}

TEST(CorrectBias, SaysThatNothingIsKnown) {
  const Quantized q = quantize("");
  const auto outcome = testing::run_pass(correct_bias_pass(), q.model, R"("from":"batch_norm")", {}, {&q.reference});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(testing::first_warning(*outcome), "No layer's mean input is known");
  const std::vector<Feeds> feeds = some_feeds(1000, 1);
  EXPECT_TRUE(testing::run_model(q.model, feeds[0]).identical(testing::run_model(outcome->model, feeds[0])));
}

TEST(CorrectBias, NeedsTheFloatModel) {
  const Quantized q = quantize("");
  const auto outcome = testing::run_pass(correct_bias_pass(), q.model, "", some_feeds(1000, 1));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().where, "correct_bias");
}

TEST(CorrectBias, NeedsAQuantizedModel) {
  const Model model = network();
  const auto outcome = testing::run_pass(correct_bias_pass(), model, "", some_feeds(1000, 1), {&model});
  ASSERT_FALSE(outcome.ok());
  EXPECT_NE(outcome.error().hint.find("quantize_static"), std::string::npos);
}

}  // namespace
}  // namespace halftone
