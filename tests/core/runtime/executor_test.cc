// The executor: values through views and reused buffers, plans for changing sizes, taps, profile, errors.
#include "core/runtime/executor.h"

#include <algorithm>

#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

// A net whose buffers are reused: a long chain with one value read late, and views in between.
Make chain() {
  return Make()
      .input("x", {Dim("n"), 4, 6})
      .node("Exp", {"x"}, {"early"})
      .node("Mul", {"early", "x"}, {"a"})
      .ints("flat", {0, -1})
      .node("Reshape", {"a", "flat"}, {"view"})
      .node("Tanh", {"a"}, {"b"})
      .node("Sigmoid", {"b"}, {"c"})
      .node("Reshape", {"c", "flat"}, {"d"})
      .node("Mul", {"d", "view"}, {"e"})
      .node("Reshape", {"early", "flat"}, {"late"})
      .node("Add", {"e", "late"}, {"y"})
      .output("y");
}

// Every operator a step with a buffer of its own.
CompileOptions step_by_step() {
  CompileOptions options;
  options.disabled = {"fuse_chains"};
  return options;
}

RunResult run_ok(Executor& executor, const Feeds& feeds, const RunOptions& options = {}) {
  auto result = executor.run(feeds, options);
  EXPECT_TRUE(result.ok()) << text(result.error());
  return result.ok() ? *std::move(result) : RunResult();
}

Feeds sized(int64_t n, uint64_t seed) { return {{"x", random_floats({n, 4, 6}, seed)}}; }

TEST(Executor, FirstRunAndPlannedRunsAgree) {
  Executor executor(compiled(chain(), step_by_step()));
  for (int64_t n : {1, 3, 1, 3, 2}) {
    const Feeds feeds = sized(n, static_cast<uint64_t>(n));
    Executor fresh(compiled(chain(), step_by_step()));
    const RunResult expected = run_ok(fresh, feeds);
    for (int round = 0; round < 3; ++round) expect_same_outputs(run_ok(executor, feeds), expected, 0);
  }
}

TEST(Executor, MoreSizesThanPlansAreKept) {
  Executor executor(compiled(chain(), step_by_step()));
  for (int round = 0; round < 2; ++round) {
    for (int64_t n = 1; n <= 9; ++n) {
      Executor fresh(compiled(chain(), step_by_step()));
      const Feeds feeds = sized(n, 5);
      expect_same_outputs(run_ok(executor, feeds), run_ok(fresh, feeds), 0);
    }
  }
}

TEST(Executor, BuffersAreShared) {
  Make make = Make().input("x", {1024});
  std::string last = "x";
  for (int i = 0; i < 20; ++i) {
    const std::string next = "v" + std::to_string(i);
    make.node("Tanh", {last}, {next});
    last = next;
  }
  Executor executor(compiled(make.output(last), step_by_step()));
  EXPECT_EQ(executor.arena_bytes(), 0);
  const Feeds feeds = {{"x", random_floats({1024}, 1)}};
  run_ok(executor, feeds);
  run_ok(executor, feeds);
  const int64_t bytes = executor.arena_bytes();
  EXPECT_GE(bytes, 2 * 4096);
  EXPECT_LE(bytes, 3 * 4096);
  run_ok(executor, feeds);
  EXPECT_EQ(executor.arena_bytes(), bytes);
}

// Values of known sizes have their places before they are there.
TEST(Executor, FirstRunTakesOneArena) {
  for (const std::vector<Dim>& declared : {std::vector<Dim>{8, 4, 6}, std::vector<Dim>{Dim("n"), 4, 6}}) {
    Executor executor(compiled(Make()
                                   .input("x", declared)
                                   .node("Tanh", {"x"}, {"a"})
                                   .node("Exp", {"a"}, {"b"})
                                   .node("Tanh", {"b"}, {"c"})
                                   .node("Exp", {"c"}, {"y"})
                                   .output("y"),
                               step_by_step()));
    run_ok(executor, sized(8, 1));
    EXPECT_EQ(executor.arena_bytes(), 2 * 8 * 4 * 6 * 4);
    run_ok(executor, sized(8, 2));
    EXPECT_EQ(executor.arena_bytes(), 2 * 8 * 4 * 6 * 4);
  }
}

// With every value tapped, what was made channels-last is turned around at once and not held until the end.
TEST(Executor, TapsHoldNoBuffers) {
  Make make = Make().input("x", {1, 16, 8, 8}).floats("w", {16, 16, 1, 1});
  std::vector<std::string> names;
  std::string last = "x";
  for (int i = 0; i < 12; ++i) {
    names.push_back("c" + std::to_string(i));
    make.node("Conv", {last, "w"}, {names.back()});
    last = names.back();
  }
  make.node("Conv", {last, "w"}, {"y"}).output("y");
  CompileOptions options;
  options.keep = names;
  Executor executor(compiled(make, options));
  RunOptions run;
  run.taps = names;
  EXPECT_EQ(run_ok(executor, {{"x", random_floats({1, 16, 8, 8}, 1)}}, run).taps.size(), names.size());
  EXPECT_LE(executor.arena_bytes(), 4 * 16 * 8 * 8 * 4);
}

TEST(Executor, ResultsOutliveTheNextRunAndTheExecutor) {
  Tensor kept, copy;
  {
    Executor executor(compiled(chain(), step_by_step()));
    run_ok(executor, sized(2, 1));
    kept = run_ok(executor, sized(2, 1)).outputs[0].second;
    copy = Tensor::of<float>(kept.dims(), kept.data<float>());
    run_ok(executor, sized(2, 2));
  }
  EXPECT_TRUE(kept.identical(copy));
}

TEST(Executor, OutputMayBeAViewOfAnotherOutputOrOfAFeed) {
  const Model model = Make()
                          .input("x", {2, 3})
                          .ints("s", {6})
                          .node("Reshape", {"x", "s"}, {"fed"})
                          .node("Exp", {"x"}, {"e"})
                          .node("Reshape", {"e", "s"}, {"flat"})
                          .node("Mul", {"flat", "flat"}, {"y"})
                          .output("fed")
                          .output("e")
                          .output("flat")
                          .output("y");
  Executor executor(compiled(model));
  const Feeds feeds = random_feeds(model, 1);
  for (int round = 0; round < 3; ++round) {
    const RunResult run = run_ok(executor, feeds);
    EXPECT_TRUE(run.outputs[0].second.identical(feeds.at("x").reshaped({6})));
    EXPECT_TRUE(run.outputs[2].second.identical(run.outputs[1].second.reshaped({6})));
  }
}

TEST(Executor, ConstantOutput) {
  const Model model = Make().input("x", {1}).floats("c", {3}).node("Relu", {"x"}, {"y"}).output("y").output("c");
  Executor executor(compiled(model));
  for (int round = 0; round < 2; ++round) {
    EXPECT_TRUE(run_ok(executor, random_feeds(model, 1))
                    .outputs[1]
                    .second.identical(executor.program().graph.value(executor.program().find("c").value).constant));
  }
}

TEST(Executor, TapsOfEveryKind) {
  CompileOptions options;
  options.keep = {"early", "view", "late"};
  Executor executor(compiled(chain().floats("unused", {3}), options));
  const Feeds feeds = sized(2, 1);
  const RunOptions taps{.taps = {"x", "early", "view", "late", "y"}};
  for (int round = 0; round < 3; ++round) {
    const RunResult run = run_ok(executor, feeds, taps);
    ASSERT_EQ(run.taps.size(), 5u);
    EXPECT_TRUE(run.taps.at("x").identical(feeds.at("x")));
    EXPECT_EQ(run.taps.at("view").dims(), (Dims{2, 24}));
    EXPECT_TRUE(run.taps.at("late").identical(run.taps.at("early").reshaped({2, 24})));
    EXPECT_TRUE(run.taps.at("y").identical(run.outputs[0].second));
  }
  const auto refused = executor.run(feeds, {.taps = {"nothing"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().where, "nothing");
}

TEST(Executor, ARunForTapsEndsWithTheLastOfThem) {
  CompileOptions options = step_by_step();
  options.keep = {"b"};
  Executor executor(compiled(chain(), options)), whole(compiled(chain(), options));
  for (int round = 0; round < 2; ++round) {
    const Feeds feeds = sized(2, 1);
    const RunResult run = run_ok(executor, feeds, {.taps = {"b"}, .profile = true, .outputs = false});
    EXPECT_TRUE(run.outputs.empty());
    EXPECT_EQ(run.profile.back().op_type, "Tanh");
    EXPECT_TRUE(run.taps.at("b").identical(run_ok(whole, feeds, {.taps = {"b"}}).taps.at("b")));
    EXPECT_TRUE(run_ok(executor, feeds).outputs[0].second.identical(run_ok(whole, feeds).outputs[0].second));
  }
}

TEST(Executor, TapsMayBeLookedAtInsteadOfCopied) {
  CompileOptions options;
  options.keep = {"early", "late"};
  Executor executor(compiled(chain(), options));
  const Feeds feeds = sized(2, 1);
  RunOptions looking{.taps = {"x", "early", "late", "y"}};
  const RunResult copied = run_ok(executor, feeds, looking);
  size_t seen = 0;
  looking.look = [&](size_t tap, const View& value, bool) -> Status {
    ++seen;
    const auto expected = copied.taps.at(looking.taps[tap]).data<float>();
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), value.as<float>(), value.as<float>() + value.size()));
    return ok_status();
  };
  EXPECT_TRUE(run_ok(executor, feeds, looking).taps.empty());
  EXPECT_EQ(seen, 4u);
  looking.look = [](size_t, const View&, bool) -> Status { return Error{ErrorCode::kCancelled, "enough", "", ""}; };
  const auto stopped = executor.run(feeds, looking);
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(run_ok(executor, feeds).outputs[0].second.identical(copied.outputs[0].second));
}

TEST(Executor, ProfileListsEveryStep) {
  Executor executor(compiled(chain(), step_by_step()));
  EXPECT_TRUE(run_ok(executor, sized(1, 1)).profile.empty());
  const RunResult run = run_ok(executor, sized(1, 1), {.taps = {}, .profile = true});
  ASSERT_EQ(run.profile.size(), executor.program().steps.size());
  EXPECT_EQ(run.profile[0].op_type, "Exp");
  EXPECT_EQ(run.profile[0].node, "make_early");
  for (const NodeTime& t : run.profile) EXPECT_GE(t.ms, 0);
}

// A size that only shows at run time: the error names the node, and the executor goes on working.
TEST(Executor, RunTimeErrorNamesTheNode) {
  const Model model = Make()
                          .input("x", {Dim("n")})
                          .input("z", {Dim("m")})
                          .node("Exp", {"x"}, {"e"})
                          .node("Add", {"e", "z"}, {"y"})
                          .output("y");
  Executor executor(compiled(model));
  const Feeds good = {{"x", random_floats({3}, 1)}, {"z", random_floats({3}, 2)}};
  for (int round = 0; round < 2; ++round) {
    const auto bad = executor.run({{"x", random_floats({3}, 1)}, {"z", random_floats({2}, 2)}});
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().code, ErrorCode::kInvalidModel);
    EXPECT_EQ(bad.error().where, "make_y");
    run_ok(executor, good);
  }
}

// More memory than any machine has: an error before allocating.
TEST(Executor, AbsurdSizesAreRefused) {
  const Model model = Make()
                          .input("s", {2}, DType::kInt64)
                          .node("ConstantOfShape", {"s"}, {"c"})
                          .node("ReduceMean", {"c"}, {"y"})
                          .output("y");
  Executor executor(compiled(model));
  for (const Tensor& s : {Tensor::of<int64_t>({2}, {int64_t{1} << 40, int64_t{1} << 40}),
                          Tensor::of<int64_t>({2}, {int64_t{1} << 20, int64_t{1} << 20})}) {
    const auto refused = executor.run({{"s", s}});
    ASSERT_FALSE(refused.ok());
    EXPECT_FALSE(refused.error().where.empty());
  }
  EXPECT_TRUE(executor.run({{"s", Tensor::of<int64_t>({2}, {2, 3})}}).ok());
}

TEST(Executor, StringsPassThrough) {
  const Model model = Make()
                          .input("x", {2, 1}, DType::kString)
                          .ints("s", {2})
                          .node("Reshape", {"x", "s"}, {"r"})
                          .node("Concat", {"r", "r"}, {"y"}, attr("axis", int64_t{0}))
                          .output("y");
  Executor executor(compiled(model));
  const Feeds feeds = {{"x", Tensor::strings({2, 1}, {"one", "two"})}};
  for (int round = 0; round < 3; ++round) {
    const auto result = executor.run(feeds);
    ASSERT_TRUE(result.ok()) << text(result.error());
    EXPECT_EQ(result->outputs[0].second.string_data(), (std::vector<std::string>{"one", "two", "one", "two"}));
  }
}

}  // namespace
}  // namespace halftone::testing
