// Ranges learnt from blocks: closer to the float model than what observers find, given ones left alone, always the
// same.
#include "core/passes/reconstruct/learn_ranges.h"

#include <gtest/gtest.h>

#include "core/passes/quantize/quantize_static.h"
#include "core/passes/reconstruct/blocks.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone {
namespace {

using testing::Build;
using testing::random_tensor;

// Conv, Relu, Conv + what went in, Relu, Conv, pooled.
Model residual() {
  Build b(13);
  b.input("x", {1, 3, 8, 8})
      .constant("w1", random_tensor({8, 3, 1, 1}, 1))
      .constant("w2", random_tensor({8, 8, 3, 3}, 2))
      .constant("w3", random_tensor({8, 8, 3, 3}, 3))
      .constant("w4", random_tensor({4, 8, 1, 1}, 4));
  const Attributes same = {{"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}};
  b.node("Conv", {"x", "w1"}, {"c1"})
      .node("Relu", {"c1"}, {"r1"})
      .node("Conv", {"r1", "w2"}, {"c2"}, same)
      .node("Relu", {"c2"}, {"r2"})
      .node("Conv", {"r2", "w3"}, {"c3"}, same)
      .node("Add", {"c3", "r1"}, {"sum"})
      .node("Relu", {"sum"}, {"r3"})
      .node("Conv", {"r3", "w4"}, {"c4"})
      .node("GlobalAveragePool", {"c4"}, {"y"})
      .output("y");
  return b.done();
}

std::vector<Feeds> some_feeds(int count) {
  std::vector<Feeds> feeds;
  for (int i = 0; i < count; ++i) {
    feeds.push_back({{"x", random_tensor({1, 3, 8, 8}, 100 + static_cast<uint64_t>(i), 0, 2)}});
  }
  return feeds;
}

Params quantizing(const std::string& keys) {
  const PassDef& pass = quantize_static_pass();
  return *Params::parse(pass.name, pass.params, *Json::parse("{" + keys + "}"));
}

Model quantize(const Model& model, const Params& params, const std::vector<Feeds>& feeds) {
  auto run = quantize_static_pass().begin(model, params, {});
  HT_CHECK(run.ok());
  for (const Feeds& one : feeds) HT_CHECK((*run)->observe(0, one).ok());
  auto outcome = (*run)->finish({});
  HT_CHECK(outcome.ok() && infer_shapes(outcome->model).ok());
  return std::move(outcome->model);
}

Result<PassOutcome> learn(const Model& model, const Params& params, const std::vector<Feeds>& feeds) {
  PassContext context;
  context.quantizing = &params;
  return testing::run_pass(learn_ranges_pass(), model, "", feeds, context);
}

std::vector<std::string> names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> list;
  for (ValueId id : ids) list.push_back(graph.value(id).name);
  return list;
}

TEST(Blocks, EndWhereOneValueGoesOn) {
  const Model model = residual();
  const QuantPlan plan = plan_quantization(model, *read_quantize_options(quantizing(""), model));
  const std::vector<Block> blocks = cut_into_blocks(model.graph, plan, 1);
  ASSERT_EQ(blocks.size(), 3u);
  // Behind r1 a branch begins: r1 itself is all that goes on.
  EXPECT_EQ(names(model.graph, blocks[0].inputs), std::vector<std::string>{"x"});
  EXPECT_EQ(names(model.graph, blocks[0].outputs), std::vector<std::string>{"r1"});
  EXPECT_EQ(names(model.graph, blocks[1].inputs), std::vector<std::string>{"r1"});
  EXPECT_EQ(names(model.graph, blocks[1].outputs), std::vector<std::string>{"r3"});  // not sum: Relu belongs to it
  EXPECT_EQ(blocks[1].layers, 2);
  EXPECT_EQ(names(model.graph, blocks[2].outputs), std::vector<std::string>{"y"});
}

TEST(Blocks, TogetherAreTheModel) {
  const Model model = residual();
  const QuantPlan plan = plan_quantization(model, *read_quantize_options(quantizing(""), model));
  Feeds values = some_feeds(1)[0];
  for (const Block& block : cut_into_blocks(model.graph, plan, 1)) {
    Model part = block_model(model, block);
    compact(part.graph);
    ASSERT_TRUE(verify(part.graph, ErrorCode::kInternal).ok());
    const Tensor made = testing::run_model(part, values);
    values = {{part.graph.value(part.graph.outputs[0]).name, made}};
  }
  ASSERT_EQ(values.begin()->first, "y");
  const Tensor whole = testing::run_model(model, some_feeds(1)[0]);
  EXPECT_GT(distortion(whole.data<float>(), values.begin()->second.data<float>()).sqnr_db, 100);
}

class LearnRanges : public ::testing::TestWithParam<const char*> {};

TEST_P(LearnRanges, ComesCloserToTheFloatModel) {
  const Model model = residual();
  const std::vector<Feeds> feeds = some_feeds(32);
  const Params params = quantizing(GetParam());
  const auto outcome = learn(model, params, feeds);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  ASSERT_FALSE(outcome->overrides.empty());
  EXPECT_EQ(outcome->model.graph.nodes.size(), model.graph.nodes.size());  // the model stays float
  for (const Json& block : outcome->report.find("blocks")->as_array()) {
    EXPECT_GE(block.find("sqnr_after")->as_number(), block.find("sqnr_before")->as_number());
  }
  const Model plain = quantize(model, params, feeds);
  const Model learnt = quantize(model, params.extended("overrides", outcome->overrides), feeds);
  EXPECT_GT(testing::output_sqnr(model, learnt, feeds), testing::output_sqnr(model, plain, feeds) + 1);
}

INSTANTIATE_TEST_SUITE_P(Bits, LearnRanges,
                         ::testing::Values(R"("weight_bits":3)", R"("activation_bits":3)",
                                           R"("weight_bits":4,"activation_bits":4,"per_channel":false)"));

// A column that the weights do not look at takes most of the range: no output error tells to keep it.
TEST(LearnRanges, CutsOffWhatDoesNotMatter) {
  Build b(13);
  std::vector<float> w(16 * 4);
  for (size_t i = 0; i < w.size(); ++i) w[i] = i < 4 ? 0 : 0.1f * static_cast<float>(i % 13) - 0.6f;
  b.input("x", {32, 16}).constant("w", Tensor::of<float>({16, 4}, w)).node("MatMul", {"x", "w"}, {"y"}).output("y");
  const Model model = b.done();
  std::vector<Feeds> feeds;
  for (uint64_t i = 0; i < 16; ++i) {
    Tensor x = random_tensor({32, 16}, i, 0, 1);
    x.mutable_data<float>()[0] = 4;
    feeds.push_back({{"x", x}});
  }
  const Params params = quantizing(R"("activation_bits":6,"weight_bits":16)");
  const auto outcome = learn(model, params, feeds);
  ASSERT_TRUE(outcome.ok());
  float high = 4;
  for (const Json& one : outcome->overrides) {
    if (one.find("where")->as_string() == "x") {
      high = static_cast<float>(one.find("high")->as_number());
    }
  }
  EXPECT_LT(high, 1.3f);
  EXPECT_GT(high, 0.8f);
}

TEST(LearnRanges, LeavesGivenRangesAlone) {
  const Model model = residual();
  const Params params = quantizing(
      R"("weight_bits":3,"overrides":[{"where":"r1","low":0,"high":9},{"where":"node_c2","weight_range":0.7}])");
  const auto outcome = learn(model, params, some_feeds(8));
  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE(outcome->overrides.empty());
  for (const Json& one : outcome->overrides) {
    EXPECT_NE(one.find("where")->as_string(), "r1");
    EXPECT_NE(one.find("where")->as_string(), "node_c2");
  }
}

TEST(LearnRanges, FindsTheSameEveryTime) {
  const Model model = residual();
  const Params params = quantizing(R"("weight_bits":4)");
  const auto a = learn(model, params, some_feeds(8)), b = learn(model, params, some_feeds(8));
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->report.dump(), b->report.dump());
}

TEST(LearnRanges, CanBeCancelled) {
  const Model model = residual();
  const Params params = *Params::parse("learn_ranges", learn_ranges_pass().params, Json::object());
  const auto run = learn_ranges_pass().begin(model, params, {});
  ASSERT_TRUE(run.ok());
  for (const Feeds& one : some_feeds(4)) ASSERT_TRUE((*run)->observe(0, one).ok());
  ASSERT_TRUE((*run)->end_sweep(0).ok());
  const auto outcome = (*run)->finish([](std::string_view, int64_t done, int64_t) { return done < 2; });
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace halftone
