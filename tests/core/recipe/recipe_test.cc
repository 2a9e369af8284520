#include "core/recipe/recipe.h"

#include <gtest/gtest.h>

#include "core/graph/edit.h"
#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::Build;
using testing::filled;

class ListSource final : public CalibrationSource {
 public:
  explicit ListSource(std::vector<Feeds> feeds) : feeds_(std::move(feeds)) {}
  Status rewind() override {
    at_ = 0;
    ++rewinds;
    return ok_status();
  }
  Result<std::optional<Feeds>> next() override {
    if (at_ == feeds_.size()) return std::optional<Feeds>();
    return std::optional<Feeds>(feeds_[at_++]);
  }
  int rewinds = 0;

 private:
  std::vector<Feeds> feeds_;
  size_t at_ = 0;
};

Model small_model() {
  return Build().input("x", {1, 4}).weights("w", {4, 3}).node("MatMul", {"x", "w"}, {"y"}).output("y").done();
}
Feeds feed() { return {{"x", filled({1, 4}, {1.0f, -0.5f, 0.25f, 2.0f})}}; }
Recipe quantize() { return *parse_recipe(R"([{"pass":"quantize_static"}])"); }

TEST(ParseRecipe, RefusesByPlaceAndName) {
  const struct {
    const char* text;
    const char* where;
  } cases[] = {
      {"{", "offset 1"},
      {"{}", ""},
      {"[1]", "[0]"},
      {"[{}]", "[0].pass"},
      {R"([{"pass":1}])", "[0].pass"},
      {R"([{"pass":"quantise_static"}])", "[0].pass"},
      {R"([{"pass":"quantize_static"},{"pass":"quantize_static","bits":8}])", "[1].quantize_static.bits"},
      {R"([{"pass":"quantize_static","activation_observer":"maxmin"}])", "[0].quantize_static.activation_observer"},
      {R"([{"pass":"quantize_static","per_channel":1}])", "[0].quantize_static.per_channel"},
  };
  for (const auto& c : cases) {
    const auto recipe = parse_recipe(c.text);
    ASSERT_FALSE(recipe.ok()) << c.text;
    EXPECT_EQ(recipe.error().code, ErrorCode::kInvalidRecipe) << c.text;
    EXPECT_EQ(recipe.error().where, c.where) << c.text;
    EXPECT_FALSE(recipe.error().hint.empty()) << c.text;
  }
  EXPECT_NE(parse_recipe(R"([{"pass":"quantise_static"}])").error().hint.find("quantize_static"), std::string::npos);
}

TEST(ParseRecipe, FillsInDefaultsAndReadsThemBack) {
  const auto recipe = parse_recipe(R"([{"activation_type":"int8","pass":"quantize_static"}])");
  ASSERT_TRUE(recipe.ok());
  const Json json = recipe_json(*recipe);
  EXPECT_EQ(json.as_array()[0].find("pass")->as_string(), "quantize_static");
  EXPECT_EQ(json.as_array()[0].find("activation_type")->as_string(), "int8");
  EXPECT_EQ(json.as_array()[0].find("per_channel")->as_bool(), true);
  const auto again = parse_recipe(json);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(recipe_json(*again).dump(), json.dump());
}

TEST(ParseRecipe, RefusesEndlessRecipes) {
  Json list = Json::array();
  for (int i = 0; i < 1001; ++i) list.push(Json(Json::Object{{"pass", "quantize_static"}}));
  EXPECT_FALSE(parse_recipe(list).ok());
}

TEST(RecipeRun, EmptyRecipeGivesTheModelBack) {
  auto run = RecipeRun::start(small_model(), {});
  ASSERT_TRUE(run.ok());
  EXPECT_FALSE(run->wants_data());
  const auto outcome = run->finish();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->model.graph.nodes.size(), 1u);
  EXPECT_TRUE(outcome->steps.empty());
}

TEST(RecipeRun, TakesDataAsItComes) {
  auto run = RecipeRun::start(small_model(), quantize());
  ASSERT_TRUE(run.ok()) << run.error().message;
  ASSERT_TRUE(run->wants_data());
  EXPECT_FALSE(run->finish().ok());  // not yet
  ASSERT_TRUE(run->observe(feed()).ok());
  ASSERT_TRUE(run->observe(feed()).ok());
  ASSERT_TRUE(run->end_sweep().ok());
  EXPECT_FALSE(run->wants_data());
  EXPECT_EQ(run->observe(feed()).error().code, ErrorCode::kInvalidArgument);
  const auto outcome = run->finish();
  ASSERT_TRUE(outcome.ok());
  ASSERT_EQ(outcome->steps.size(), 1u);
  const Json& step = outcome->report.find("steps")->as_array()[0];
  EXPECT_EQ(step.find("pass")->as_string(), "quantize_static");
  EXPECT_GT(step.find("bytes_before")->as_number(), 0);
  EXPECT_GT(step.find("bytes_after")->as_number(), 0);
  EXPECT_TRUE(step.find("warnings")->is_array());
  EXPECT_EQ(step.find("counts")->find("calibration_inputs")->as_number(), 2);
  EXPECT_FALSE(run->finish().ok());  // taken already
}

TEST(RecipeRun, NoFeedsIsAnErrorThatStays) {
  auto run = RecipeRun::start(small_model(), quantize());
  ASSERT_TRUE(run.ok());
  const Status ended = run->end_sweep();
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, ErrorCode::kInvalidInput);
  EXPECT_FALSE(ended.error().hint.empty());
  EXPECT_FALSE(run->wants_data());
  EXPECT_EQ(run->finish().error().code, ErrorCode::kInvalidInput);
}

TEST(RunRecipe, WithoutASourceIsTheSameError) {
  EXPECT_EQ(run_recipe(small_model(), quantize(), nullptr).error().code, ErrorCode::kInvalidInput);
}

TEST(RunRecipe, CancelsWhereverProgressSaysSo) {
  int calls = 0;
  const auto count = [&](std::string_view, int64_t, int64_t) { return ++calls, true; };
  ListSource source({feed(), feed()});
  ASSERT_TRUE(run_recipe(small_model(), quantize(), &source, count).ok());
  ASSERT_GE(calls, 4);  // the step, two feeds, the nodes
  for (int stop = 1; stop <= calls; ++stop) {
    int left = stop;
    ListSource again({feed(), feed()});
    const auto outcome =
        run_recipe(small_model(), quantize(), &again, [&](std::string_view, int64_t, int64_t) { return --left > 0; });
    ASSERT_FALSE(outcome.ok()) << stop;
    EXPECT_EQ(outcome.error().code, ErrorCode::kCancelled) << stop;
  }
}

TEST(RunRecipe, EveryStepGetsItsOwnSweep) {
  const Model model = Build()
                          .input("x", {1, 4})
                          .weights("w", {4, 3})
                          .weights("v", {3, 2})
                          .node("MatMul", {"x", "w"}, {"y"})
                          .node("Sin", {"y"}, {"s"})
                          .node("MatMul", {"s", "v"}, {"z"})
                          .output("z")
                          .done();
  const auto recipe = parse_recipe(R"([{"pass":"quantize_static","nodes":["node_y"]},
                                       {"pass":"quantize_static","exclude_nodes":["node_y"]}])");
  ASSERT_TRUE(recipe.ok());
  ListSource source({feed()});
  const auto outcome = run_recipe(model, *recipe, &source);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(source.rewinds, 2);
  ASSERT_EQ(outcome->steps.size(), 2u);
  EXPECT_EQ(testing::count_op(model.graph, "DequantizeLinear"), 0);
  EXPECT_LT(testing::count_op(outcome->steps[0].graph, "DequantizeLinear"),
            testing::count_op(outcome->steps[1].graph, "DequantizeLinear"));
}

TEST(RunRecipe, NamesWhatTheModelLacks) {
  ListSource source({feed()});
  const auto recipe = parse_recipe(R"([{"pass":"quantize_static"},{"pass":"quantize_static","nodes":["nose_y"]}])");
  const auto outcome = run_recipe(small_model(), *recipe, &source);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().where, "[1].quantize_static.nodes");
}

TEST(RunRecipe, NothingToQuantizeSaysWhy) {
  const Model model = small_model();
  ListSource source({feed()});
  const auto recipe = parse_recipe(R"([{"pass":"quantize_static","exclude_nodes":["node_y"]}])");
  const auto refused = run_recipe(model, *recipe, &source);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().hint.find("excludes"), std::string::npos);
}

// A recipe run step by step, as a page does that keeps every step's model, gives what it gives at once.
TEST(RecipeRun, MayBeRunInParts) {
  testing::Build b(13);
  b.input("x", {1, 4}).weights("w", {4, 4}).weights("c", {4}).node("Gemm", {"x", "w", "c"}, {"y"}).output("y");
  const Model model = b.done();
  const Feeds feeds = {{"x", Tensor::of<float>({1, 4}, {1, -2, 3, 0.5f})}};
  const auto run = [&](const Model& from, const char* text, RecipeMemory memory) {
    auto recipe = RecipeRun::start(from, *parse_recipe(text), {}, std::move(memory));
    EXPECT_TRUE(recipe.ok()) << recipe.error().message;
    while (recipe->wants_data()) {
      EXPECT_TRUE(recipe->observe(feeds).ok());
      EXPECT_TRUE(recipe->end_sweep().ok());
    }
    auto outcome = recipe->finish();
    EXPECT_TRUE(outcome.ok());
    return *std::move(outcome);
  };
  const RecipeOutcome whole = run(model, R"([{"pass":"quantize_static"},{"pass":"correct_bias"}])", {});
  const RecipeOutcome first = run(model, R"([{"pass":"quantize_static"}])", {});
  const RecipeOutcome second = run(first.model, R"([{"pass":"correct_bias"}])", first.memory);
  EXPECT_EQ(print(whole.model.graph), print(second.model.graph));
  for (size_t i = 0; i < whole.model.graph.values.size(); ++i) {
    const Tensor& constant = whole.model.graph.values[i].constant;
    EXPECT_TRUE(!constant.defined() || constant.identical(second.model.graph.values[i].constant));
  }
}

}  // namespace
}  // namespace halftone
