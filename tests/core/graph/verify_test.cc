// verify() refuses every kind of broken graph, naming the place.
#include <gtest/gtest.h>

#include <functional>

#include "core/base/rng.h"
#include "core/graph/edit.h"
#include "tests/core/graph/build.h"

namespace halftone {
namespace {

using testing_graphs::body;
using testing_graphs::Build;

Graph good() {
  const GraphPtr inner = Build("inner").captured("y").node("Neg", {"y"}, {"n"}).output("n").shared();
  return Build()
      .input("x")
      .constant("w", Tensor::of<float>({2}, {1, 2}))
      .node("Add", {"x", "w"}, {"y"})
      .node("If", {"y"}, {"z", ""}, body(inner))
      .output("z")
      .graph();
}

TEST(Verify, AcceptsAGoodGraph) {
  const Graph g = good();
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
  EXPECT_TRUE(verify(Graph(), ErrorCode::kInternal).ok());
}

struct Breakage {
  const char* name;
  std::function<void(Graph&)> apply;
  std::string where;
};

void set_body(Graph& g, const Build& inner) { g.nodes[1].attributes = body(inner.shared()); }

TEST(Verify, NamesWhatIsBroken) {
  const Breakage breakages[] = {
      {"input out of range", [](Graph& g) { g.nodes[0].inputs[0] = 99; }, "make_y"},
      {"negative input", [](Graph& g) { g.nodes[0].inputs[0] = -2; }, "make_y"},
      {"output out of range", [](Graph& g) { g.nodes[0].outputs[0] = 4711; }, "make_y"},
      {"graph output absent", [](Graph& g) { g.outputs[0] = kNoValue; }, "g"},
      {"graph input out of range", [](Graph& g) { g.inputs[0] = 1000; }, "g"},
      {"two producers", [](Graph& g) { g.nodes[1].outputs[0] = g.nodes[0].outputs[0]; }, "make_z"},
      {"input produced", [](Graph& g) { g.nodes[1].outputs[0] = g.inputs[0]; }, "make_z"},
      {"constant produced", [](Graph& g) { g.nodes[1].outputs[0] = g.find_value("w"); }, "make_z"},
      {"input twice", [](Graph& g) { g.inputs.push_back(g.inputs[0]); }, "x"},
      {"constant input", [](Graph& g) { g.inputs.push_back(g.find_value("w")); }, "w"},
      {"same names", [](Graph& g) { g.values[0].name = "w"; }, "w"},
      {"no name", [](Graph& g) { g.values[0].name.clear(); }, "g"},
      {"order", [](Graph& g) { std::swap(g.nodes[0], g.nodes[1]); }, "make_z"},
      {"no operator", [](Graph& g) { g.nodes[0].op_type.clear(); }, "make_y"},
      {"erased node", [](Graph& g) { g.nodes[0].removed = true; }, "make_y"},
      {"output not produced", [](Graph& g) { g.nodes[1].outputs[0] = kNoValue; }, "z"},
      {"constant's type", [](Graph& g) { g.value(g.find_value("w")).dtype = DType::kInt8; }, "w"},
      {"constant's shape", [](Graph& g) { g.value(g.find_value("w")).shape = SymShape::of(Dims{3}); }, "w"},
      {"default without constant", [](Graph& g) { g.initializer_inputs = {g.find_value("y")}; }, "y"},
      {"default out of range", [](Graph& g) { g.initializer_inputs = {77}; }, "g"},
      {"captured at the top",
       [](Graph& g) { g.values.emplace_back().name = "o", g.values.back().from_outer_scope = true; }, "o"},
      {"capture of nothing",
       [](Graph& g) { set_body(g, Build("i").captured("nothing").node("Neg", {"nothing"}, {"n"}).output("n")); },
       "nothing"},
      {"capture of a later value",
       [](Graph& g) { set_body(g, Build("i").captured("z").node("Neg", {"z"}, {"n"}).output("n")); }, "z"},
      {"captured and constant",
       [](Graph& g) { set_body(g, Build("i").captured("y").constant("y", Tensor::scalar(1.0f)).output("y")); }, "y"},
      {"broken subgraph", [](Graph& g) { set_body(g, Build("i").node("Neg", {"q"}, {"n"}).output("n")); }, "make_n"},
  };
  for (const Breakage& breakage : breakages) {
    for (const ErrorCode code : {ErrorCode::kInvalidModel, ErrorCode::kInternal}) {
      Graph g = good();
      breakage.apply(g);
      const Status status = verify(g, code);
      ASSERT_FALSE(status.ok()) << breakage.name;
      EXPECT_EQ(status.error().code, code);
      EXPECT_EQ(status.error().where, breakage.where) << breakage.name << ": " << status.error().message;
      EXPECT_FALSE(status.error().hint.empty());
    }
  }
}

// An If inside a Loop captures from the outermost graph; the Loop's graph does not list the name.
TEST(Verify, CapturesPassThroughGraphsInBetween) {
  const GraphPtr inner = Build("inner").captured("w").node("Neg", {"w"}, {"n"}).output("n").shared();
  const GraphPtr middle = Build("middle").node("If", {}, {"m"}, body(inner)).output("m").shared();
  const Graph g = Build().input("w").node("Loop", {}, {"y"}, body(middle)).output("y").graph();
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
}

// Whatever ids a damaged graph holds: it is refused, or every edit works on it and leaves it good.
TEST(Verify, RandomDamageIsRefusedOrHarmless) {
  Rng rng(77);
  int accepted = 0, refused = 0;
  for (int round = 0; round < 5000; ++round) {
    Graph g = good();
    for (uint32_t edits = 1 + rng.below(3); edits > 0; --edits) {
      Node& node = g.nodes[rng.below(static_cast<uint32_t>(g.nodes.size()))];
      std::vector<ValueId>* const lists[] = {&g.inputs, &g.outputs, &node.inputs, &node.outputs, &g.initializer_inputs};
      std::vector<ValueId>& ids = *lists[rng.below(5)];
      const auto id = static_cast<ValueId>(rng.below(9)) - 2;
      if (ids.empty() || rng.below(3) == 0) {
        ids.push_back(id);
      } else {
        ids[rng.below(static_cast<uint32_t>(ids.size()))] = id;
      }
    }
    if (!verify(g, ErrorCode::kInternal).ok()) {
      ++refused;
      continue;
    }
    ++accepted;
    ASSERT_TRUE(sort_topologically(g).ok()) << print(g);
    replace_uses(g, g.outputs[0], g.inputs[0]);
    compact(g);
    ASSERT_TRUE(verify(g, ErrorCode::kInternal).ok()) << print(g);
  }
  EXPECT_GT(accepted, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace halftone
