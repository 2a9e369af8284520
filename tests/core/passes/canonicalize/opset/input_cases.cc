// Attributes that became inputs: axes and sizes, bounds, pads, ratios.
#include "tests/core/passes/canonicalize/opset/case.h"

namespace halftone::testing {

std::vector<OpsetCase> axes_cases() {
  return {
      {"SqueezeAxes", 12, 13, unary("Unsqueeze", {{"axes", ints({0, 5})}}),
       "(%x)\n  %y = Unsqueeze(%x, %y_axes)\nreturn %y\n%y_axes = int64[2] {0, 5}\n"},
      {"ReduceSumAxes", 11, 13, unary("ReduceSum", {{"axes", ints({-1})}, {"keepdims", integer(0)}}),
       "(%x)\n  %y = ReduceSum(%x, %y_axes) {keepdims=0}\nreturn %y\n%y_axes = int64[1] {-1}\n"},
      {"ReduceSumOfEverything", 11, 13, unary("ReduceSum", {}), "(%x)\n  %y = ReduceSum(%x)\nreturn %y\n"},
      {"ReduceMeanKeepsAttributeBefore18", 12, 17, unary("ReduceMean", {{"axes", ints({2, 3})}}),
       "(%x)\n  %y = ReduceMean(%x) {axes=[2, 3]}\nreturn %y\n"},
      {"ReduceMeanAxes", 12, 18, unary("ReduceMean", {{"axes", ints({2, 3})}}),
       "(%x)\n  %y = ReduceMean(%x, %y_axes)\nreturn %y\n%y_axes = int64[2] {2, 3}\n"},
      {"SplitSizes", 11, 18,
       [](Build& b) {
         b.node("Split", {"x"}, {"y", "z"}, {{"axis", integer(2)}, {"split", ints({1, 3})}}).output("z");
       },
       "(%x)\n  %y, %z = Split(%x, %y_split) {axis=2}\nreturn %z, %y\n%y_split = int64[2] {1, 3}\n"},
      {"SplitEqually", 11, 18,
       [](Build& b) {
         b.node("Split", {"x"}, {"y", "z"}, {{"axis", integer(2)}}).output("z");
       },
       "(%x)\n  %y, %z = Split(%x) {axis=2, num_outputs=2}\nreturn %z, %y\n"},
      {"ReshapeShape", 1, 5, unary("Reshape", {{"shape", ints({6, 20})}, {"consumed_inputs", ints({0})}}),
       "(%x)\n  %y = Reshape(%x, %y_shape)\nreturn %y\n%y_shape = int64[2] {6, 20}\n"},
  };
}

std::vector<OpsetCase> input_cases() {
  return {
      {"ClipBounds", 7, 11, unary("Clip", {{"min", real(0)}, {"max", real(6)}}),
       "(%x)\n  %y = Clip(%x, %y_min, %y_max)\nreturn %y\n%y_min = float32[] {0}\n%y_max = float32[] {6}\n"},
      {"ClipOnlyMax", 7, 11, unary("Clip", {{"max", real(6)}}),
       "(%x)\n  %y = Clip(%x, _, %y_max)\nreturn %y\n%y_max = float32[] {6}\n"},
      {"ClipWithoutBounds", 7, 13, unary("Clip", {}), "(%x)\n  %y = Clip(%x)\nreturn %y\n"},
      {"PadOldest", 1, 11, unary("Pad", {{"paddings", ints({0, 0, 1, 1, 0, 0, 1, 1})}, {"value", real(2)}}),
       "(%x)\n  %y = Pad(%x, %y_pads, %y_value)\nreturn %y\n%y_pads = int64[8] {0, 0, 1, 1, 0, 0, 1, 1}\n"
       "%y_value = float32[] {2}\n"},
      {"PadMode", 2, 11, unary("Pad", {{"pads", ints({0, 0, 1, 1, 0, 0, 1, 1})}, {"mode", text("reflect")}}),
       "(%x)\n  %y = Pad(%x, %y_pads) {mode=\"reflect\"}\nreturn %y\n%y_pads = int64[8] {0, 0, 1, 1, 0, 0, 1, 1}\n"},
      {"SliceRanges", 9, 13, unary("Slice", {{"starts", ints({1})}, {"ends", ints({3})}, {"axes", ints({2})}}),
       "(%x)\n  %y = Slice(%x, %y_starts, %y_ends, %y_axes)\nreturn %y\n%y_starts = int64[1] {1}\n"
       "%y_ends = int64[1] {3}\n%y_axes = int64[1] {2}\n"},
      {"TopK", 1, 10,
       [](Build& b) {
         b.node("TopK", {"x"}, {"y", "i"}, {{"k", integer(2)}, {"axis", integer(3)}}).output("i");
       },
       "(%x)\n  %y, %i = TopK(%x, %y_k) {axis=3}\nreturn %i, %y\n%y_k = int64[1] {2}\n"},
      {"DropoutRatio", 7, 12, unary("Dropout", {{"ratio", real(0.25f)}}),
       "(%x)\n  %y = Dropout(%x, %y_ratio)\nreturn %y\n%y_ratio = float32[] {0.25}\n"},
      {"DropoutIsTest", 6, 7, unary("Dropout", {{"is_test", integer(1)}}), "(%x)\n  %y = Dropout(%x)\nreturn %y\n"},
      {"TileAxis", 1, 6,
       [](Build& b) {
         b.constant("n", Tensor::of<float>({1}, {3})).constant("a", Tensor::of<float>({1}, {1}));
         b.node("Tile", {"x", "n", "a"}, {"y"});
       },
       "(%x)\n  %y = Tile(%x, %y_repeats)\nreturn %y\n%y_repeats = int64[4] {1, 3, 1, 1}\n"},
      {"DftAxis", 17, 20, unary("DFT", {{"axis", integer(2)}}),
       "(%x)\n  %y = DFT(%x, _, %y_axis)\nreturn %y\n%y_axis = int64[] {2}\n"},
  };
}

}  // namespace halftone::testing
