// Loop and Scan in programs: what goes into a body, what comes out, captures at any depth, and errors that name the
// node inside.
#include "tests/core/runtime/control_flow.h"

namespace halftone::testing {
namespace {

// state' = state + step (captured); collects 2 * state; goes on while state' < limit.
Model counting_loop() {
  const GraphPtr body = Build("body")
                            .input("i")
                            .input("go")
                            .input("state")
                            .captured("step")
                            .captured("limit")
                            .node("Add", {"state", "step"}, {"next"})
                            .node("Add", {"state", "state"}, {"twice"})
                            .node("Less", {"next", "limit"}, {"more"})
                            .output("more")
                            .output("next")
                            .output("twice")
                            .shared();
  return Make(13)
      .input("trips", {}, DType::kInt64)
      .input("first", {}, DType::kBool)
      .input("step", {})
      .constant("limit", Tensor::scalar<float>(4.5f))
      .constant("start", Tensor::scalar<float>(1))
      .node("Loop", {"trips", "first", "start"}, {"end", "all"}, graphs({{"body", body}}))
      .output("end")
      .output("all");
}

RunResult loop(int64_t trips, bool first, float step) {
  return ran(
      counting_loop(),
      {{"trips", Tensor::scalar<int64_t>(trips)}, {"first", Tensor::scalar(first)}, {"step", Tensor::scalar(step)}});
}

TEST(Loop, EndsByTripsOrByItsCondition) {
  const RunResult by_trips = loop(2, true, 1);
  EXPECT_EQ(floats(by_trips, 0), (std::vector<float>{3}));
  EXPECT_EQ(floats(by_trips, 1), (std::vector<float>{2, 4}));
  const RunResult by_condition = loop(100, true, 2);
  EXPECT_EQ(floats(by_condition, 0), (std::vector<float>{5}));
  EXPECT_EQ(floats(by_condition, 1), (std::vector<float>{2, 6}));
}

TEST(Loop, WithoutAPassHandsOnWhatItGotAndCollectsNothing) {
  for (const RunResult& run : {loop(0, true, 1), loop(5, false, 1)}) {
    EXPECT_EQ(floats(run, 0), (std::vector<float>{1}));
    EXPECT_EQ(run.outputs[1].second.dims(), (Dims{0}));
  }
}

TEST(Loop, CarriedValuesMayGrow) {
  const GraphPtr body = Build("body")
                            .input("i")
                            .input("go")
                            .input("list")
                            .captured("x")
                            .node("Concat", {"list", "x"}, {"longer"}, {{"axis", Attribute(int64_t{0})}})
                            .node("Identity", {"go"}, {"still"})
                            .output("still")
                            .output("longer")
                            .shared();
  const Model model = Make(13)
                          .input("x", {Dim("n")})
                          .constant("trips", Tensor::scalar<int64_t>(3))
                          .constant("go", Tensor::scalar(true))
                          .node("Loop", {"trips", "go", "x"}, {"y"}, graphs({{"body", body}}))
                          .output("y");
  Executor executor(compiled(model));
  for (int round = 0; round < 3; ++round) {
    auto run = executor.run({{"x", vec({1, 2})}});
    ASSERT_TRUE(run.ok()) << text(run.error());
    EXPECT_EQ(floats(*run), (std::vector<float>{1, 2, 1, 2, 1, 2, 1, 2}));
  }
}

// The innermost graph takes a value of the outermost one; the graph between does not mention it.
TEST(Loop, InnerGraphsReachThroughTheOnesBetween) {
  const GraphPtr add = Build("add").captured("s").captured("far").node("Add", {"s", "far"}, {"a"}).output("a").shared();
  const GraphPtr keep = Build("keep").captured("s").node("Identity", {"s"}, {"k"}).output("k").shared();
  const GraphPtr body = Build("body")
                            .input("i")
                            .input("go")
                            .input("s")
                            .constant("two", Tensor::scalar<int64_t>(2))
                            .node("Less", {"i", "two"}, {"early"})
                            .node("If", {"early"}, {"next"}, graphs({{"then_branch", add}, {"else_branch", keep}}))
                            .node("Identity", {"go"}, {"still"})
                            .output("still")
                            .output("next")
                            .shared();
  const Model model = Make(13)
                          .input("x", {2})
                          .node("Neg", {"x"}, {"far"})
                          .constant("trips", Tensor::scalar<int64_t>(5))
                          .node("Loop", {"trips", "", "x"}, {"y"}, graphs({{"body", body}}))
                          .output("y");
  EXPECT_EQ(floats(ran(model, {{"x", vec({1, 2})}})), (std::vector<float>{-1, -2}));
}

TEST(Loop, NeedsAnEnd) {
  const GraphPtr body = Build("body")
                            .input("i")
                            .input("go")
                            .node("Identity", {"go"}, {"still"})
                            .node("Identity", {"i"}, {"c"})
                            .output("still")
                            .output("c")
                            .shared();
  const Model model = Make(13)
                          .input("x", {1})
                          .node("Loop", {"", ""}, {"y"}, graphs({{"body", body}}))
                          .node("Neg", {"x"}, {"z"})
                          .output("y")
                          .output("z");
  const auto program = compile(model);
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.error().where, "make_y");
}

TEST(Loop, AnErrorInsideNamesTheNodeInside) {
  const GraphPtr body = Build("body")
                            .input("i")
                            .input("go")
                            .input("s")
                            .captured("x")
                            .node("Concat", {"s", "x"}, {"next"}, {{"axis", Attribute(int64_t{0})}})
                            .node("MatMul", {"next", "x"}, {"broken"})
                            .node("Identity", {"go"}, {"still"})
                            .output("still")
                            .output("next")
                            .output("broken")
                            .shared();
  const Model model = Make(13)
                          .input("x", {Dim("n")})
                          .constant("trips", Tensor::scalar<int64_t>(3))
                          .node("Loop", {"trips", "", "x"}, {"y", "z"}, graphs({{"body", body}}))
                          .output("y")
                          .output("z");
  Executor executor(compiled(model));
  const auto run = executor.run({{"x", vec({1, 2})}});
  ASSERT_FALSE(run.ok());
  EXPECT_EQ(run.error().code, ErrorCode::kInvalidModel);
  EXPECT_EQ(run.error().where, "make_broken");
}

// Running sums along an axis, backwards where told to.
Model running_sum(std::vector<int64_t> direction, int64_t axis) {
  const GraphPtr body = Build("body")
                            .input("sum")
                            .input("x_t")
                            .node("Add", {"sum", "x_t"}, {"next"})
                            .node("Identity", {"next"}, {"seen"})
                            .output("next")
                            .output("seen")
                            .shared();
  Attributes attributes = graphs({{"body", body}});
  attributes.emplace("num_scan_inputs", Attribute(int64_t{1}));
  attributes.emplace("scan_input_axes", Attribute(std::vector<int64_t>{axis}));
  attributes.emplace("scan_output_axes", Attribute(std::vector<int64_t>{axis}));
  attributes.emplace("scan_input_directions", Attribute(direction));
  attributes.emplace("scan_output_directions", Attribute(direction));
  return Make(13)
      .input("start", {2})
      .input("x", {Dim("a"), Dim("b")})
      .node("Scan", {"start", "x"}, {"end", "all"}, attributes)
      .output("end")
      .output("all");
}

TEST(Scan, RunsOverSlicesAndStacksResults) {
  const Feeds feeds = {{"start", vec({10, 20})}, {"x", Tensor::of<float>({3, 2}, {1, 2, 3, 4, 5, 6})}};
  const RunResult forward = ran(running_sum({0}, 0), feeds);
  EXPECT_EQ(floats(forward, 0), (std::vector<float>{19, 32}));
  EXPECT_EQ(floats(forward, 1), (std::vector<float>{11, 22, 14, 26, 19, 32}));
  const RunResult backward = ran(running_sum({1}, 0), feeds);
  EXPECT_EQ(floats(backward, 1), (std::vector<float>{19, 32, 18, 30, 15, 26}));
  const Feeds turned = {{"start", vec({10, 20})}, {"x", Tensor::of<float>({2, 3}, {1, 3, 5, 2, 4, 6})}};
  const RunResult columns = ran(running_sum({0}, 1), turned);
  EXPECT_EQ(columns.outputs[1].second.dims(), (Dims{2, 3}));
  EXPECT_EQ(floats(columns, 1), (std::vector<float>{11, 14, 19, 22, 26, 32}));
}

TEST(Scan, InfersStatesAndStackedResults) {
  const auto program = compiled(running_sum({0}, 1));
  const Graph& graph = program->graph;
  EXPECT_EQ(graph.value(graph.outputs[0]).shape.to_string(), "[2]");
  EXPECT_EQ(graph.value(graph.outputs[1]).shape.to_string(), "[2, b]");
}

}  // namespace
}  // namespace halftone::testing
