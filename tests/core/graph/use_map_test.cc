// Uses and producers, those of subgraphs and graph outputs included.
#include <gtest/gtest.h>

#include "core/graph/edit.h"
#include "tests/core/graph/build.h"

namespace halftone {
namespace {

using testing_graphs::body;
using testing_graphs::Build;

std::vector<std::pair<int32_t, int32_t>> pairs(std::span<const Use> uses) {
  std::vector<std::pair<int32_t, int32_t>> out;
  for (const Use& use : uses) out.emplace_back(use.node, use.input);
  return out;
}

using Pairs = std::vector<std::pair<int32_t, int32_t>>;

TEST(UseMap, ListsEveryUseInOrder) {
  Graph g = Build()
                .input("x")
                .node("Mul", {"x", "x"}, {"y"})
                .node("Clip", {"y", "", "x"}, {"z"})
                .output("z")
                .output("y")
                .graph();
  const UseMap uses(g);
  EXPECT_EQ(pairs(uses.uses(g.find_value("x"))), (Pairs{{0, 0}, {0, 1}, {1, 2}}));
  EXPECT_EQ(pairs(uses.uses(g.find_value("y"))), (Pairs{{1, 0}, {-1, 1}}));
  EXPECT_EQ(uses.producer(g.find_value("x")), -1);
  EXPECT_EQ(uses.producer(g.find_value("y")), 0);
  EXPECT_TRUE(uses.is_graph_output(g.find_value("y")));
  EXPECT_FALSE(uses.is_graph_output(g.find_value("x")));
  EXPECT_TRUE(uses.single_use(g.find_value("z")));
}

TEST(UseMap, ErasedNodesNeitherUseNorProduce) {
  Graph g = Build().input("x").node("Relu", {"x"}, {"y"}).output("y").graph();
  g.nodes[0].removed = true;
  const UseMap uses(g);
  EXPECT_TRUE(uses.uses(g.find_value("x")).empty());
  EXPECT_EQ(uses.producer(g.find_value("y")), -1);
}

TEST(UseMap, CapturesAreUsesOfTheNodeThatHoldsTheSubgraph) {
  const GraphPtr inner = Build("inner").captured("w").node("Neg", {"w"}, {"n"}).output("n").shared();
  // The middle graph only passes "w" on, and defines "own" itself.
  const GraphPtr middle = Build("middle")
                              .captured("x")
                              .node("Abs", {"x"}, {"own"})
                              .node("If", {"own"}, {"m"}, body(inner))
                              .output("m")
                              .shared();
  Graph g =
      Build().input("x").input("w").input("own_outside").node("Loop", {}, {"y"}, body(middle)).output("y").graph();
  const UseMap uses(g);
  EXPECT_EQ(pairs(uses.uses(g.find_value("w"))), (Pairs{{0, -1}}));
  EXPECT_EQ(pairs(uses.uses(g.find_value("x"))), (Pairs{{0, -1}}));
  EXPECT_TRUE(uses.uses(g.find_value("own_outside")).empty());
}

}  // namespace
}  // namespace halftone
