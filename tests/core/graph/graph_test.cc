// Attributes, names, labels and printing.
#include "core/graph/graph.h"

#include <gtest/gtest.h>

#include "core/graph/edit.h"
#include "core/graph/names.h"
#include "tests/core/graph/build.h"

namespace halftone {
namespace {

using testing_graphs::body;
using testing_graphs::Build;

TEST(Node, AttributesFallBackWhenAbsentOrOfAnotherKind) {
  Node n;
  n.attributes["i"] = Attribute(int64_t{3});
  n.attributes["f"] = Attribute(0.5f);
  n.attributes["s"] = Attribute(std::string("SAME"));
  n.attributes["is"] = Attribute(std::vector<int64_t>{1, 2});
  n.attributes["fs"] = Attribute(std::vector<float>{1, 2});
  n.attributes["t"] = Attribute(Tensor::scalar(1.0f));
  n.attributes["g"] = Attribute(Build("inner").shared());
  EXPECT_EQ(n.int_attr("i", 7), 3);
  EXPECT_EQ(n.int_attr("f", 7), 7);
  EXPECT_EQ(n.int_attr("none", 7), 7);
  EXPECT_EQ(n.float_attr("f", 2), 0.5f);
  EXPECT_EQ(n.float_attr("i", 2), 2);
  EXPECT_EQ(n.string_attr("s", "x"), "SAME");
  EXPECT_EQ(n.string_attr("none", "x"), "x");
  EXPECT_EQ(n.ints_attr("is"), (std::vector<int64_t>{1, 2}));
  EXPECT_TRUE(n.ints_attr("i").empty());
  EXPECT_EQ(n.floats_attr("fs").size(), 2u);
  EXPECT_NE(n.tensor_attr("t"), nullptr);
  EXPECT_EQ(n.tensor_attr("s"), nullptr);
  EXPECT_EQ(n.graph_attr("g")->name, "inner");
  EXPECT_EQ(n.graph_attr("t"), nullptr);
  EXPECT_TRUE(n.has("i"));
  EXPECT_FALSE(n.has("none"));
  EXPECT_EQ(n.input(0), kNoValue);
}

TEST(Graph, NewNamesAreUniqueAlsoAgainstSubgraphs) {
  const GraphPtr inner = Build("inner").node("Neg", {}, {"x_1"}).output("x_1").shared();
  Graph g = Build().input("x").node("If", {}, {"y"}, body(inner)).output("y").graph();
  EXPECT_EQ(g.value(g.add_value("x")).name, "x_2");
  EXPECT_EQ(g.value(g.add_constant("w", Tensor::scalar(2.0f))).name, "w");
  const ValueId w = g.add_constant("w", Tensor::of<float>({2}, {1, 2}));
  EXPECT_EQ(g.value(w).name, "w_1");
  EXPECT_EQ(g.value(w).dtype, DType::kFloat);
  EXPECT_EQ(g.value(w).shape.to_string(), "[2]");
  EXPECT_EQ(g.unique_node_name("make_y"), "make_y_1");
  EXPECT_EQ(g.unique_node_name("fresh"), "fresh");
  g.nodes[0].removed = true;
  EXPECT_EQ(g.unique_node_name("make_y"), "make_y");
}

TEST(NameIndex, GivesTheNamesThatTheGraphWouldGive) {
  const GraphPtr inner = Build("inner").node("Neg", {}, {"x_1"}).output("x_1").shared();
  const Graph original = Build().input("x").node("If", {}, {"y"}, body(inner)).output("y").graph();
  Graph a = original, b = original;
  NameIndex index(b);
  for (const char* base : {"x", "x", "y", "x_2", "new", "new", "x"}) {
    const ValueId expected = a.add_value(base), got = index.add_value(base);
    EXPECT_EQ(got, expected);
    EXPECT_EQ(b.value(got).name, a.value(expected).name);
    EXPECT_EQ(index.find_value(b.value(got).name), got);
  }
  EXPECT_EQ(index.find_value("x_1"), kNoValue);  // only inside of the subgraph
  EXPECT_EQ(index.find_value("absent"), kNoValue);
  EXPECT_EQ(index.take_node_name("make_y"), "make_y_1");
  EXPECT_EQ(index.take_node_name("make_y"), "make_y_2");
  EXPECT_EQ(b.value(index.add_constant("c", Tensor::scalar(1.0f))).constant.size(), 1);
}

TEST(NameIndex, AHundredThousandValuesOfOneBase) {
  Graph g;
  NameIndex index(g);
  for (int i = 0; i < 100000; ++i) index.add_value("value");
  EXPECT_EQ(g.values.back().name, "value_99999");
  EXPECT_TRUE(verify(g, ErrorCode::kInternal).ok());
}

TEST(Graph, LabelsFallBackToOperatorAndOutput) {
  Graph g = Build().input("x").node("Conv", {"x"}, {"y"}).graph();
  EXPECT_EQ(node_label(g, g.nodes[0]), "make_y");
  g.nodes[0].name.clear();
  EXPECT_EQ(node_label(g, g.nodes[0]), "Conv -> y");
  g.nodes[0].outputs = {kNoValue, 99};
  EXPECT_EQ(node_label(g, g.nodes[0]), "Conv");
}

TEST(Graph, PrintsOneLinePerNode) {
  Attributes attributes;
  attributes["alpha"] = Attribute(1e-7f);
  attributes["mode"] = Attribute(std::string("floor"));
  attributes["pads"] = Attribute(std::vector<int64_t>{0, 1});
  attributes["t"] = Attribute(Tensor::of<int8_t>({2}, {1, 2}));
  Graph g = Build().input("x").node("Op", {"x", "", "x"}, {"y", ""}, attributes).output("y").graph();
  g.nodes[0].domain = "com.example";
  EXPECT_EQ(print(g),
            "(%x)\n  %y, _ = com.example::Op(%x, _, %x) {alpha=1e-07, mode=\"floor\", pads=[0, 1], "
            "t=<int8 [2]>}\nreturn %y\n");
}

TEST(Model, OpsetOfADomainThatIsNotImportedIsZero) {
  Model m;
  m.opset_imports = {{"", 13}, {"com.microsoft", 1}};
  EXPECT_EQ(m.opset(), 13);
  EXPECT_EQ(m.opset("com.microsoft"), 1);
  EXPECT_EQ(m.opset("ai.onnx.ml"), 0);
}

}  // namespace
}  // namespace halftone
