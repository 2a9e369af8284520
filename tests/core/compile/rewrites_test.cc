// Every rewrite alone on small graphs: what becomes of the operators, and that the numbers stay. A rewrite
// without a case here fails Rewrites.EveryRuleIsTested.
#include <cmath>
#include <set>

#include "core/ops/op_def.h"
#include "core/tensor/convert.h"
#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

struct Case {
  std::string name;
  std::string rule;
  Model model;
  std::string before, after;  // operators without any rewrite, and with this one
  float tolerance = 0;        // relative to the largest output
};

Make conv(int64_t opset = 13) {
  return Make(opset).input("x", {1, 3, 6, 6}).floats("w", {4, 3, 3, 3}).floats("b", {4});
}

Make with_batchnorm(Make make, int64_t channels) {
  return make.floats("gamma", {channels}, 0.5f, 2)
      .floats("beta", {channels})
      .floats("mean", {channels})
      .floats("var", {channels}, 0.1f, 2);
}

const std::vector<std::string> kBatchnormInputs = {"c", "gamma", "beta", "mean", "var"};

std::vector<Case> identity_cases() {
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

std::vector<Case> type_cases() {
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

std::vector<Case> fold_cases() {
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

std::vector<Case> pad_cases() {
  const std::string rule = "fuse_pad_conv";
  const Attributes window = attr("kernel_shape", std::vector<int64_t>{3, 3});
  const auto padded = [](Make make, std::vector<int64_t> pads) {
    return make.ints("p", std::move(pads)).node("Pad", {"x", "p"}, {"padded"});
  };
  return {
      {"IntoConv", rule, padded(conv(), {0, 0, 1, 0, 0, 0, 2, 1}).node("Conv", {"padded", "w"}, {"y"}).output("y"),
       "Pad Conv", "Conv", 1e-6f},
      {"OntoConvPads", rule,
       padded(conv(), {0, 0, 1, 1, 0, 0, 1, 1})
           .node("Conv", {"padded", "w"}, {"y"}, attr("pads", std::vector<int64_t>{0, 1, 1, 0}))
           .output("y"),
       "Pad Conv", "Conv", 1e-6f},
      {"ChannelPadStays", rule,
       Make()
           .input("x", {1, 2, 6, 6})
           .floats("w", {4, 3, 3, 3})
           .ints("p", {0, 1, 0, 0, 0, 0, 0, 0})
           .node("Pad", {"x", "p"}, {"padded"})
           .node("Conv", {"padded", "w"}, {"y"})
           .output("y"),
       "Pad Conv", "Pad Conv"},
      {"CropStays", rule, padded(conv(), {0, 0, -1, 0, 0, 0, 0, 0}).node("Conv", {"padded", "w"}, {"y"}).output("y"),
       "Pad Conv", "Pad Conv"},
      {"OtherFillStays", rule,
       conv()
           .ints("p", {0, 0, 1, 1, 0, 0, 1, 1})
           .constant("v", Tensor::scalar<float>(1))
           .node("Pad", {"x", "p", "v"}, {"padded"})
           .node("Conv", {"padded", "w"}, {"y"})
           .output("y"),
       "Pad Conv", "Pad Conv"},
      {"ReadTwiceStays", rule,
       padded(conv(), {0, 0, 1, 1, 0, 0, 1, 1}).node("Conv", {"padded", "w"}, {"y"}).output("y").output("padded"),
       "Pad Conv", "Pad Conv"},
      {"PadByAttributes", rule,
       conv(10)
           .node("Pad", {"x"}, {"padded"}, attr("pads", std::vector<int64_t>{0, 0, 1, 1, 0, 0, 1, 1}))
           .node("Conv", {"padded", "w"}, {"y"})
           .output("y"),
       "Pad Conv", "Conv", 1e-6f},
      {"IntoAveragePool", rule,
       padded(conv(), {0, 0, 1, 1, 0, 0, 1, 1}).node("AveragePool", {"padded"}, {"y"}, window).output("y"),
       "Pad AveragePool", "AveragePool", 1e-6f},
      {"MaxPoolStays", rule,
       padded(conv(), {0, 0, 1, 1, 0, 0, 1, 1}).node("MaxPool", {"padded"}, {"y"}, window).output("y"), "Pad MaxPool",
       "Pad MaxPool"},
  };
}

std::vector<Case> batchnorm_cases() {
  const std::string rule = "fuse_conv_batchnorm";
  const auto after_conv = [&](Make make, std::vector<std::string> inputs) {
    return with_batchnorm(make, 4)
        .node("Conv", inputs, {"c"})
        .node("BatchNormalization", kBatchnormInputs, {"y"})
        .output("y");
  };
  return {
      {"ConvWithoutBias", rule, after_conv(conv(), {"x", "w"}), "Conv BatchNormalization", "Conv", 1e-5f},
      {"ConvWithBias", rule, after_conv(conv(), {"x", "w", "b"}), "Conv BatchNormalization", "Conv", 1e-5f},
      {"DepthwiseConv", rule,
       with_batchnorm(Make().input("x", {1, 4, 5, 5}).floats("w", {4, 1, 3, 3}), 4)
           .node("Conv", {"x", "w"}, {"c"}, attr("group", int64_t{4}))
           .node("BatchNormalization", kBatchnormInputs, {"y"})
           .output("y"),
       "Conv BatchNormalization", "Conv", 1e-5f},
      {"ConvReadTwiceStays", rule, Make(after_conv(conv(), {"x", "w"})).output("c"), "Conv BatchNormalization",
       "Conv BatchNormalization"},
      {"BatchnormFirstStays", rule,
       with_batchnorm(conv(), 3)
           .node("BatchNormalization", {"x", "gamma", "beta", "mean", "var"}, {"c"})
           .node("Conv", {"c", "w"}, {"y"})
           .output("y"),
       "BatchNormalization Conv", "BatchNormalization Conv"},
      {"Gemm", "fuse_gemm_batchnorm",
       with_batchnorm(Make().input("x", {2, 3}).floats("w", {3, 4}).floats("b", {4}), 4)
           .node("Gemm", {"x", "w", "b"}, {"c"})
           .node("BatchNormalization", kBatchnormInputs, {"y"})
           .output("y"),
       "Gemm BatchNormalization", "Gemm", 1e-5f},
      {"GemmTransposedWithoutBias", "fuse_gemm_batchnorm",
       with_batchnorm(Make().input("x", {2, 3}).floats("w", {4, 3}), 4)
           .node("Gemm", {"x", "w"}, {"c"}, attr("transB", int64_t{1}))
           .node("BatchNormalization", kBatchnormInputs, {"y"})
           .output("y"),
       "Gemm BatchNormalization", "Gemm", 1e-5f},
  };
}

std::vector<Case> bias_cases() {
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

std::vector<Case> activation_cases() {
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

std::vector<Case> quantized_cases() {
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

// "w" = DequantizeLinear of a random weight of type `type`, with a zero point unless `middle`.
Make blocked(Make make, DType type, const Dims& dims, const Dims& scale, Attributes attributes, bool middle = false) {
  Tensor codes = *Tensor::allocate(type, dims), zero = *Tensor::allocate(type, scale);
  Rng rng(11);
  for (int64_t i = 0; i < codes.byte_size(); ++i) codes.mutable_bytes()[i] = static_cast<uint8_t>(rng.below(256));
  for (int64_t i = 0; i < zero.byte_size(); ++i) zero.mutable_bytes()[i] = middle ? 0 : uint8_t(rng.below(256));
  make.constant("w_q", codes).constant("w_zero", zero).floats("w_scale", scale, 0.01f, 0.1f);
  return make.node("DequantizeLinear", {"w_q", "w_scale", "w_zero"}, {"w"}, std::move(attributes));
}

Attributes by_block(int64_t axis, int64_t size) { return {{"axis", Attribute(axis)}, {"block_size", Attribute(size)}}; }

std::vector<Case> blocked_cases() {
  const std::string rule = "fuse_blocked_matmul";
  const auto x = [] { return Make(21).input("x", {Dim("n"), 3, 40}); };
  const auto matrix = [] { return Make(21).input("x", {Dim("n"), 40}); };
  const auto product = [](Make make) { return make.node("MatMul", {"x", "w"}, {"y"}).output("y"); };
  const std::string before = "DequantizeLinear MatMul", after = "MatMulNBits";
  const float rounding = 1e-5f;
  return {
      {"Int4", rule, product(blocked(x(), DType::kInt4, {40, 7}, {3, 7}, by_block(0, 16))), before, after, rounding},
      {"Int4WithoutZeroPoint", rule, product(blocked(x(), DType::kInt4, {40, 7}, {3, 7}, by_block(0, 16), true)),
       before, after, rounding},
      {"Uint4", rule, product(blocked(x(), DType::kUint4, {40, 7}, {2, 7}, by_block(0, 32))), before, after, rounding},
      {"Int8", rule, product(blocked(x(), DType::kInt8, {40, 7}, {2, 7}, by_block(0, 32))), before, after, rounding},
      {"Uint2PerColumn", rule, product(blocked(x(), DType::kUint2, {40, 7}, {7}, attr("axis", int64_t{1}))), before,
       after, rounding},
      {"Int4PerTensor", rule, product(blocked(x(), DType::kInt4, {40, 7}, {}, {})), before, after, rounding},
      {"Int8PerColumnStays", rule, product(blocked(x(), DType::kInt8, {40, 7}, {7}, attr("axis", int64_t{1}))), before,
       before},
      {"BlocksOfTwelveStay", rule, product(blocked(x(), DType::kInt4, {40, 7}, {4, 7}, by_block(0, 12))), before,
       before},
      {"BlocksAlongColumnsStay", rule, product(blocked(x(), DType::kInt4, {40, 32}, {40, 2}, by_block(1, 16))), before,
       before},
      {"Transposed", rule,
       blocked(x(), DType::kInt4, {7, 40}, {7, 3}, by_block(1, 16))
           .node("Transpose", {"w"}, {"t"})
           .node("MatMul", {"x", "t"}, {"y"})
           .output("y"),
       "DequantizeLinear Transpose MatMul", after, rounding},
      {"Gemm", rule,
       blocked(matrix(), DType::kInt4, {7, 40}, {7, 3}, by_block(1, 16))
           .floats("c", {7})
           .node("Gemm", {"x", "w", "c"}, {"y"}, attr("transB", int64_t{1}))
           .output("y"),
       "DequantizeLinear Gemm", after, rounding},
      {"GemmWithClamp", rule,
       blocked(matrix(), DType::kUint4, {40, 7}, {3, 7}, by_block(0, 16))
           .node("Gemm", {"x", "w"}, {"y"}, attr(std::string(kClampAttr), std::vector<float>{-0.5f, 0.5f}))
           .output("y"),
       "DequantizeLinear Gemm", after, rounding},
      {"GemmOfTransposedStays", rule,
       blocked(Make(21).input("x", {40, Dim("n")}), DType::kInt4, {40, 7}, {3, 7}, by_block(0, 16))
           .node("Gemm", {"x", "w"}, {"y"}, attr("transA", int64_t{1}))
           .output("y"),
       "DequantizeLinear Gemm", "DequantizeLinear Gemm"},
  };
}

TEST(BlockedMatmul, WeightsOfFewBitsNeverBecomeFloat) {
  const Model model = blocked(Make(21).input("x", {Dim("n"), 40}), DType::kInt4, {40, 7}, {3, 7}, by_block(0, 16))
                          .node("MatMul", {"x", "w"}, {"p"})
                          .node("Relu", {"p"}, {"y"})
                          .output("y");
  const auto program = compiled(model);
  ASSERT_TRUE(program);
  EXPECT_EQ(ops(*program), "MatMulNBits");
  for (const Value& value : program->graph.values) {
    if (!value.is_constant()) continue;
    EXPECT_NE(value.constant.size(), 40 * 7) << value.name;
  }
}

const std::vector<int64_t> kToFirst{0, 3, 1, 2}, kToLast{0, 2, 3, 1};

std::vector<Case> layout_cases() {
  const auto last = [] {
    return Make().input("x", {Dim("n"), 5, 6, 4}).node("Transpose", {"x"}, {"t"}, attr("perm", kToFirst));
  };
  const Attributes window = attr("kernel_shape", std::vector<int64_t>{2, 2});
  const std::string region = "channels_last", sink = "sink_transpose", cancel = "cancel_transposes";
  return {
      {"Conv", region, conv().node("Conv", {"x", "w"}, {"y"}).output("y"), "Conv", "Transpose Conv Transpose"},
      {"PoolBehindTranspose", region, last().node("MaxPool", {"t"}, {"y"}, window).output("y"), "Transpose MaxPool",
       "MaxPool Transpose"},
      {"PoolAloneStays", region, Make().input("x", {1, 3, 5, 6}).node("MaxPool", {"x"}, {"y"}, window).output("y"),
       "MaxPool", "MaxPool"},
      {"Unary", sink, last().node("Relu", {"t"}, {"y"}).output("y"), "Transpose Relu", "Relu Transpose"},
      {"TransposedTwice", sink, last().node("Mul", {"t", "t"}, {"y"}).output("y"), "Transpose Mul", "Mul Transpose"},
      {"ConstantPerChannel", sink, last().floats("c", {4, 1, 1}).node("Add", {"t", "c"}, {"y"}).output("y"),
       "Transpose Add", "Add Transpose"},
      {"ConstantAlongColumns", sink, last().floats("c", {6}).node("Sub", {"c", "t"}, {"y"}).output("y"),
       "Transpose Sub", "Sub Transpose"},
      {"OtherOperandIsTransposed", sink,
       last().input("z", {Dim("n"), 4, 5, 6}).node("Add", {"t", "z"}, {"y"}).output("y"), "Transpose Add",
       "Transpose Add Transpose"},
      {"OperandOfLowerRankStays", sink, last().input("z", {5, 6}).node("Add", {"t", "z"}, {"y"}).output("y"),
       "Transpose Add", "Transpose Add"},
      {"Concat", sink, last().node("Concat", {"t", "t"}, {"y"}, attr("axis", int64_t{-3})).output("y"),
       "Transpose Concat", "Concat Transpose"},
      {"AlsoAnOutput", sink, last().node("Relu", {"t"}, {"y"}).output("y").output("t"), "Transpose Relu",
       "Transpose Relu Transpose"},
      {"Inverse", cancel,
       last().node("Transpose", {"t"}, {"u"}, attr("perm", kToLast)).node("Relu", {"u"}, {"y"}).output("y"),
       "Transpose Transpose Relu", "Relu"},
      {"InputThatIsAnOutputKeepsItsOwnValue", cancel,
       last().node("Transpose", {"t"}, {"y"}, attr("perm", kToLast)).output("y"), "Transpose Transpose",
       "Transpose Transpose"},
      {"Composed", cancel, last().node("Transpose", {"t"}, {"y"}, attr("perm", kToFirst)).output("y"),
       "Transpose Transpose", "Transpose"},
  };
}

// A model's own transpose of integers knows nothing of what they mean; the convolution behind it does.
TEST(Layout, IntegersBehindAPlainTransposeKeepTheirMeaning) {
  const Model model = Make()
                          .input("x", {1, 6, 6, 3})
                          .constant("s", Tensor::scalar<float>(0.01f))
                          .constant("z", Tensor::scalar<uint8_t>(128))
                          .node("QuantizeLinear", {"x", "s", "z"}, {"q"})
                          .node("Transpose", {"q"}, {"t"}, attr("perm", kToFirst))
                          .node("DequantizeLinear", {"t", "s", "z"}, {"d"})
                          .int8_weight("w", {4, 3, 3, 3}, 0.002f)
                          .node("Conv", {"d", "w_d"}, {"y"})
                          .quantize<uint8_t>("y", 0.02f, 120)
                          .output("y_d");
  EXPECT_EQ(ops(*compiled(model)), "QuantizeLinear Conv* DequantizeLinear Transpose");
  const Feeds feeds = random_feeds(model, 2);
  expect_same_outputs(ran(model, feeds), ran(model, feeds, channels_first()), 0.0f);
}

// Only the layout and the fusion of sums that follows it.
TEST(Layout, ConvolutionsStartFromWhatIsAdded) {
  CompileOptions options = only("");
  for (const char* rule :
       {"channels_last", "sink_transpose", "cancel_transposes", "fuse_conv_add", "fuse_activation"}) {
    options.disabled.erase(std::find(options.disabled.begin(), options.disabled.end(), rule));
  }
  const Make sum =
      conv().floats("v", {4, 3, 3, 3}).node("Conv", {"x", "w", "b"}, {"c"}).node("Conv", {"x", "v"}, {"d"});
  const Model clamped = Make(sum).node("Add", {"d", "c"}, {"s"}).node("Relu", {"s"}, {"y"}).output("y");
  EXPECT_EQ(ops(*compiled(clamped, options)), "Transpose Conv Conv Transpose");
  const Model read_twice = Make(sum).node("Add", {"c", "d"}, {"y"}).output("y").output("d");
  EXPECT_EQ(ops(*compiled(read_twice, options)), "Transpose Conv Transpose Conv Transpose");
  const Model broadcast =
      conv().floats("k", {4, 1, 1}).node("Conv", {"x", "w"}, {"c"}).node("Add", {"c", "k"}, {"y"}).output("y");
  EXPECT_EQ(ops(*compiled(broadcast, options)), "Transpose Conv Add Transpose");
  for (const Model& model : {clamped, read_twice, broadcast}) {
    const Feeds feeds = random_feeds(model, 5);
    expect_same_outputs(ran(model, feeds, options), ran(model, feeds, only("")), 1e-5f);
  }
}

// With three axes the transpose to channels last is its own inverse: a transpose that was put before one operand must
// not look like one that wants to sink.
TEST(Layout, TransposesOfThreeAxesSettle) {
  const Model model = Make()
                          .input("x", {Dim("n"), 8, 16})
                          .input("z", {Dim("n"), 16, 8})
                          .node("Transpose", {"x"}, {"t"}, attr("perm", std::vector<int64_t>{0, 2, 1}))
                          .node("Sigmoid", {"t"}, {"s"})
                          .node("Softmax", {"t"}, {"u"})
                          .node("Mul", {"s", "z"}, {"m"})
                          .node("Add", {"m", "u"}, {"y"})
                          .output("y");
  const auto program = compiled(model);
  ASSERT_TRUE(program);
  for (const Value& value : program->graph.values) {
    EXPECT_EQ(value.name.find("_channels_last_channels_last"), std::string::npos) << value.name;
  }
  for (const RewriteStats& s : program->rewrites) {
    if (s.rule == "sink_transpose") {
      EXPECT_LE(s.applications, 2);
    }
  }
  const Feeds feeds = random_feeds(model, 3);
  expect_same_outputs(ran(model, feeds), ran(model, feeds, only("")), 1e-6f);
}

// A chain of convolutions and what lies between them keeps one transpose at each end.
TEST(Layout, RegionsHaveTransposesAtTheirEndsOnly) {
  const Model model = conv()
                          .node("Conv", {"x", "w"}, {"a"})
                          .node("Sigmoid", {"a"}, {"s"})
                          .node("Mul", {"a", "s"}, {"m"})
                          .node("MaxPool", {"m"}, {"p"}, attr("kernel_shape", std::vector<int64_t>{2, 2}))
                          .node("Concat", {"p", "p"}, {"y"}, attr("axis", int64_t{1}))
                          .output("y");
  const auto program = compiled(model);
  ASSERT_TRUE(program);
  EXPECT_EQ(ops(*program), "Transpose Conv Chain MaxPool Concat Transpose");
  // Values inside keep their names and, as taps, the order that the model gives them.
  const Feeds feeds = random_feeds(model, 3);
  const RunResult inside = ran(model, feeds, {}, {.taps = {"a", "p"}}),
                  plain = ran(model, feeds, only(""), {.taps = {"a", "p"}});
  for (const char* name : {"a", "p"}) expect_close(inside.taps.at(name), plain.taps.at(name), 1e-6f);
  CompileOptions keep;
  keep.keep = {"m"};
  const RunResult kept = ran(model, feeds, keep, {.taps = {"m"}}),
                  expected = ran(model, feeds, only(""), {.taps = {"m"}});
  expect_close(kept.taps.at("m"), expected.taps.at("m"), 1e-6f);
  expect_same_outputs(kept, plain, 1e-6f);
}

std::vector<Case> chain_cases() {
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

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (auto&& part : {identity_cases(), type_cases(), fold_cases(), pad_cases(), batchnorm_cases(), bias_cases(),
                      activation_cases(), quantized_cases(), blocked_cases(), layout_cases(), chain_cases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

class Rewrite : public ::testing::TestWithParam<Case> {};

TEST_P(Rewrite, ChangesOperatorsAndKeepsNumbers) {
  const Case& c = GetParam();
  const auto before = compiled(c.model, only("")), after = compiled(c.model, only(c.rule));
  ASSERT_TRUE(before && after);
  EXPECT_EQ(ops(*before), c.before);
  EXPECT_EQ(ops(*after), c.after) << print(after->graph);
  for (uint64_t seed : {1, 2}) {
    const Feeds feeds = random_feeds(c.model, seed);
    expect_same_outputs(ran(c.model, feeds, only(c.rule)), ran(c.model, feeds, only("")), c.tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, Rewrite, ::testing::ValuesIn(all_cases()),
                         [](const auto& info) { return info.param.rule + "_" + info.param.name; });

TEST(Rewrites, EveryRuleIsTested) {
  std::set<std::string> tested = {"lower_integer", "choose_signedness", "fuse_conv_add",
                                  "inline_if",     "lower_qlinear",     "fuse_tables"};  // tests of their own
  for (const Case& c : all_cases()) tested.insert(c.rule);
  for (const RewriteRule* rule : compile_rewrites()) EXPECT_TRUE(tested.count(std::string(rule->name))) << rule->name;
}

TEST(Rewrites, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (const RewriteRule* rule : compile_rewrites()) {
    EXPECT_TRUE(names.insert(rule->name).second) << rule->name;
    EXPECT_FALSE(rule->summary.empty()) << rule->name;
    EXPECT_EQ(find_rewrite(rule->name), rule);
  }
  EXPECT_EQ(find_rewrite("no_such_rule"), nullptr);
}

TEST(Rewrites, ApplicationsAreCounted) {
  const auto program = compiled(conv().node("Conv", {"x", "w"}, {"c"}).node("Relu", {"c"}, {"y"}).output("y"));
  int64_t fused = -1;
  for (const RewriteStats& s : program->rewrites) {
    if (s.rule == "fuse_activation") fused = s.applications;
  }
  EXPECT_EQ(fused, 1);
}

}  // namespace
}  // namespace halftone::testing
