// QuantizeLinear and DequantizeLinear that others make superfluous, or that what lies beside them can go around.
#include "tests/core/compile/rewrites/case.h"

namespace halftone::testing {

std::vector<RewriteCase> quantized_cases() {
  const auto x = [] { return Make().input("x", {1, 3, 6, 6}); };
  const auto scalar = [](float v) { return Tensor::scalar<float>(v); };
  return {
      {"SameTwice", "share_dequantize",
       x().quantize<uint8_t>("x", 0.01f, 128)
           .node("DequantizeLinear", {"x_q", "x_scale", "x_zero"}, {"again"})
           .node("Mul", {"x_d", "again"}, {"y"})
           .output("y"),
       "QuantizeLinear DequantizeLinear DequantizeLinear Mul", "QuantizeLinear DequantizeLinear Mul"},
      {"OtherScaleStays", "share_dequantize",
       x().quantize<uint8_t>("x", 0.01f, 128)
           .constant("s", scalar(0.02f))
           .node("DequantizeLinear", {"x_q", "s", "x_zero"}, {"again"})
           .node("Mul", {"x_d", "again"}, {"y"})
           .output("y"),
       "QuantizeLinear DequantizeLinear DequantizeLinear Mul", "QuantizeLinear DequantizeLinear DequantizeLinear Mul"},
      {"SameParameters", "cancel_dequantize_quantize",
       x().quantize<uint8_t>("x", 0.013f, 100).quantize<uint8_t>("x_d", 0.013f, 100).output("x_d_d"),
       "QuantizeLinear DequantizeLinear QuantizeLinear DequantizeLinear", "QuantizeLinear DequantizeLinear"},
      {"OtherParametersStay", "cancel_dequantize_quantize",
       x().quantize<uint8_t>("x", 0.013f, 100).quantize<uint8_t>("x_d", 0.013f, 101).output("x_d_d"),
       "QuantizeLinear DequantizeLinear QuantizeLinear DequantizeLinear",
       "QuantizeLinear DequantizeLinear QuantizeLinear DequantizeLinear"},
      {"ReluAtZeroPoint", "drop_clip_before_quantize",
       x().node("Relu", {"x"}, {"r"}).quantize<uint8_t>("r", 0.004f, 0).output("r_d"),
       "Relu QuantizeLinear DequantizeLinear", "QuantizeLinear DequantizeLinear"},
      {"ReluInsideRangeStays", "drop_clip_before_quantize",
       x().node("Relu", {"x"}, {"r"}).quantize<uint8_t>("r", 0.008f, 1).output("r_d"),
       "Relu QuantizeLinear DequantizeLinear", "Relu QuantizeLinear DequantizeLinear"},
      {"ClipToWholeRange", "drop_clip_before_quantize",
       x().constant("lo", scalar(0))
           .constant("hi", scalar(0.51f))
           .node("Clip", {"x", "lo", "hi"}, {"r"})
           .quantize<int8_t>("r", 0.002f, -128)
           .output("r_d"),
       "Clip QuantizeLinear DequantizeLinear", "QuantizeLinear DequantizeLinear"},
      {"ShapeAfterDequantize", "shape_of_quantized",
       Make().input("x", {Dim("n"), 3}).quantize<uint8_t>("x", 0.01f, 0).node("Shape", {"x_d"}, {"y"}).output("y"),
       "QuantizeLinear DequantizeLinear Shape", "QuantizeLinear Shape"},
      {"ShapeBesideQuantize", "shape_of_quantized",
       Make()
           .input("x", {Dim("n"), 3})
           .node("Relu", {"x"}, {"r"})
           .node("Shape", {"r"}, {"y"})
           .quantize<uint8_t>("r", 0.01f, 0)
           .output("y")
           .output("r_d"),
       "Relu Shape QuantizeLinear DequantizeLinear", "Relu QuantizeLinear Shape DequantizeLinear"},
  };
}

}  // namespace halftone::testing
