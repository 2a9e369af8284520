// apply_rules: fixed point, statistics, and what it leaves behind.
#include "core/graph/rewrite.h"

#include <gtest/gtest.h>

#include "tests/core/graph/build.h"

namespace halftone {
namespace {

using testing_graphs::Build;

// Neg(Neg(x)) -> x.
bool drop_double_negation(RewriteContext& context) {
  const Node& outer = context.graph.nodes[static_cast<size_t>(context.node)];
  if (outer.op_type != "Neg") return false;
  const int32_t at = context.uses.producer(outer.inputs[0]);
  if (at < 0 || context.graph.nodes[static_cast<size_t>(at)].op_type != "Neg") return false;
  if (context.uses.uses(outer.outputs[0]).empty()) return false;
  replace_uses(context.graph, outer.outputs[0], context.graph.nodes[static_cast<size_t>(at)].inputs[0]);
  return true;
}

// Square(x) -> Mul(x, x), as a node appended at the end.
bool lower_square(RewriteContext& context) {
  Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  if (node.op_type != "Square") return false;
  node.removed = true;
  Node mul;
  mul.op_type = "Mul";
  mul.inputs = {node.inputs[0], node.inputs[0]};
  mul.outputs = node.outputs;
  context.graph.nodes.push_back(std::move(mul));
  return true;
}

constexpr RewriteRule kDrop{"drop_double_negation", "Removes pairs of Neg.", drop_double_negation};
constexpr RewriteRule kLower{"lower_square", "Square becomes Mul.", lower_square};

TEST(Rewrite, RunsToAFixedPointSortsAndCompacts) {
  Graph g = Build()
                .input("x")
                .node("Neg", {"x"}, {"a"})
                .node("Neg", {"a"}, {"b"})
                .node("Neg", {"b"}, {"c"})
                .node("Neg", {"c"}, {"d"})
                .node("Square", {"d"}, {"e"})
                .node("Abs", {"e"}, {"f"})
                .output("f")
                .graph();
  const RewriteRule* rules[] = {&kLower, &kDrop};
  const auto stats = apply_rules(g, 13, rules).value();
  EXPECT_EQ(print(g), "(%x)\n  %e = Mul(%x, %x)\n  %f = Abs(%e)\nreturn %f\n");
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
  ASSERT_EQ(stats.size(), 2u);
  EXPECT_EQ(stats[0].rule, "lower_square");
  EXPECT_EQ(stats[0].applications, 1);
  EXPECT_GE(stats[1].applications, 2);
}

TEST(Rewrite, NothingToDoLeavesTheGraphAsItIs) {
  Graph g = Build().input("x").node("Neg", {"x"}, {"y"}).output("y").graph();
  const std::string before = print(g);
  const RewriteRule* rules[] = {&kDrop};
  const auto stats = apply_rules(g, 13, rules).value();
  EXPECT_EQ(stats[0].applications, 0);
  EXPECT_EQ(print(g), before);
}

bool always(RewriteContext& context) {
  Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  node.op_type += "!";
  return true;
}

TEST(Rewrite, ARuleThatNeverEndsIsStopped) {
  constexpr RewriteRule kAlways{"always", "Changes for ever.", always};
  Graph g = Build().input("x").node("Neg", {"x"}, {"y"}).output("y").graph();
  const RewriteRule* rules[] = {&kAlways};
  EXPECT_EQ(apply_rules(g, 13, rules, 5).value()[0].applications, 5);
}

bool make_cycle(RewriteContext& context) {
  Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  if (node.inputs[0] == node.outputs[0]) return false;
  node.inputs[0] = node.outputs[0];
  return true;
}

TEST(Rewrite, ARuleThatMakesACycleIsAnError) {
  constexpr RewriteRule kCycle{"make_cycle", "Wrong on purpose.", make_cycle};
  Graph g = Build().input("x").node("Neg", {"x"}, {"y"}).output("y").graph();
  const RewriteRule* rules[] = {&kCycle};
  EXPECT_EQ(apply_rules(g, 13, rules).error().where, "make_y");
}

TEST(Rewrite, TheContextKnowsTheModelsOutputsFromTaps) {
  static size_t seen = 0;
  constexpr RewriteRule kLook{"look", "Looks.", [](RewriteContext& context) {
                                seen = context.model_outputs;
                                return false;
                              }};
  Graph g = Build().input("x").node("Neg", {"x"}, {"y"}).output("y").output("x").graph();
  const RewriteRule* rules[] = {&kLook};
  ASSERT_TRUE(apply_rules(g, 13, rules, 8, 1).ok());
  EXPECT_EQ(seen, 1u);
}

}  // namespace
}  // namespace halftone
