// Topological order: valid, stable, and naming a node of the cycle where there is none.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/base/rng.h"
#include "core/graph/edit.h"
#include "tests/core/graph/build.h"

namespace halftone {
namespace {

using testing_graphs::body;
using testing_graphs::Build;

std::vector<std::string> order_of(const Graph& g) {
  std::vector<std::string> out;
  for (const Node& n : g.nodes) out.push_back(n.name);
  return out;
}

TEST(Sort, OrdersAndKeepsTheGivenOrderWhereItAllows) {
  Graph g = Build()
                .input("x")
                .node("A", {"b"}, {"a"})
                .node("C", {"x"}, {"c"})
                .node("B", {"x"}, {"b"})
                .node("D", {"a", "c"}, {"d"})
                .output("d")
                .graph();
  ASSERT_TRUE(sort_topologically(g).ok());
  EXPECT_EQ(order_of(g), (std::vector<std::string>{"make_c", "make_b", "make_a", "make_d"}));
  const auto once = order_of(g);
  ASSERT_TRUE(sort_topologically(g).ok());
  EXPECT_EQ(order_of(g), once);
}

TEST(Sort, CapturesCountAsEdges) {
  const GraphPtr inner = Build("inner").captured("p").node("Neg", {"p"}, {"n"}).output("n").shared();
  Graph g = Build().input("x").node("If", {"x"}, {"y"}, body(inner)).node("Abs", {"x"}, {"p"}).output("y").graph();
  ASSERT_TRUE(sort_topologically(g).ok());
  EXPECT_EQ(order_of(g), (std::vector<std::string>{"make_p", "make_y"}));
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
}

TEST(Sort, NamesANodeOnTheCycleNotOneBehindIt) {
  struct Case {
    Graph graph;
    std::set<std::string> on_cycle;
  };
  const GraphPtr self = Build("self").captured("y").node("Neg", {"y"}, {"n"}).output("n").shared();
  const Case cases[] = {
      {Build().node("A", {"a"}, {"a"}).output("a").graph(), {"make_a"}},
      {Build()
           .input("x")
           .node("Behind", {"b"}, {"e"})
           .node("A", {"x", "b"}, {"a"})
           .node("B", {"a"}, {"b"})
           .output("e")
           .graph(),
       {"make_a", "make_b"}},
      {Build()
           .input("x")
           .node("F", {"e"}, {"f"})
           .node("E", {"c", "e0"}, {"e"})
           .node("Z", {"x"}, {"e0"})
           .node("A", {"c"}, {"a"})
           .node("B", {"a"}, {"b"})
           .node("C", {"b"}, {"c"})
           .output("f")
           .graph(),
       {"make_a", "make_b", "make_c"}},
      {Build().node("If", {}, {"y"}, body(self)).output("y").graph(), {"make_y"}},
  };
  for (const Case& c : cases) {
    Graph g = c.graph;
    const Status status = sort_topologically(g);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidModel);
    EXPECT_TRUE(c.on_cycle.contains(status.error().where)) << status.error().where;
    EXPECT_EQ(order_of(g), order_of(c.graph));
  }
}

// A long chain in random order, each node also reading a random earlier one.
TEST(Sort, LargeShuffledGraph) {
  constexpr int kNodes = 20000;
  Rng rng(5);
  Graph g;
  for (int i = 0; i <= kNodes; ++i) g.values.emplace_back().name = "v" + std::to_string(i);
  g.inputs = {0};
  g.outputs = {kNodes};
  for (int i = 0; i < kNodes; ++i) {
    Node node;
    node.op_type = "Add";
    node.inputs = {i, static_cast<ValueId>(rng.below(static_cast<uint32_t>(i) + 1))};
    node.outputs = {i + 1};
    g.nodes.push_back(std::move(node));
  }
  for (size_t i = g.nodes.size(); i-- > 1;) std::swap(g.nodes[i], g.nodes[rng.below(static_cast<uint32_t>(i) + 1)]);
  EXPECT_FALSE(verify(g, ErrorCode::kInternal).ok());
  ASSERT_TRUE(sort_topologically(g).ok());
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
}

}  // namespace
}  // namespace halftone
