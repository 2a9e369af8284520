// What is done to the results of a convolution or a product while they are at hand: a bias added, a clamp.
#include "tests/core/compile/rewrites/case.h"

namespace halftone::testing {

std::vector<RewriteCase> bias_cases() {
  const std::string rule = "fuse_conv_bias_add", gemm = "matmul_add_to_gemm";
  const auto plus = [](Make make, const Dims& dims, std::vector<std::string> conv_inputs = {"x", "w"}) {
    return make.floats("k", dims).node("Conv", conv_inputs, {"c"}).node("Add", {"c", "k"}, {"y"}).output("y");
  };
  const auto product = [] { return Make().input("x", {2, 3}).floats("w", {3, 4}); };
  return {
      {"PerChannel", rule, plus(conv(), {4, 1, 1}), "Conv Add", "Conv", 1e-6f},
      {"PerChannelWithBatch", rule, plus(conv(), {1, 4, 1, 1}), "Conv Add", "Conv", 1e-6f},
      {"OntoBias", rule, plus(conv(), {4, 1, 1}, {"x", "w", "b"}), "Conv Add", "Conv", 1e-6f},
      {"OneNumber", rule, plus(conv(), {}), "Conv Add", "Conv", 1e-6f},
      {"AlongWidthStays", rule, plus(conv(), {4}), "Conv Add", "Conv Add"},
      {"ConstantFirst", rule,
       conv().floats("k", {4, 1, 1}).node("Conv", {"x", "w"}, {"c"}).node("Add", {"k", "c"}, {"y"}).output("y"),
       "Conv Add", "Conv", 1e-6f},
      {"MatMulPlusRow", gemm,
       product().floats("k", {4}).node("MatMul", {"x", "w"}, {"c"}).node("Add", {"c", "k"}, {"y"}).output("y"),
       "MatMul Add", "Gemm", 1e-6f},
      {"MatMulPlusMatrixStays", gemm,
       product().floats("k", {2, 4}).node("MatMul", {"x", "w"}, {"c"}).node("Add", {"c", "k"}, {"y"}).output("y"),
       "MatMul Add", "MatMul Add"},
      {"MatMulOfRankThreeStays", gemm,
       Make()
           .input("x", {1, 2, 3})
           .floats("w", {3, 4})
           .floats("k", {4})
           .node("MatMul", {"x", "w"}, {"c"})
           .node("Add", {"c", "k"}, {"y"})
           .output("y"),
       "MatMul Add", "MatMul Add"},
  };
}

std::vector<RewriteCase> activation_cases() {
  const std::string rule = "fuse_activation";
  const auto scalar = [](float v) { return Tensor::scalar<float>(v); };
  const auto convolved = [] { return conv().node("Conv", {"x", "w", "b"}, {"c"}); };
  return {
      {"ReluIntoConv", rule, convolved().node("Relu", {"c"}, {"y"}).output("y"), "Conv Relu", "Conv"},
      {"ClipIntoConv", rule,
       convolved()
           .constant("lo", scalar(-0.5f))
           .constant("hi", scalar(0.5f))
           .node("Clip", {"c", "lo", "hi"}, {"y"})
           .output("y"),
       "Conv Clip", "Conv"},
      {"OneSidedClip", rule, convolved().constant("hi", scalar(0.5f)).node("Clip", {"c", "", "hi"}, {"y"}).output("y"),
       "Conv Clip", "Conv"},
      {"ClipByAttributes", rule,
       conv(10)
           .node("Conv", {"x", "w"}, {"c"})
           .node("Clip", {"c"}, {"y"}, {{"min", Attribute(0.0f)}, {"max", Attribute(0.25f)}})
           .output("y"),
       "Conv Clip", "Conv"},
      {"ReluThenClip", rule,
       convolved()
           .constant("hi", scalar(0.5f))
           .node("Relu", {"c"}, {"r"})
           .node("Clip", {"r", "", "hi"}, {"y"})
           .output("y"),
       "Conv Relu Clip", "Conv"},
      {"ClipThenReluOverNegativeRange", rule,
       convolved()
           .constant("hi", scalar(-0.5f))
           .node("Clip", {"c", "", "hi"}, {"r"})
           .node("Relu", {"r"}, {"y"})
           .output("y"),
       "Conv Clip Relu", "Conv"},
      {"IntoAdd", rule,
       Make().input("x", {4}).input("z", {4}).node("Add", {"x", "z"}, {"c"}).node("Relu", {"c"}, {"y"}).output("y"),
       "Add Relu", "Add"},
      {"IntoGemm", rule,
       Make()
           .input("x", {2, 3})
           .floats("w", {3, 4})
           .node("Gemm", {"x", "w"}, {"c"})
           .node("Relu", {"c"}, {"y"})
           .output("y"),
       "Gemm Relu", "Gemm"},
      {"IntoMatMul", rule,
       Make()
           .input("x", {2, 3})
           .floats("w", {3, 4})
           .node("MatMul", {"x", "w"}, {"c"})
           .node("Relu", {"c"}, {"y"})
           .output("y"),
       "MatMul Relu", "MatMul"},
      {"OutputBetweenStays", rule, convolved().node("Relu", {"c"}, {"y"}).output("y").output("c"), "Conv Relu",
       "Conv Relu"},
      {"BoundThatIsFedStays", rule, convolved().input("hi", {}).node("Clip", {"c", "", "hi"}, {"y"}).output("y"),
       "Conv Clip", "Conv Clip"},
      {"AfterMulStays", rule,
       Make().input("x", {4}).node("Mul", {"x", "x"}, {"c"}).node("Relu", {"c"}, {"y"}).output("y"), "Mul Relu",
       "Mul Relu"},
  };
}

}  // namespace halftone::testing
