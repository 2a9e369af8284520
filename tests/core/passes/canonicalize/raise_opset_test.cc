// Every adapter on a small graph of tests/core/passes/canonicalize/opset: the converted nodes and constants, written
// out. That the numbers stay the same is tested on whole models (tests/conformance/models/opset_test.cc).
#include "core/passes/canonicalize/raise_opset.h"

#include <gtest/gtest.h>

#include "core/passes/canonicalize/opset/adapter.h"
#include "tests/core/passes/canonicalize/opset/case.h"

namespace halftone::testing {
namespace {

// print() and, behind it, the contents of small constants.
std::string describe(const Graph& graph) {
  std::string out = print(graph);
  for (const Value& value : graph.values) {
    if (!value.is_constant() || value.constant.size() > 8) continue;
    out += "%" + value.name + " = " + std::string(dtype_name(value.constant.dtype())) +
           to_string(value.constant.dims()) + " {";
    const auto numbers = to_floats(value.constant);
    for (size_t i = 0; numbers.ok() && i < numbers->size(); ++i) {
      char text[32];
      std::snprintf(text, sizeof text, i ? ", %g" : "%g", static_cast<double>((*numbers)[i]));
      out += text;
    }
    out += "}\n";
  }
  return out;
}

std::vector<OpsetCase> all_cases() {
  std::vector<OpsetCase> all;
  for (auto&& part : {axes_cases(), input_cases(), broadcast_cases(), softmax_cases(), resize_cases(),
                      normalization_cases(), legacy_cases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

TEST(RaiseOpset, EveryAdapter) {
  for (const OpsetCase& c : all_cases()) {
    Build build(c.from, 4);
    build.input("x", {2, 3, 4, 5});
    c.build(build);
    const Model model = build.output("y").take();
    const std::string before = describe(model.graph);
    auto raised = raise_opset(model, c.to);
    ASSERT_TRUE(raised.ok()) << c.name << ": " << raised.error().message;
    EXPECT_EQ(describe(raised->graph), c.expected) << c.name;
    EXPECT_EQ(raised->opset(), c.to) << c.name;
    EXPECT_EQ(describe(model.graph), before) << c.name << " changed the model it was given";
  }
}

struct Refusal {
  const char* name;
  int64_t from, to;
  std::function<void(Build&)> build;
  const char* says;
};

const Refusal kRefusals[] = {
    {"Scan", 8, 9, unary("Scan", {}), "Scan cannot be converted to opset 9"},
    {"PerElementStatistics", 7, 9,
     [](Build& b) {
       b.node("BatchNormalization", {"x", "x", "x", "x", "x"}, {"y"}, {{"spatial", integer(0)}});
     },
     "spatial = 0"},
    {"TrainingOutputs", 9, 14,
     [](Build& b) {
       b.node("BatchNormalization", {"x", "x", "x", "x", "x"}, {"y", "mean"}).output("mean");
     },
     "training outputs"},
    {"UnknownTiles", 1, 6,
     [](Build& b) {
       b.input("n", {1}).input("a", {1}).node("Tile", {"x", "n", "a"}, {"y"});
     },
     "not known"},
    {"NoSuchType", 1, 6, unary("Cast", {{"to", text("QUATERNION")}}), "'QUATERNION' is no element type"},
};

TEST(RaiseOpset, SaysWhatItCannotConvert) {
  for (const Refusal& c : kRefusals) {
    Build build(c.from, 4);
    build.input("x", {2, 3, 4, 5});
    c.build(build);
    const Model model = build.output("y").take();
    auto raised = raise_opset(model, c.to);
    ASSERT_FALSE(raised.ok()) << c.name;
    EXPECT_EQ(raised.error().code, ErrorCode::kUnsupportedOperator) << c.name;
    EXPECT_EQ(raised.error().where, "node_y") << c.name;
    EXPECT_NE(raised.error().message.find(c.says), std::string::npos) << c.name << ": " << raised.error().message;
    EXPECT_FALSE(raised.error().hint.empty());
  }
}

TEST(RaiseOpset, NeverLowers) {
  const Model model = Build(17).input("x", {2}).node("Relu", {"x"}, {"y"}).output("y").done();
  auto same = raise_opset(model, 13);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->opset(), 17);
  EXPECT_FALSE(raise_opset(model, kMaxOpset + 1).ok());
}

TEST(RaiseOpset, RaisesTheIrVersion) {
  const Model model = Build(7, 3).input("x", {2}).node("Relu", {"x"}, {"y"}).output("y").done();
  EXPECT_EQ(raise_opset(model, 8)->ir_version, 3);
  EXPECT_EQ(raise_opset(model, 13)->ir_version, 7);
  EXPECT_EQ(raise_opset(model, 21)->ir_version, 10);
  const Model newer = Build(7, 9).input("x", {2}).node("Relu", {"x"}, {"y"}).output("y").done();
  EXPECT_EQ(raise_opset(newer, 13)->ir_version, 9);
}

// Weights had to be inputs before IR version 4; afterwards that would make them replaceable.
TEST(RaiseOpset, WeightsStopBeingInputs) {
  Model model = Build(7, 3).input("x", {2}).weights("w", {2}).node("Add", {"x", "w"}, {"y"}).output("y").done();
  model.graph.initializer_inputs = {model.graph.find_value("w")};
  EXPECT_TRUE(raise_opset(model, 13)->graph.initializer_inputs.empty());
  EXPECT_EQ(raise_opset(model, 8)->graph.initializer_inputs.size(), 1u);
}

Graph branch(const char* op, Attributes attributes, const char* output) {
  Graph graph;
  const ValueId x = graph.add_value("x");
  graph.value(x).from_outer_scope = true;
  const ValueId y = graph.add_value(output);
  Node node;
  node.op_type = op;
  node.inputs = {x};
  node.outputs = {y};
  node.attributes = std::move(attributes);
  graph.nodes.push_back(std::move(node));
  graph.outputs = {y};
  return graph;
}

TEST(RaiseOpset, ConvertsSubgraphs) {
  const auto then = std::make_shared<const Graph>(branch("Squeeze", {{"axes", ints({0})}}, "a"));
  const auto other = std::make_shared<const Graph>(branch("Identity", {}, "b"));
  const Model model =
      Build(11)
          .input("x", {1, 2})
          .input("c", {}, DType::kBool)
          .node("If", {"c"}, {"y"},
                {{"then_branch", Attribute(GraphPtr(then))}, {"else_branch", Attribute(GraphPtr(other))}})
          .output("y")
          .done();
  auto raised = raise_opset(model, 13);
  ASSERT_TRUE(raised.ok()) << raised.error().message;
  const GraphPtr converted = raised->graph.nodes[0].graph_attr("then_branch");
  EXPECT_EQ(describe(*converted), "()\n  %a = Squeeze(%x, %a_axes)\nreturn %a\n%a_axes = int64[1] {0}\n");
  EXPECT_TRUE(then->nodes[0].has("axes"));
}

// Function bodies have no initializers.
TEST(RaiseOpset, ConvertsLocalFunctions) {
  Model model = Build(11).input("x", {1, 2}).node("Relu", {"x"}, {"y"}).output("y").done();
  Function function;
  function.name = "F";
  function.domain = "local";
  function.opset_imports[""] = 11;
  function.body = branch("Squeeze", {{"axes", ints({0})}}, "a");
  function.body.value(0).from_outer_scope = false;
  function.body.inputs = {0};
  model.functions.push_back(function);
  auto raised = raise_opset(model, 13);
  ASSERT_TRUE(raised.ok()) << raised.error().message;
  EXPECT_EQ(raised->functions[0].opset_imports[""], 13);
  EXPECT_EQ(describe(raised->functions[0].body),
            "(%x)\n  %a_axes = Constant() {value=<int64 [1]>}\n  %a = Squeeze(%x, %a_axes)\nreturn %a\n");
  model.functions[0].body.nodes[0].attributes["axes"] = Attribute();
  model.functions[0].body.nodes[0].attributes["axes"].ref_name = "which";
  EXPECT_FALSE(raise_opset(model, 13).ok());
}

TEST(RaiseOpset, OtherDomainsStayAsTheyAre) {
  Build build(11);
  build.input("x", {1, 2}).node("Squeeze", {"x"}, {"y"}, {{"axes", ints({0})}});
  Model model = build.output("y").take();
  model.graph.nodes[0].domain = "com.example";
  auto raised = raise_opset(model, 13);
  ASSERT_TRUE(raised.ok());
  EXPECT_TRUE(raised->graph.nodes[0].has("axes"));
}

// An adapter for a change that never happened would never run.
TEST(RaiseOpset, AdaptersMatchTheHistory) {
  for (const auto table : {axes_adapters(), broadcast_adapters(), input_adapters(), normalization_adapters(),
                           resize_adapters(), softmax_adapters()}) {
    for (const OpsetAdapter& row : table) {
      EXPECT_TRUE(changed_at(row.op, row.to)) << row.op << " " << row.to;
      EXPECT_FALSE(carries_over(row.op, row.to)) << row.op;
    }
  }
  for (const OpsetAdapter& row : legacy_adapters()) {
    EXPECT_TRUE(row.to == 10 || changed_at(row.op, row.to)) << row.op << " " << row.to;  // 10: experimental operators
  }
  EXPECT_TRUE(carries_over("Conv", 11));
  EXPECT_FALSE(carries_over("Scan", 9));
}

}  // namespace
}  // namespace halftone::testing
