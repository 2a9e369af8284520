// Attributes and defaults that changed their meaning: how operands are aligned, which axes a Softmax is over, where a
// resized image is sampled.
#include "tests/core/passes/canonicalize/opset/case.h"

namespace halftone::testing {

std::vector<OpsetCase> broadcast_cases() {
  return {
      {"AddBroadcastAxis", 6, 7,
       [](Build& b) {
         b.constant("b", Tensor::of<float>({3}, {1, 2, 3}));
         b.node("Add", {"x", "b"}, {"y"}, {{"broadcast", integer(1)}, {"axis", integer(1)}});
       },
       "(%x)\n  %y = Add(%x, %y_aligned)\nreturn %y\n%y_aligned = float32[3, 1, 1] {1, 2, 3}\n"},
      {"MulBroadcastOfAnInput", 6, 7,
       [](Build& b) {
         b.input("b", {3, 4});
         b.node("Mul", {"x", "b"}, {"y"}, {{"broadcast", integer(1)}, {"axis", integer(1)}});
       },
       "(%x, %b)\n  %y_aligned = Unsqueeze(%b) {axes=[2]}\n  %y = Mul(%x, %y_aligned)\nreturn %y\n"},
      {"MulBroadcastAddedAt7IsConvertedAt13", 6, 13,
       [](Build& b) {
         b.input("b", {3, 4});
         b.node("Mul", {"x", "b"}, {"y"}, {{"broadcast", integer(1)}, {"axis", integer(1)}});
       },
       "(%x, %b)\n  %y_aligned = Unsqueeze(%b, %y_aligned_axes)\n  %y = Mul(%x, %y_aligned)\nreturn %y\n"
       "%y_aligned_axes = int64[1] {2}\n"},
      {"AddSuffix", 6, 7,
       [](Build& b) {
         b.constant("b", Tensor::of<float>({5}, {1, 2, 3, 4, 5}));
         b.node("Add", {"x", "b"}, {"y"}, {{"broadcast", integer(1)}});
       },
       "(%x)\n  %y = Add(%x, %b)\nreturn %y\n%b = float32[5] {1, 2, 3, 4, 5}\n"},
      {"PReluSlopes", 6, 7,
       [](Build& b) {
         b.constant("s", Tensor::of<float>({3}, {1, 2, 3})).node("PRelu", {"x", "s"}, {"y"});
       },
       "(%x)\n  %y = PRelu(%x, %y_aligned)\nreturn %y\n%y_aligned = float32[3, 1, 1] {1, 2, 3}\n"},
      {"GemmBroadcast", 6, 7,
       [](Build& b) {
         b.input("m", {2, 2}).input("n", {2, 2}).input("c", {2});
         b.node("Gemm", {"m", "n", "c"}, {"z"}, {{"broadcast", integer(1)}}).node("Relu", {"z"}, {"y"});
       },
       "(%x, %m, %n, %c)\n  %z = Gemm(%m, %n, %c)\n  %y = Relu(%z)\nreturn %y\n"},
  };
}

std::vector<OpsetCase> softmax_cases() {
  return {
      {"SoftmaxLastAxis", 12, 13, unary("Softmax", {{"axis", integer(3)}}),
       "(%x)\n  %y = Softmax(%x) {axis=-1}\nreturn %y\n"},
      {"SoftmaxFlattened", 12, 13, unary("Softmax", {}),
       "(%x)\n  %y_flat = Flatten(%x) {axis=1}\n  %y_rows = Softmax(%y_flat) {axis=-1}\n  %y_shape = Shape(%x)\n"
       "  %y = Reshape(%y_rows, %y_shape)\nreturn %y\n"},
      {"LogSoftmaxNegativeAxis", 11, 13, unary("LogSoftmax", {{"axis", integer(-2)}}),
       "(%x)\n  %y_flat = Flatten(%x) {axis=-2}\n  %y_rows = LogSoftmax(%y_flat) {axis=-1}\n  %y_shape = Shape(%x)\n"
       "  %y = Reshape(%y_rows, %y_shape)\nreturn %y\n"},
      {"SoftmaxOverOnes", 7, 13,
       [](Build& b) {
         b.constant("s", Tensor::of<int64_t>({4}, {1, 120, 1, 1}));
         b.node("Reshape", {"x", "s"}, {"r"}).node("Softmax", {"r"}, {"y"});
       },
       "(%x)\n  %r = Reshape(%x, %s)\n  %y = Softmax(%r) {axis=1}\nreturn %y\n%s = int64[4] {1, 120, 1, 1}\n"},
      {"HardmaxOneBehindOnes", 7, 13,
       [](Build& b) {
         b.constant("s", Tensor::of<int64_t>({3}, {1, 1, 120}));
         b.node("Reshape", {"x", "s"}, {"r"}).node("Hardmax", {"r"}, {"y"});
       },
       "(%x)\n  %r = Reshape(%x, %s)\n  %y = Hardmax(%r) {axis=2}\nreturn %y\n%s = int64[3] {1, 1, 120}\n"},
  };
}

std::vector<OpsetCase> resize_cases() {
  return {
      {"UpsampleOldest", 1, 7,
       unary("Upsample", {{"height_scale", real(2)}, {"width_scale", real(3)}, {"mode", text("nearest")}}),
       "(%x)\n  %y = Upsample(%x) {mode=\"nearest\", scales=[1, 1, 2, 3]}\nreturn %y\n"},
      {"UpsampleToResize", 7, 13, unary("Upsample", {{"scales", floats({1, 1, 2, 2})}, {"mode", text("nearest")}}),
       "(%x)\n  %y = Resize(%x, %y_roi, %y_scales) {coordinate_transformation_mode=\"asymmetric\", mode=\"nearest\", "
       "nearest_mode=\"floor\"}\nreturn %y\n%y_scales = float32[4] {1, 1, 2, 2}\n%y_roi = float32[0] {}\n"},
      {"ResizeLinear", 10, 11,
       [](Build& b) {
         b.constant("s", Tensor::of<float>({4}, {1, 1, 0.5f, 0.5f}));
         b.node("Resize", {"x", "s"}, {"y"}, {{"mode", text("linear")}});
       },
       "(%x)\n  %y = Resize(%x, %y_roi, %s) {coordinate_transformation_mode=\"asymmetric\", mode=\"linear\"}\nreturn "
       "%y\n"
       "%s = float32[4] {1, 1, 0.5, 0.5}\n%y_roi = float32[0] {}\n"},
      {"ResizeNearestSmaller", 10, 11,
       [](Build& b) {
         b.constant("s", Tensor::of<float>({4}, {1, 1, 0.5f, 0.375f}));
         b.node("Resize", {"x", "s"}, {"y"}, {{"mode", text("nearest")}});
       },
       "(%x)\n  %y = Resize(%x, %y_roi, %s) {coordinate_transformation_mode=\"asymmetric\", mode=\"nearest\", "
       "nearest_mode=\"ceil\"}\nreturn %y\n%s = float32[4] {1, 1, 0.5, 0.375}\n%y_roi = float32[0] {}\n"},
      {"GridSampleMode", 16, 20,
       [](Build& b) {
         b.input("g", {2, 4, 5, 2}).node("GridSample", {"x", "g"}, {"y"}, {{"mode", text("bicubic")}});
       },
       "(%x, %g)\n  %y = GridSample(%x, %g) {mode=\"cubic\"}\nreturn %y\n"},
  };
}

}  // namespace halftone::testing
