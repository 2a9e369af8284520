// If in programs: branches, captures, choices known beforehand, and errors that name the node inside.
#include "tests/conformance/retype.h"
#include "tests/core/runtime/control_flow.h"

namespace halftone::testing {
namespace {

// y = flag ? x + one : x * factor, the second branch with two nodes and a constant of its own.
Model branches() {
  const GraphPtr yes =
      Build("yes").captured("x").captured("one").node("Add", {"x", "one"}, {"sum"}).output("sum").shared();
  const GraphPtr no = Build("no")
                          .captured("x")
                          .constant("factor", Tensor::scalar<float>(3))
                          .node("Mul", {"x", "factor"}, {"product"})
                          .node("Relu", {"product"}, {"rest"})
                          .output("rest")
                          .shared();
  return Make(13)
      .input("flag", {}, DType::kBool)
      .input("v", {Dim("n")})
      .constant("one", Tensor::scalar<float>(1))
      .node("Neg", {"v"}, {"x"})
      .node("If", {"flag"}, {"chosen"}, graphs({{"then_branch", yes}, {"else_branch", no}}))
      .node("Neg", {"chosen"}, {"y"})
      .output("y");
}

TEST(If, RunsTheBranchThatTheConditionNames) {
  const Model model = branches();
  for (int round = 0; round < 3; ++round) {
    SCOPED_TRACE(round);  // from the second on by a plan
    EXPECT_EQ(floats(ran(model, {{"flag", Tensor::scalar(true)}, {"v", vec({1, -2})}})), (std::vector<float>{0, -3}));
    EXPECT_EQ(floats(ran(model, {{"flag", Tensor::scalar(false)}, {"v", vec({1, -2})}})),
              (std::vector<float>{-0.0f, -6}));
  }
}

TEST(If, PlannedRunsOfOneExecutorAgree) {
  Executor executor(compiled(branches()));
  for (const bool flag : {true, false, true, true, false, false}) {
    auto run = executor.run({{"flag", Tensor::scalar(flag)}, {"v", vec({-4, 5, 6})}});
    ASSERT_TRUE(run.ok()) << text(run.error());
    EXPECT_EQ(floats(*run), flag ? (std::vector<float>{-5, 4, 5}) : (std::vector<float>{-12, -0.0f, -0.0f}));
  }
}

// The same with a condition that is a constant.
Model known_choice(bool taken) {
  Model model = branches();
  Graph& graph = model.graph;
  graph.inputs = {graph.find_value("v")};
  graph.value(graph.find_value("flag")).constant = Tensor::scalar(taken);
  return model;
}

TEST(If, AKnownChoiceIsTakenWhenTheProgramIsMade) {
  CompileOptions single;  // no operators made one
  single.disabled = {"fuse_chains"};
  EXPECT_EQ(ops(*compiled(known_choice(true), single)), "Neg Add Neg");
  EXPECT_EQ(ops(*compiled(known_choice(false), single)), "Neg Mul Relu Neg");
  for (const bool taken : {true, false}) {
    const Feeds feeds = {{"v", vec({1, -2, 3})}};
    expect_same_outputs(ran(known_choice(taken), feeds), ran(known_choice(taken), feeds, only("")), 0);
  }
}

// Values inside of a branch are of no type before shapes are inferred, and float16 is computed in float32.
TEST(If, AKnownChoiceInFloat16) {
  for (const bool taken : {true, false}) {
    Model model = known_choice(taken);
    Retype(DType::kFloat16).graph(model.graph);
    const Feeds feeds = {{"v", *convert(vec({1, -2, 3}), DType::kFloat16)}};
    EXPECT_EQ(ops(*compiled(model)).find("If"), std::string::npos);
    expect_same_outputs(ran(model, feeds), ran(model, feeds, only("")), 0);
  }
}

// A choice inside of the branch that is taken, whose names are taken outside as well.
TEST(If, ChoicesInsideOfKnownOnesKeepTheirNames) {
  const GraphPtr inner_yes = Build("a").captured("t").node("Neg", {"t"}, {"u"}).output("u").shared();
  const GraphPtr inner_no = Build("b").captured("t").node("Exp", {"t"}, {"w"}).output("w").shared();
  const GraphPtr yes = Build("yes")
                           .captured("x")
                           .captured("flag")
                           .node("Abs", {"x"}, {"t"})
                           .node("If", {"flag"}, {"r"}, graphs({{"then_branch", inner_yes}, {"else_branch", inner_no}}))
                           .output("r")
                           .shared();
  const Model model = Make(13)
                          .input("flag", {}, DType::kBool)
                          .input("x", {Dim("n")})
                          .constant("known", Tensor::scalar(true))
                          .node("Neg", {"x"}, {"t"})
                          .node("If", {"known"}, {"y"}, graphs({{"then_branch", yes}, {"else_branch", yes}}))
                          .output("y")
                          .output("t");
  for (const bool flag : {true, false}) {
    const Feeds feeds = {{"flag", Tensor::scalar(flag)}, {"x", vec({1, -2, 3})}};
    expect_same_outputs(ran(model, feeds), ran(model, feeds, only("")), 0);
  }
  EXPECT_EQ(floats(ran(model, {{"flag", Tensor::scalar(true)}, {"x", vec({1, -2})}})), (std::vector<float>{-1, -2}));
}

TEST(If, InfersWhatItsBranchesShare) {
  const auto program = compiled(branches());
  const Value& y = program->graph.value(program->graph.outputs[0]);
  EXPECT_EQ(y.dtype, DType::kFloat);
  EXPECT_EQ(y.shape.to_string(), "[n]");
}

TEST(If, ABranchForOtherSizesIsWrongOnlyWhereItRuns) {
  const GraphPtr fits = Build("fits").captured("x").node("Neg", {"x"}, {"a"}).output("a").shared();
  const GraphPtr other =
      Build("other").captured("x").constant("w", vec({1, 2, 3})).node("Add", {"x", "w"}, {"b"}).output("b").shared();
  const Model model = Make(13)
                          .input("flag", {}, DType::kBool)
                          .input("x", {2})
                          .node("If", {"flag"}, {"y"}, graphs({{"then_branch", fits}, {"else_branch", other}}))
                          .output("y");
  Executor executor(compiled(model));
  auto good = executor.run({{"flag", Tensor::scalar(true)}, {"x", vec({1, 2})}});
  ASSERT_TRUE(good.ok()) << text(good.error());
  const auto bad = executor.run({{"flag", Tensor::scalar(false)}, {"x", vec({1, 2})}});
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().where, "make_b");
}

TEST(If, MissingOperatorsOfBranchesAreListedWithTheOthers) {
  const GraphPtr strange = Build("s").captured("x").node("Strange", {"x"}, {"a"}).output("a").shared();
  const Model model = Make(13)
                          .input("flag", {}, DType::kBool)
                          .input("x", {2})
                          .node("Odd", {"x"}, {"z"})
                          .node("If", {"flag"}, {"y"}, graphs({{"then_branch", strange}, {"else_branch", strange}}))
                          .output("y")
                          .output("z");
  const auto program = compile(model);
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.error().code, ErrorCode::kUnsupportedOperator);
  EXPECT_NE(program.error().message.find("Odd"), std::string::npos) << program.error().message;
  EXPECT_NE(program.error().message.find("Strange"), std::string::npos) << program.error().message;
}

}  // namespace
}  // namespace halftone::testing
