// Contrib operators spelled out: the nodes they become, that integer kernels then take them, and forms that stay.
#include "core/passes/canonicalize/expand_contrib.h"

#include "tests/core/compile/make.h"
#include "tests/core/graph/build.h"

namespace halftone::testing {
namespace {

Model contrib(Model model) {
  model.opset_imports["com.microsoft"] = 1;
  for (Node& node : model.graph.nodes) {
    if (node.op_type.starts_with("QLinear") || node.op_type.starts_with("Fused")) node.domain = "com.microsoft";
  }
  return model;
}

Model expanded(const Model& model) {
  auto out = expand_contrib(model);
  EXPECT_TRUE(out.ok()) << text(out.error());
  return out.ok() ? *std::move(out) : Model();
}

std::string nodes_of(const Model& model) {
  std::string list;
  for (const Node& node : model.graph.nodes) list += (list.empty() ? "" : " ") + node.domain + node.op_type;
  return list;
}

Make quantized_pair() {
  return std::move(Make(13)
                       .input("a", {1, 2, 4, 4}, DType::kUint8)
                       .input("b", {1, 2, 4, 4}, DType::kUint8)
                       .constant("s", Tensor::scalar<float>(0.05f))
                       .constant("z", Tensor::scalar<uint8_t>(100))
                       .constant("t", Tensor::scalar<float>(0.08f))
                       .constant("y", Tensor::scalar<uint8_t>(120)));
}

TEST(ExpandContrib, QuantizedOperatorsRunOnIntegers) {
  const Model model = contrib(
      quantized_pair()
          .node("QLinearAdd", {"a", "s", "z", "b", "s", "z", "t", "y"}, {"sum"})
          .node("QLinearMul", {"sum", "t", "y", "a", "s", "z", "t", "y"}, {"product"})
          .node("QLinearLeakyRelu", {"product", "t", "y", "t", "y"}, {"leaky"}, attr("alpha", 0.2f))
          .node("QLinearConcat", {"t", "y", "leaky", "t", "y", "a", "s", "z"}, {"joined"}, attr("axis", int64_t{1}))
          .node("QLinearGlobalAveragePool", {"joined", "t", "y", "t", "y"}, {"mean"}, attr("channels_last", int64_t{0}))
          .node("QLinearSigmoid", {"mean", "t", "y", "t", "y"}, {"out"})
          .output("out"));
  const Model plain = expanded(model);
  EXPECT_EQ(ops(*compiled(plain)), "Add* Mul* LeakyRelu* Concat* GlobalAveragePool* Sigmoid*");
  CompileOptions simulated;
  simulated.integer = false;
  const Feeds feeds = random_feeds(plain, 3);
  expect_same_outputs(ran(plain, feeds), ran(plain, feeds, simulated), 0);
}

TEST(ExpandContrib, FusedConvBecomesConvSumAndActivation) {
  const Attributes clip = {{"activation", Attribute(std::string("Clip"))},
                           {"activation_params", Attribute(std::vector<float>{-0.5f, 0.5f})},
                           {"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}};
  const auto make = [&](bool fused) {
    Make m(13);
    m.input("x", {1, 3, 5, 5}).floats("w", {4, 3, 3, 3}).floats("b", {4}).floats("z", {1, 4, 5, 5});
    if (fused) return m.node("FusedConv", {"x", "w", "b", "z"}, {"y"}, clip).output("y");
    return m.constant("lo", Tensor::scalar(-0.5f))
        .constant("hi", Tensor::scalar(0.5f))
        .node("Conv", {"x", "w", "b"}, {"c"}, attr("pads", std::vector<int64_t>{1, 1, 1, 1}))
        .node("Add", {"c", "z"}, {"s"})
        .node("Clip", {"s", "lo", "hi"}, {"y"})
        .output("y");
  };
  const Model fused = expanded(contrib(make(true)));
  EXPECT_EQ(nodes_of(fused), "Conv Add Clip");
  const Feeds feeds = random_feeds(fused, 1);
  expect_same_outputs(ran(fused, feeds), ran(make(false), feeds), 0);
}

TEST(ExpandContrib, FusedGemmKeepsItsOwnAttributes) {
  const Attributes attributes = {{"activation", Attribute(std::string("LeakyRelu"))},
                                 {"activation_alpha", Attribute(0.5f)},
                                 {"transB", Attribute(int64_t{1})}};
  const Model model = expanded(contrib(Make(13)
                                           .input("x", {2, 3})
                                           .floats("w", {4, 3})
                                           .floats("b", {4})
                                           .node("FusedGemm", {"x", "w", "b"}, {"y"}, attributes)
                                           .output("y")));
  ASSERT_EQ(nodes_of(model), "Gemm LeakyRelu");
  EXPECT_EQ(model.graph.nodes[0].int_attr("transB", 0), 1);
  EXPECT_FALSE(model.graph.nodes[0].has("activation"));
  EXPECT_EQ(model.graph.nodes[1].float_attr("alpha", 0), 0.5f);
}

TEST(ExpandContrib, FormsWithoutAStandardOneStay) {
  const Model last =
      contrib(quantized_pair()
                  .node("QLinearGlobalAveragePool", {"a", "s", "z", "t", "y"}, {"m"}, attr("channels_last", int64_t{1}))
                  .output("m"));
  EXPECT_EQ(nodes_of(expanded(last)), "com.microsoftQLinearGlobalAveragePool");
  Model old = contrib(quantized_pair().node("QLinearAdd", {"a", "s", "z", "b", "s", "z", "t", "y"}, {"m"}).output("m"));
  old.opset_imports[""] = 9;
  EXPECT_EQ(nodes_of(expanded(old)), "com.microsoftQLinearAdd");
}

TEST(ExpandContrib, ReachesIntoSubgraphs) {
  using testing_graphs::Build;
  Graph branch = Build("b")
                     .captured("a")
                     .captured("s")
                     .captured("z")
                     .node("QLinearSigmoid", {"a", "s", "z", "s", "z"}, {"inner"})
                     .output("inner")
                     .graph();
  branch.nodes[0].domain = "com.microsoft";
  const auto shared = std::make_shared<const Graph>(branch);
  Attributes both = {{"then_branch", Attribute(GraphPtr(shared))}, {"else_branch", Attribute(GraphPtr(shared))}};
  const Model model =
      contrib(quantized_pair().input("flag", {}, DType::kBool).node("If", {"flag"}, {"m"}, both).output("m"));
  const Model plain = expanded(model);
  const GraphPtr inner = plain.graph.nodes[0].graph_attr("then_branch");
  ASSERT_EQ(inner->nodes.size(), 3u);
  EXPECT_EQ(inner->nodes[1].op_type, "Sigmoid");
  EXPECT_EQ(shared->nodes.size(), 1u) << "the given model has changed";
  EXPECT_NE(compiled(plain), nullptr);
}

}  // namespace
}  // namespace halftone::testing
