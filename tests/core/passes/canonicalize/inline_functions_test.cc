// Calls of local functions replaced by their nodes: names, attributes, nesting, subgraphs, and functions that never
// end.
#include "core/passes/canonicalize/inline_functions.h"

#include <gtest/gtest.h>

#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::Build;

Attribute reference(const std::string& name) {
  Attribute attribute;
  attribute.ref_name = name;
  return attribute;
}

// A function of domain "local" whose body is `build`'s graph.
Function function_of(const std::string& name, Build& build) {
  Function function;
  function.name = name;
  function.domain = "local";
  function.opset_imports = {{"", 13}};
  function.body = build.take().graph;
  return function;
}

// Scale(u) -> v: v = LeakyRelu(u){alpha = @slope}; slope is 0.5 unless given.
Function leaky() {
  Build build(13);
  build.input("u", {2}).node("LeakyRelu", {"u"}, {"v"}, {{"alpha", reference("slope")}}).output("v");
  Function f = function_of("Leaky", build);
  f.attributes = {"slope"};
  f.attribute_defaults.emplace("slope", Attribute(0.5f));
  return f;
}

// Twice(a) -> c: b = Leaky(a); c = Leaky(b){slope = 2}
Function twice() {
  Build build(13);
  build.input("a", {2})
      .node("Leaky", {"a"}, {"b"})
      .node("Leaky", {"b"}, {"c"}, {{"slope", Attribute(2.0f)}})
      .output("c");
  Function f = function_of("Twice", build);
  for (Node& node : f.body.nodes) node.domain = "local";
  return f;
}

// y = op(x), r = Relu(y).
Model call_of(const std::string& op, std::vector<Function> functions, const std::vector<std::string>& outputs = {"y"}) {
  Build build(13);
  build.input("x", {2}).node(op, {"x"}, outputs).node("Relu", {"y"}, {"r"}).output("r");
  Model model = build.take();
  model.graph.nodes[0].domain = "local";
  model.opset_imports["local"] = 1;
  model.functions = std::move(functions);
  return model;
}

TEST(InlineFunctions, ReplacesACall) {
  auto flat = inline_functions(call_of("Leaky", {leaky()}));
  ASSERT_TRUE(flat.ok()) << flat.error().message;
  EXPECT_EQ(print(flat->graph), "(%x)\n  %y = LeakyRelu(%x) {alpha=0.5}\n  %r = Relu(%y)\nreturn %r\n");
  EXPECT_TRUE(flat->functions.empty());
  EXPECT_EQ(flat->graph.nodes[0].name, "node_y/node_v");
}

TEST(InlineFunctions, CallsInFunctions) {
  auto flat = inline_functions(call_of("Twice", {leaky(), twice()}));
  ASSERT_TRUE(flat.ok()) << flat.error().message;
  EXPECT_EQ(print(flat->graph),
            "(%x)\n  %node_y/b = LeakyRelu(%x) {alpha=0.5}\n  %y = LeakyRelu(%node_y/b) {alpha=2}\n  %r = Relu(%y)\n"
            "return %r\n");
}

TEST(InlineFunctions, AttributesThatNobodyGivesAreLeftOut) {
  Function f = leaky();
  f.attribute_defaults.clear();
  auto flat = inline_functions(call_of("Leaky", {f}));
  ASSERT_TRUE(flat.ok());
  EXPECT_TRUE(flat->graph.nodes[0].attributes.empty());
}

TEST(InlineFunctions, OutputsThatAreInputs) {
  Build build(13);
  build.input("u", {2}).output("u");
  auto flat = inline_functions(call_of("Same", {function_of("Same", build)}));
  ASSERT_TRUE(flat.ok()) << flat.error().message;
  EXPECT_EQ(print(flat->graph), "(%x)\n  %y = Identity(%x)\n  %r = Relu(%y)\nreturn %r\n");
}

TEST(InlineFunctions, SubgraphsReadTheCallersNames) {
  auto branch = std::make_shared<Graph>();
  for (const char* name : {"u", "inner"}) branch->add_value(name);
  branch->value(0).from_outer_scope = true;
  Node relu;
  relu.op_type = "LeakyRelu";
  relu.inputs = {0};
  relu.outputs = {1};
  relu.attributes.emplace("alpha", reference("slope"));
  branch->nodes.push_back(relu);
  branch->outputs = {1};
  Build build(13);
  build.input("u", {2}).constant("c", Tensor::scalar<int64_t>(1));
  build.node("If", {"u"}, {"v"}, {{"then_branch", Attribute(GraphPtr(branch))}}).output("v");
  Function f = function_of("Choose", build);
  f.attribute_defaults.emplace("slope", Attribute(0.25f));
  auto flat = inline_functions(call_of("Choose", {f}));
  ASSERT_TRUE(flat.ok()) << flat.error().message;
  const GraphPtr bound = flat->graph.nodes[0].graph_attr("then_branch");
  EXPECT_EQ(print(*bound), "()\n  %node_y/inner = LeakyRelu(%x) {alpha=0.25}\nreturn %node_y/inner\n");
  EXPECT_EQ(branch->value(0).name, "u");
}

TEST(InlineFunctions, CallsInSubgraphs) {
  auto branch = std::make_shared<Graph>();
  for (const char* name : {"x", "z"}) branch->add_value(name);
  branch->value(0).from_outer_scope = true;
  Node call;
  call.op_type = "Leaky";
  call.domain = "local";
  call.inputs = {0};
  call.outputs = {1};
  branch->nodes.push_back(call);
  branch->outputs = {1};
  Build build(13);
  build.input("x", {2}).node("If", {"x"}, {"y"}, {{"then_branch", Attribute(GraphPtr(branch))}}).output("y");
  Model model = build.take();
  model.functions = {leaky()};
  auto flat = inline_functions(model);
  ASSERT_TRUE(flat.ok()) << flat.error().message;
  EXPECT_EQ(print(*flat->graph.nodes[0].graph_attr("then_branch")),
            "()\n  %z = LeakyRelu(%x) {alpha=0.5}\nreturn %z\n");
}

TEST(InlineFunctions, OlderBodiesAreConverted) {
  Build build(11);
  build.input("u", {1, 2}).node("Squeeze", {"u"}, {"v"}, {{"axes", Attribute(std::vector<int64_t>{0})}}).output("v");
  Function f = function_of("Old", build);
  f.opset_imports[""] = 11;
  auto flat = inline_functions(call_of("Old", {f}));
  ASSERT_TRUE(flat.ok()) << flat.error().message;
  EXPECT_EQ(print(flat->graph),
            "(%x)\n  %node_y/v_axes = Constant() {value=<int64 [1]>}\n  %y = Squeeze(%x, %node_y/v_axes)\n"
            "  %r = Relu(%y)\nreturn %r\n");
}

TEST(InlineFunctions, FunctionsThatCallThemselves) {
  Build build(13);
  build.input("u", {2}).node("Loop", {"u"}, {"v"}).output("v");
  Function f = function_of("Loop", build);
  f.body.nodes[0].domain = "local";
  auto flat = inline_functions(call_of("Loop", {f}));
  ASSERT_FALSE(flat.ok());
  EXPECT_EQ(flat.error().code, ErrorCode::kInvalidModel);
  EXPECT_NE(flat.error().message.find("local::Loop calls itself"), std::string::npos) << flat.error().message;
}

// Thirty functions, each calling the next twice, would be a thousand million nodes.
TEST(InlineFunctions, FunctionsThatMultiply) {
  std::vector<Function> functions;
  for (int i = 0; i < 30; ++i) {
    const std::string next = i == 29 ? "Relu" : "F" + std::to_string(i + 1);
    Build build(13);
    build.input("u", {2}).node(next, {"u"}, {"m"}).node(next, {"m"}, {"v"}).output("v");
    functions.push_back(function_of("F" + std::to_string(i), build));
    for (Node& node : functions.back().body.nodes) node.domain = i == 29 ? "" : "local";
  }
  auto flat = inline_functions(call_of("F0", functions));
  ASSERT_FALSE(flat.ok());
  EXPECT_NE(flat.error().message.find("larger than 100000 nodes"), std::string::npos) << flat.error().message;
}

TEST(InlineFunctions, TooManyOutputs) {
  auto flat = inline_functions(call_of("Leaky", {leaky()}, {"y", "extra"}));
  ASSERT_FALSE(flat.ok());
  EXPECT_EQ(flat.error().where, "node_y");
}

TEST(InlineFunctions, ModelsWithoutFunctionsStayAsTheyAre) {
  const Model model = Build(13).input("x", {2}).node("Relu", {"x"}, {"y"}).output("y").done();
  EXPECT_EQ(print(inline_functions(model)->graph), print(model.graph));
}

}  // namespace
}  // namespace halftone
