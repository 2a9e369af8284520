// What comes before a convolution or a product and goes into it, a Pad, and what follows with constants of its own, a
// BatchNormalization.
#include "tests/core/compile/rewrites/case.h"

namespace halftone::testing {
namespace {

Make with_batchnorm(Make make, int64_t channels) {
  return make.floats("gamma", {channels}, 0.5f, 2)
      .floats("beta", {channels})
      .floats("mean", {channels})
      .floats("var", {channels}, 0.1f, 2);
}

const std::vector<std::string> kBatchnormInputs = {"c", "gamma", "beta", "mean", "var"};

}  // namespace

std::vector<RewriteCase> pad_cases() {
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

std::vector<RewriteCase> batchnorm_cases() {
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

}  // namespace halftone::testing
