// compile() as a whole: steps, names, lifetimes, errors.
#include <algorithm>

#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

Error refused(const Model& model, const CompileOptions& options = {}) {
  auto program = compile(model, options);
  EXPECT_FALSE(program.ok());
  return program.ok() ? Error{} : program.error();
}

TEST(Compile, ModelIsNotTouched) {
  const Model model = Make().input("x", {4}).node("Identity", {"x"}, {"a"}).node("Relu", {"a"}, {"y"}).output("y");
  const std::string before = print(model.graph);
  ASSERT_TRUE(compiled(model));
  EXPECT_EQ(print(model.graph), before);
}

TEST(Compile, ConstantNodesInEveryFormBecomeConstants) {
  const struct {
    const char* key;
    Attribute value;
  } forms[] = {
      {"value", Attribute(Tensor::of<float>({2}, {1.0f, 2.0f}))},
      {"value_float", Attribute(1.5f)},
      {"value_floats", Attribute(std::vector<float>{1, 2})},
  };
  for (const auto& form : forms) {
    SCOPED_TRACE(form.key);
    const Model model = Make()
                            .input("x", {2})
                            .node("Constant", {}, {"c"}, {{form.key, form.value}})
                            .node("Mul", {"x", "c"}, {"y"})
                            .output("y");
    EXPECT_EQ(ops(*compiled(model)), "Mul");
    EXPECT_EQ(ran(model, random_feeds(model, 1)).outputs.size(), 1u);
  }
}

TEST(Compile, DeadNodesAreLeftOut) {
  const Model model = Make().input("x", {4}).node("Exp", {"x"}, {"unused"}).node("Relu", {"x"}, {"y"}).output("y");
  EXPECT_EQ(ops(*compiled(model)), "Relu");
}

TEST(Compile, NodesWithoutTheirFirstOutputDoNoHarm) {
  Make make = Make().input("x", {1, 3, 6, 6}).floats("w", {4, 3, 3, 3}).node("Conv", {"x", "w"}, {"c"});
  for (const char* op : {"Relu", "Identity", "Shape", "Dropout"}) make.node(op, {"c"}, {""});
  const Model model = make.node("Dropout", {"c"}, {"", "mask"}).node("Relu", {"c"}, {"y"}).output("y").output("mask");
  EXPECT_EQ(ops(*compiled(model, channels_first())), "Conv Dropout Relu");
}

TEST(Compile, KeptValueStaysAlive) {
  const Model model = Make().input("x", {4}).node("Exp", {"x"}, {"side"}).node("Relu", {"x"}, {"y"}).output("y");
  CompileOptions options;
  options.keep = {"side"};
  EXPECT_EQ(ops(*compiled(model, options)), "Exp Relu");
  const RunResult run = ran(model, random_feeds(model, 1), options, {.taps = {"side"}});
  EXPECT_EQ(run.taps.size(), 1u);
  EXPECT_EQ(run.outputs.size(), 1u);
}

TEST(Compile, NameOfADroppedValueIsAnAlias) {
  const Model model = Make()
                          .input("x", {4})
                          .node("Exp", {"x"}, {"e"})
                          .node("Identity", {"e"}, {"i"})
                          .node("Relu", {"i"}, {"y"})
                          .output("y");
  const auto program = compiled(model);
  EXPECT_EQ(program->find("i").value, program->find("e").value);
  EXPECT_FALSE(program->find("i").dequantize);
  EXPECT_EQ(program->find("nothing").value, kNoValue);
}

TEST(Compile, OutputsKeepTheirNamesAndOrder) {
  const Model model = Make()
                          .input("x", {4})
                          .node("Identity", {"x"}, {"same"})
                          .node("Exp", {"x"}, {"e"})
                          .node("Identity", {"e"}, {"copy"})
                          .output("copy")
                          .output("same")
                          .output("e");
  const Feeds feeds = random_feeds(model, 1);
  const RunResult run = ran(model, feeds);
  ASSERT_EQ(run.outputs.size(), 3u);
  EXPECT_EQ(run.outputs[0].first, "copy");
  EXPECT_EQ(run.outputs[1].first, "same");
  EXPECT_EQ(run.outputs[2].first, "e");
  EXPECT_TRUE(run.outputs[1].second.identical(feeds.at("x")));
  EXPECT_TRUE(run.outputs[0].second.identical(run.outputs[2].second));
}

TEST(Compile, EveryValueIsReleasedOnceAfterItsLastUse) {
  const Model model = Make()
                          .input("x", {4})
                          .node("Exp", {"x"}, {"a"})
                          .node("Mul", {"a", "x"}, {"b"})
                          .node("Mul", {"b", "a"}, {"y"})
                          .output("y");
  CompileOptions options;
  options.disabled = {"fuse_chains"};
  const auto program = compiled(model, options);
  std::map<std::string, size_t> released;
  for (size_t s = 0; s < program->steps.size(); ++s) {
    for (ValueId id : program->steps[s].release) {
      EXPECT_TRUE(released.emplace(program->graph.value(id).name, s).second);
    }
  }
  EXPECT_EQ(released, (std::map<std::string, size_t>{{"x", 1}, {"a", 2}, {"b", 2}}));
}

TEST(Compile, AllMissingOperatorsAreNamed) {
  const Model model = Make()
                          .input("x", {4})
                          .node("Frobnicate", {"x"}, {"a"})
                          .node("Relu", {"a"}, {"b"})
                          .node("Frobnicate", {"b"}, {"c"})
                          .node("Transmogrify", {"c"}, {"y"})
                          .output("y");
  const Error error = refused(model);
  EXPECT_EQ(error.code, ErrorCode::kUnsupportedOperator);
  EXPECT_EQ(error.where, "make_a");
  EXPECT_NE(error.message.find("Frobnicate (opset 13) at 'make_a' and 1 more"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("Transmogrify (opset 13) at 'make_y'"), std::string::npos) << error.message;
  EXPECT_NE(error.hint.find("inspected"), std::string::npos);
}

TEST(Compile, ShapesThatContradictAreTheModelsError) {
  const Model model = Make().input("x", {2, 3}).floats("w", {4, 5}).node("MatMul", {"x", "w"}, {"y"}).output("y");
  const Error error = refused(model);
  EXPECT_EQ(error.code, ErrorCode::kInvalidModel);
  EXPECT_EQ(error.where, "make_y");
}

TEST(Compile, UnknownNamesInOptionsAreRefused) {
  const Model model = Make().input("x", {4}).node("Relu", {"x"}, {"y"}).output("y");
  CompileOptions options;
  options.keep = {"nothing"};
  EXPECT_EQ(refused(model, options).where, "nothing");
  options.keep = {};
  options.disabled = {"fuse_everything"};
  EXPECT_EQ(refused(model, options).where, "fuse_everything");
  EXPECT_NE(refused(model, options).hint.find("fuse_activation"), std::string::npos);
}

TEST(Compile, RulesTogetherFuseAWholeBlock) {
  const Model model = Make()
                          .input("x", {1, 3, 8, 8})
                          .floats("w", {4, 3, 3, 3})
                          .floats("k", {4, 1, 1})
                          .floats("gamma", {4}, 0.5f, 1)
                          .floats("beta", {4})
                          .floats("mean", {4})
                          .floats("var", {4}, 0.5f, 1)
                          .ints("p", {0, 0, 1, 1, 0, 0, 1, 1})
                          .node("Pad", {"x", "p"}, {"padded"})
                          .node("Conv", {"padded", "w"}, {"c"})
                          .node("Add", {"c", "k"}, {"a"})
                          .node("BatchNormalization", {"a", "gamma", "beta", "mean", "var"}, {"n"})
                          .node("Relu", {"n"}, {"r"})
                          .node("Identity", {"r"}, {"y"})
                          .output("y");
  EXPECT_EQ(ops(*compiled(model, channels_first())), "Conv");
  const Feeds feeds = random_feeds(model, 3);
  expect_same_outputs(ran(model, feeds), ran(model, feeds, only("")), 1e-5f);
}

}  // namespace
}  // namespace halftone::testing
