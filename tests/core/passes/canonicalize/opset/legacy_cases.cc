// Normalizations, and operators of the first opsets that have other names, types or attributes now.
#include "tests/core/passes/canonicalize/opset/case.h"

namespace halftone::testing {

std::vector<OpsetCase> normalization_cases() {
  return {
      {"BatchNormalization", 6, 14,
       [](Build& b) {
         b.weights("s", {3}).weights("o", {3}).weights("m", {3}).constant("v", Tensor::of<float>({3}, {1, 1, 1}));
         b.node("BatchNormalization", {"x", "s", "o", "m", "v"}, {"y", "unused"},
                {{"is_test", integer(1)}, {"spatial", integer(1)}, {"epsilon", real(0.5f)}});
         b.node("Relu", {"y"}, {"r"});
       },
       "(%x)\n  %y = BatchNormalization(%x, %s, %o, %m, %v) {epsilon=0.5}\nreturn %y\n%s = float32[3] {0.01, -0.02, "
       "0.03}\n"
       "%o = float32[3] {0.01, -0.02, 0.03}\n%m = float32[3] {0.01, -0.02, 0.03}\n%v = float32[3] {1, 1, 1}\n"},
      {"GroupNormalizationPerChannel", 18, 21,
       [](Build& b) {
         b.input("g", {1, 4, 2})
             .constant("s", Tensor::of<float>({2}, {1, 2}))
             .constant("o", Tensor::of<float>({2}, {3, 4}));
         b.node("GroupNormalization", {"g", "s", "o"}, {"y"}, {{"num_groups", integer(2)}});
       },
       "(%x, %g)\n  %y = GroupNormalization(%g, %y_scale, %y_bias) {num_groups=2}\nreturn %y\n"
       "%y_scale = float32[4] {1, 1, 2, 2}\n%y_bias = float32[4] {3, 3, 4, 4}\n"},
  };
}

std::vector<OpsetCase> legacy_cases() {
  return {
      {"CastName", 1, 6, unary("Cast", {{"to", text("INT64")}}), "(%x)\n  %y = Cast(%x) {to=7}\nreturn %y\n"},
      {"ConcatDefaultAxis", 1, 4,
       [](Build& b) {
         b.node("Concat", {"x", "x"}, {"y"});
       },
       "(%x)\n  %y = Concat(%x, %x) {axis=1}\nreturn %y\n"},
      {"LpPoolNorm", 1, 2, unary("GlobalLpPool", {{"p", real(2)}}), "(%x)\n  %y = GlobalLpPool(%x) {p=2}\nreturn %y\n"},
      {"ConsumedInputs", 1, 6, unary("Relu", {{"consumed_inputs", ints({1})}}), "(%x)\n  %y = Relu(%x)\nreturn %y\n"},
      {"ScatterElements", 9, 11,
       [](Build& b) {
         b.input("i", {1, 1, 1, 1}, DType::kInt64).input("u", {1, 1, 1, 1});
         b.node("Scatter", {"x", "i", "u"}, {"y"}, {{"axis", integer(2)}});
       },
       "(%x, %i, %u)\n  %y = ScatterElements(%x, %i, %u) {axis=2}\nreturn %y\n"},
      {"Affine", 7, 13, unary("Affine", {{"alpha", real(2)}, {"beta", real(3)}}),
       "(%x)\n  %y_scaled = Mul(%x, %y_alpha)\n  %y = Add(%y_scaled, %y_beta)\nreturn %y\n%y_alpha = float32[] {2}\n"
       "%y_beta = float32[] {3}\n"},
      {"ImageScaler", 7, 13, unary("ImageScaler", {{"scale", real(0.5f)}, {"bias", floats({1, 2, 3})}}),
       "(%x)\n  %y_scaled = Mul(%x, %y_scale)\n  %y = Add(%y_scaled, %y_bias)\nreturn %y\n%y_scale = float32[] {0.5}\n"
       "%y_bias = float32[3, 1, 1] {1, 2, 3}\n"},
      {"Crop", 7, 13, unary("Crop", {{"border", ints({1, 2, 0, 1})}}),
       "(%x)\n  %y = Slice(%x, %y_starts, %y_ends, %y_axes)\nreturn %y\n%y_starts = int64[2] {2, 1}\n"
       "%y_ends = int64[2] {-1, 9.22337e+18}\n%y_axes = int64[2] {2, 3}\n"},
      {"ScaledTanh", 7, 13, unary("ScaledTanh", {{"alpha", real(2)}, {"beta", real(3)}}),
       "(%x)\n  %y_inner = Mul(%x, %y_beta)\n  %y_curve = Tanh(%y_inner)\n  %y = Mul(%y_curve, %y_alpha)\nreturn %y\n"
       "%y_beta = float32[] {3}\n%y_alpha = float32[] {2}\n"},
      {"UnchangedOperatorsCarryOver", 7, 25, unary("Relu", {}), "(%x)\n  %y = Relu(%x)\nreturn %y\n"},
  };
}

}  // namespace halftone::testing
