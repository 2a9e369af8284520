// What the tests of quantize_static quantize and calibrate with: an image and a convolution over it.
#pragma once

#include "tests/core/passes/quantize/harness.h"

namespace halftone::testing {

inline const Dims kImage = {1, 2, 6, 6};
// Repeats over the image; range [-1, 1].
inline const std::vector<float> kSamples = {0.1f, -0.7f, 1.0f, 0.33f, -1.0f, 0.8f, 0.0f};

inline Feeds image() { return {{"x", filled(kImage, kSamples)}}; }

// c = Conv(x, w, b) with three filters over x [1, channels, height, width].
inline Build conv_model(int64_t opset = 13, const Dims& x = kImage) {
  Build build(opset);
  build.input("x", x).weights("w", {3, x[1], 3, 3}).weights("b", {3}, 0.1f).node("Conv", {"x", "w", "b"}, {"c"});
  return build;
}

// Channels enough for more than one block of them, and samples that fall between the steps of fine grids too.
inline const Dims kGridImage = {1, 4, 6, 6};
inline const std::vector<float> kGridSamples = {0.1f, -0.7f,  1.0f,     0.33f,  -1.0f, 0.8f,
                                                0.0f, 0.021f, -0.4142f, 0.577f, -0.05f};

inline Feeds grid_image() { return {{"x", filled(kGridImage, kGridSamples)}}; }

// y = Relu(Conv(x, w, b)).
inline Model grid_model() { return conv_model(13, kGridImage).node("Relu", {"c"}, {"y"}).output("y").done(); }

// y = Relu(BatchNormalization(Conv(x, w, b))).
inline Build normalized_model() {
  Build build = conv_model(13, kGridImage);
  build.constant("gamma", Tensor::of<float>({3}, {0.5f, -1.0f, 2.0f}))
      .constant("beta", Tensor::of<float>({3}, {0.0f, 1.0f, -1.0f}))
      .constant("mean", Tensor::of<float>({3}, {0.1f, 0.2f, 0.3f}))
      .constant("var", Tensor::of<float>({3}, {1.0f, 2.0f, 3.0f}))
      .node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"n"})
      .node("Relu", {"n"}, {"y"});
  return build;
}

inline Attributes ints(const char* key, std::vector<int64_t> values) { return {{key, Attribute(std::move(values))}}; }

// The model's first output, with the operators on integers or on the floats that these stand for.
inline Tensor run(const Model& model, const Feeds& feeds, bool integer) {
  CompileOptions options;
  options.integer = integer;
  auto program = compile(model, options);
  EXPECT_TRUE(program.ok());
  auto result = Executor(*program).run(feeds);
  EXPECT_TRUE(result.ok());
  return result->outputs[0].second;
}

}  // namespace halftone::testing
