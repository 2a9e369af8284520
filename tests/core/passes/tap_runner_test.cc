// Values of a model shown to a pass, in whichever order the program keeps them.
#include "core/passes/tap_runner.h"

#include <gtest/gtest.h>

#include "core/runtime/channels_first.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone::testing {
namespace {

// Conv -> Relu -> Conv, rows of means behind it, and a branch that nobody looks at.
Model network() {
  return Build(13)
      .input("x", {2, 3, 6, 5})
      .weights("w1", {4, 3, 3, 3})
      .weights("w2", {5, 4, 1, 1})
      .weights("m", {5, 3})
      .node("Conv", {"x", "w1"}, {"a"}, {{"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}})
      .node("Relu", {"a"}, {"r"})
      .node("Conv", {"r", "w2"}, {"b"})
      .node("ReduceMean", {"b"}, {"mean"},
            {{"axes", Attribute(std::vector<int64_t>{2, 3})}, {"keepdims", Attribute(int64_t{0})}})
      .node("MatMul", {"mean", "m"}, {"y"})
      .output("y")
      .done();
}

TEST(TapRunner, ShowsWhatTheModelMakes) {
  const Model model = network();
  const std::vector<std::string> names = {"b", "x", "r", "mean", "a"};
  const Feeds feeds = random_feeds({2, 3, 6, 5}, 1).front();
  auto runner = TapRunner::create(model, names);
  ASSERT_TRUE(runner.ok()) << runner.error().message;
  for (int run = 0; run < 2; ++run) {
    std::vector<int> shown(names.size(), 0);
    int channels_last = 0;
    const Status done = runner->run(feeds, [&](size_t i, const View& value, bool last) -> Status {
      ++shown[i];
      channels_last += last;
      Model alone = model;
      alone.graph.outputs = {alone.graph.find_value(names[i])};
      const Tensor expected = names[i] == "x" ? feeds.at("x") : run_model(alone, feeds);
      Tensor turned;
      if (last) {
        HT_ASSIGN(turned, channels_first(value));
      }
      const View& seen = last ? turned.view() : value;
      EXPECT_EQ(seen.dims, expected.dims()) << names[i];
      EXPECT_EQ(distortion(expected.data<float>(), {seen.as<float>(), static_cast<size_t>(seen.size())}).max_abs, 0)
          << names[i];
      return ok_status();
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(shown, std::vector<int>(names.size(), 1));
    EXPECT_EQ(channels_last, 2) << "a and r stay as convolutions make them; a mean over pixels has b turned";
  }
}

TEST(TapRunner, SaysWhatIsMissing) {
  const auto unknown = TapRunner::create(network(), {"r", "nowhere"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().where, "nowhere");
  for (const std::vector<std::string>& names : {std::vector<std::string>{"x"}, {"r"}, {"x", "r"}}) {
    auto runner = TapRunner::create(network(), names);
    ASSERT_TRUE(runner.ok());
    const Status done = runner->run({}, [](size_t, const View&, bool) { return ok_status(); });
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(done.error().where, "x");
  }
}

}  // namespace
}  // namespace halftone::testing
