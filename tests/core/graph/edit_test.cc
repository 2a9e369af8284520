// Redirecting uses and compacting.
#include "core/graph/edit.h"

#include <gtest/gtest.h>

#include "core/graph/subgraphs.h"
#include "tests/core/graph/build.h"

namespace halftone {
namespace {

using testing_graphs::body;
using testing_graphs::Build;

TEST(ReplaceUses, ReachesNodesOutputsAndNestedCaptures) {
  const GraphPtr inner = Build("inner").captured("x").node("Neg", {"x"}, {"n"}).output("n").shared();
  const GraphPtr middle = Build("middle").node("If", {}, {"m"}, body(inner)).output("m").shared();
  Graph g = Build()
                .input("x")
                .input("z")
                .node("Add", {"x", "x"}, {"y"})
                .node("Loop", {}, {"l"}, body(middle))
                .output("y")
                .output("x")
                .output("l")
                .graph();
  replace_uses(g, g.find_value("x"), g.find_value("z"));

  EXPECT_EQ(print(g), "(%x, %z)\n  %y = Add(%z, %z)\n  %l = Loop() {body=<graph middle>}\nreturn %y, %z, %l\n");
  EXPECT_EQ(captured_names(g.nodes[1]), (std::unordered_set<std::string_view>{"z"}));
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
  // The subgraphs were shared: nobody else's may change.
  EXPECT_EQ(inner->values[0].name, "x");
  EXPECT_NE(g.nodes[1].graph_attr("body"), middle);
}

TEST(ReplaceUses, LeavesSubgraphsAloneThatDoNotCapture) {
  const GraphPtr inner = Build("inner").captured("w").node("Neg", {"w"}, {"n"}).output("n").shared();
  Graph g = Build().input("x").input("w").input("z").node("If", {"x"}, {"y"}, body(inner)).output("y").graph();
  replace_uses(g, g.find_value("x"), g.find_value("z"));
  EXPECT_EQ(g.nodes[0].graph_attr("body"), inner);
}

TEST(ReplaceUses, ASubgraphMayCaptureBothNames) {
  const GraphPtr inner = Build("inner").captured("x").captured("z").node("Sub", {"x", "z"}, {"n"}).output("n").shared();
  Graph g = Build().input("x").input("z").node("If", {}, {"y"}, body(inner)).output("y").graph();
  replace_uses(g, g.find_value("x"), g.find_value("z"));
  EXPECT_EQ(print(*g.nodes[0].graph_attr("body")), "()\n  %n = Sub(%z, %z)\nreturn %n\n");
  EXPECT_EQ(captured_names(g.nodes[0]), (std::unordered_set<std::string_view>{"z"}));
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
}

TEST(Compact, SweepsErasedDeadAndUnused) {
  Graph g = Build()
                .input("unused_input")
                .input("x")
                .constant("w", Tensor::scalar(1.0f))
                .constant("lonely", Tensor::scalar(2.0f))
                .node("Add", {"x", "w"}, {"y"})
                .node("Neg", {"y"}, {"dead"})
                .node("Abs", {"dead"}, {"deader"})
                .node("Relu", {"y"}, {"erased"})
                .node("Split", {"y"}, {"z", "rest"})
                .output("z")
                .graph();
  g.nodes[3].removed = true;
  const std::vector<ValueId> renumbered = compact(g);
  EXPECT_EQ(print(g), "(%unused_input, %x)\n  %y = Add(%x, %w)\n  %z, %rest = Split(%y)\nreturn %z\n");
  std::vector<std::string> names;
  for (const Value& v : g.values) names.push_back(v.name);
  EXPECT_EQ(names, (std::vector<std::string>{"unused_input", "x", "w", "y", "z", "rest"}));
  EXPECT_EQ(renumbered, (std::vector<ValueId>{0, 1, 2, kNoValue, 3, kNoValue, kNoValue, kNoValue, 4, 5}));
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
}

TEST(Compact, KeepsWhatSubgraphsCapture) {
  const GraphPtr inner = Build("inner").captured("w").captured("p").node("Add", {"w", "p"}, {"n"}).output("n").shared();
  Graph g = Build()
                .input("x")
                .constant("w", Tensor::scalar(1.0f))
                .node("Neg", {"x"}, {"p"})
                .node("If", {"x"}, {"y"}, body(inner))
                .output("y")
                .graph();
  compact(g);
  EXPECT_EQ(g.nodes.size(), 2u);
  EXPECT_NE(g.find_value("w"), kNoValue);
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
}

TEST(Compact, DropsUnusedDefaultsOfInputs) {
  Graph g = Build()
                .input("x")
                .constant("w", Tensor::scalar(1.0f))
                .constant("v", Tensor::scalar(1.0f))
                .node("Add", {"x", "v"}, {"y"})
                .output("y")
                .graph();
  g.initializer_inputs = {g.find_value("w"), g.find_value("v")};
  compact(g);
  EXPECT_EQ(g.initializer_inputs, (std::vector<ValueId>{g.find_value("v")}));
}

TEST(Compact, CopiesOfAGraphShareWeights) {
  const Graph g = Build().constant("w", Tensor::of<float>({2}, {1, 2})).output("w").graph();
  Graph copy = g;
  compact(copy);
  EXPECT_TRUE(copy.values[0].constant.same_storage(g.values[0].constant));
}

}  // namespace
}  // namespace halftone
