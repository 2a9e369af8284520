// Float operators that work element by element and feed each other: the cases of fuse_chains.
#include "core/ops/op_def.h"
#include "tests/core/compile/rewrites/case.h"

namespace halftone::testing {

std::vector<RewriteCase> chain_cases() {
  const std::string rule = "fuse_chains";
  // More than one piece, and not a whole number of them.
  const auto x = [] { return Make().input("x", {Dim("n"), 40, 30}); };
  const auto number = [](float v) { return Tensor::scalar<float>(v); };
  Make many = x();
  std::string names;
  for (int i = 0; i < 20; ++i) {
    many.node("Tanh", {i == 0 ? "x" : "t" + std::to_string(i)}, {"t" + std::to_string(i + 1)});
    names += i == 0 ? "Tanh" : " Tanh";
  }
  return {
      {"Swish", rule, x().node("Sigmoid", {"x"}, {"s"}).node("Mul", {"s", "x"}, {"y"}).output("y"), "Sigmoid Mul",
       "Chain"},
      {"SwishOfASum", rule,
       x().floats("c", {30})
           .node("Add", {"c", "x"}, {"a"})
           .node("Sigmoid", {"a"}, {"s"})
           .node("Mul", {"a", "s"}, {"m"})
           .node("Sub", {"m", "s"}, {"y"})
           .output("y"),
       "Add Sigmoid Mul Sub", "Chain"},
      {"HardSwishWrittenOut", rule,
       x().constant("three", number(3))
           .constant("zero", number(0))
           .constant("six", number(6))
           .node("Add", {"x", "three"}, {"a"})
           .node("Clip", {"a", "zero", "six"}, {"c"})
           .node("Mul", {"x", "c"}, {"m"})
           .node("Div", {"m", "six"}, {"y"})
           .output("y"),
       "Add Clip Mul Div", "Chain"},
      {"MishWrittenOut", rule,
       x().node("Softplus", {"x"}, {"s"}).node("Tanh", {"s"}, {"t"}).node("Mul", {"x", "t"}, {"y"}).output("y"),
       "Softplus Tanh Mul", "Chain"},
      {"NumbersPerChannel", rule,
       x().floats("scale", {30})
           .floats("shift", {1, 1, 30})
           .floats("slope", {30})
           .node("Mul", {"x", "scale"}, {"m"})
           .node("Add", {"m", "shift"}, {"a"})
           .node("PRelu", {"a", "slope"}, {"y"})
           .output("y"),
       "Mul Add PRelu", "Chain"},
      {"NumbersPerRowStay", rule,
       x().floats("c", {40, 1}).node("Mul", {"x", "c"}, {"m"}).node("Exp", {"m"}, {"y"}).output("y"), "Mul Exp",
       "Mul Exp"},
      {"ConstantFirst", rule,
       x().floats("c", {40, 30}, 1, 2).node("Sub", {"c", "x"}, {"s"}).node("Abs", {"s"}, {"y"}).output("y"), "Sub Abs",
       "Sub Abs"},
      {"ShortConstantFirst", rule,
       x().floats("c", {30}, 1, 2).node("Sub", {"c", "x"}, {"s"}).node("Abs", {"s"}, {"y"}).output("y"), "Sub Abs",
       "Chain"},
      {"TwoInputs", rule,
       x().input("z", {Dim("n"), 40, 30})
           .node("Add", {"x", "z"}, {"a"}, attr(std::string(kClampAttr), std::vector<float>{-0.5f, 1}))
           .node("LeakyRelu", {"a"}, {"l"}, attr("alpha", 0.3f))
           .node("Max", {"l", "z"}, {"y"})
           .output("y"),
       "Add LeakyRelu Max", "Chain"},
      {"OperandThatBroadcastsStays", rule,
       x().input("z", {40, 30}).node("Exp", {"x"}, {"e"}).node("Add", {"e", "z"}, {"y"}).output("y"), "Exp Add",
       "Exp Add"},
      {"ReadTwiceByTheChain", rule,
       x().node("Tanh", {"x"}, {"t"})
           .node("Exp", {"t"}, {"e"})
           .node("Gelu", {"t"}, {"g"}, attr("approximate", std::string("tanh")))
           .node("Div", {"g", "e"}, {"y"})
           .output("y"),
       "Tanh Exp Gelu Div", "Chain"},
      {"ReadElsewhereStays", rule, x().node("Tanh", {"x"}, {"t"}).node("Exp", {"t"}, {"y"}).output("t").output("y"),
       "Tanh Exp", "Tanh Exp"},
      {"NoLongerThanItMayBe", rule, many.output("t20"), names, "Chain Chain"},
  };
}

}  // namespace halftone::testing
