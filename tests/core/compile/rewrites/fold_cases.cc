// What needs no computing, or none at each run: nodes that do nothing, detours over half floats, constants.
#include "core/tensor/convert.h"
#include "tests/core/compile/rewrites/case.h"

namespace halftone::testing {

std::vector<RewriteCase> identity_cases() {
  const std::string rule = "drop_identity";
  const auto x = [](int64_t opset = 13) { return Make(opset).input("x", {Dim("n"), 4}); };
  return {
      {"Identity", rule, x().node("Relu", {"x"}, {"a"}).node("Identity", {"a"}, {"y"}).output("y"), "Relu Identity",
       "Relu"},
      {"ChainOfIdentities", rule,
       x().node("Identity", {"x"}, {"a"}).node("Identity", {"a"}, {"b"}).node("Relu", {"b"}, {"y"}).output("y"),
       "Identity Identity Relu", "Relu"},
      {"InputIsOutput", rule, x().node("Identity", {"x"}, {"y"}).output("y"), "Identity", ""},
      {"CastToOwnType", rule, x().node("Cast", {"x"}, {"y"}, attr("to", int64_t{1})).output("y"), "Cast", ""},
      {"CastToOtherType", rule, x().node("Cast", {"x"}, {"y"}, attr("to", int64_t{6})).output("y"), "Cast", "Cast"},
      {"ReshapeToOwnShape", rule,
       Make().input("x", {2, 4}).ints("s", {2, -1}).node("Reshape", {"x", "s"}, {"y"}).output("y"), "Reshape", ""},
      {"ReshapeToOtherShape", rule,
       Make().input("x", {2, 4}).ints("s", {4, 2}).node("Reshape", {"x", "s"}, {"y"}).output("y"), "Reshape",
       "Reshape"},
      {"FlattenOfMatrix", rule, x().node("Flatten", {"x"}, {"y"}).output("y"), "Flatten", ""},
      {"TransposeByIdentity", rule,
       x().node("Transpose", {"x"}, {"y"}, attr("perm", std::vector<int64_t>{0, 1})).output("y"), "Transpose", ""},
      {"TransposeByDefault", rule, x().node("Transpose", {"x"}, {"y"}).output("y"), "Transpose", "Transpose"},
      {"PadByZeros", rule, x().ints("p", {0, 0, 0, 0}).node("Pad", {"x", "p"}, {"y"}).output("y"), "Pad", ""},
      {"PadByOne", rule, x().ints("p", {0, 0, 0, 1}).node("Pad", {"x", "p"}, {"y"}).output("y"), "Pad", "Pad"},
      {"ConcatOfOne", rule, x().node("Concat", {"x"}, {"y"}, attr("axis", int64_t{1})).output("y"), "Concat", ""},
      {"DropoutAtInference", rule, x().node("Dropout", {"x"}, {"y"}).output("y"), "Dropout", ""},
      {"DropoutWithMaskInUse", rule, x().node("Dropout", {"x"}, {"y", "mask"}).output("y").output("mask"), "Dropout",
       "Dropout"},
  };
}

std::vector<RewriteCase> type_cases() {
  const std::string rule = "compute_in_float";
  const auto half = [](DType type) {
    return Make()
        .input("x", {1, 3, 6, 6})
        .node("Cast", {"x"}, {"h"}, attr("to", static_cast<int64_t>(type)))
        .constant("w", *convert(random_floats({4, 3, 3, 3}, 5), type))
        .node("Conv", {"h", "w"}, {"c"})
        .node("Relu", {"c"}, {"r"});
  };
  const auto to_float = attr("to", int64_t{1});
  return {
      {"CastsInside", rule, half(DType::kFloat16).node("Cast", {"r"}, {"y"}, to_float).output("y"),
       "Cast Conv Relu Cast", "Conv Relu Cast", 0.01f},
      {"BfloatBranches", rule,
       half(DType::kBFloat16).node("Add", {"r", "c"}, {"a"}).node("Cast", {"a"}, {"y"}, to_float).output("y"),
       "Cast Conv Relu Add Cast", "Conv Relu Add Cast", 0.03f},
      {"OtherOutputType", rule, half(DType::kFloat16).node("Shape", {"r"}, {"y"}).output("y"), "Cast Conv Relu Shape",
       "Conv Relu Shape"},
      {"FloatStays", rule, conv().node("Conv", {"x", "w"}, {"y"}).output("y"), "Conv", "Conv"},
  };
}

std::vector<RewriteCase> fold_cases() {
  const std::string rule = "fold_constants";
  return {
      {"SumOfConstants", rule,
       Make()
           .input("x", {4})
           .floats("a", {4})
           .floats("b", {4})
           .node("Add", {"a", "b"}, {"c"})
           .node("Mul", {"x", "c"}, {"y"})
           .output("y"),
       "Add Mul", "Mul"},
      {"ShapeOfKnownShape", rule, Make().input("x", {2, 3, 4}).node("Shape", {"x"}, {"y"}).output("y"), "Shape", ""},
      {"ShapeOfUnknownShape", rule, Make().input("x", {Dim("n"), 3}).node("Shape", {"x"}, {"y"}).output("y"), "Shape",
       "Shape"},
      {"DequantizedWeightsStay", rule,
       Make().input("x", {4}).int8_weight("w", {4}, 0.1f).node("Mul", {"x", "w_d"}, {"y"}).output("y"),
       "DequantizeLinear Mul", "DequantizeLinear Mul"},
      {"TooLargeStays", rule,
       Make()
           .ints("s", {1 << 12, 1 << 12})
           .input("x", {1})
           .node("ConstantOfShape", {"s"}, {"c"})
           .node("ReduceMean", {"c"}, {"m"})
           .node("Add", {"x", "m"}, {"y"})
           .output("y"),
       "ConstantOfShape ReduceMean Add", "ConstantOfShape ReduceMean Add"},
      {"DequantizedOnce", "fold_dequantize",
       Make().input("x", {4}).int8_weight("w", {4}, 0.1f).node("Mul", {"x", "w_d"}, {"y"}).output("y"),
       "DequantizeLinear Mul", "Mul"},
      {"LookedUpOnce", "fold_codebook",
       Make()
           .input("x", {2, 2})
           .floats("levels", {4})
           .constant("codes", Tensor::of<uint8_t>({2, 2}, {3, 0, 2, 2}))
           .node("Cast", {"codes"}, {"indices"}, attr("to", static_cast<int64_t>(DType::kInt32)))
           .node("Gather", {"levels", "indices"}, {"w"})
           .node("Mul", {"x", "w"}, {"y"})
           .output("y"),
       "Cast Gather Mul", "Mul"},
      {"LookedUpIndicesThatOthersRead", "fold_codebook",
       Make()
           .input("x", {2})
           .floats("levels", {4})
           .constant("codes", Tensor::of<uint8_t>({2}, {3, 0}))
           .node("Cast", {"codes"}, {"indices"}, attr("to", static_cast<int64_t>(DType::kInt32)))
           .node("Gather", {"levels", "indices"}, {"w"})
           .node("Mul", {"x", "w"}, {"y"})
           .output("y")
           .output("indices"),
       "Cast Gather Mul", "Cast Gather Mul"},
  };
}

}  // namespace halftone::testing
