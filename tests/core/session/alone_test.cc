// compare's facts about layers, on graphs whose answers are known.
#include <gtest/gtest.h>

#include <cmath>

#include "core/session/session.h"
#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::Build;

// x -> Identity-like MatMuls by diag(2) and diag(1): h = 2 x, y = h.
Model doubled() {
  return Build()
      .input("x", {1, 2})
      .constant("w", Tensor::of<float>({2, 2}, {2, 0, 0, 2}))
      .constant("v", Tensor::of<float>({2, 2}, {1, 0, 0, 1}))
      .node("MatMul", {"x", "w"}, {"h"})
      .node("MatMul", {"h", "v"}, {"y"})
      .output("y")
      .done();
}

// The same with h on a grid of steps of 1 from 0 to 255, and a first weight that is wrong: 3 instead of 2.
// highest: the end of narrower integers, which a Clip simulates.
Model off(float scale_of_h, float highest = 0) {
  const bool clipped = highest > 0;
  Build build;
  if (clipped) {
    build.constant("low", Tensor::scalar<float>(0)).constant("high", Tensor::scalar<float>(highest));
  }
  build.input("x", {1, 2})
      .constant("w", Tensor::of<float>({2, 2}, {3, 0, 0, 3}))
      .constant("v", Tensor::of<float>({2, 2}, {1, 0, 0, 1}))
      .constant("s", Tensor::scalar<float>(scale_of_h))
      .constant("z", Tensor::scalar<uint8_t>(0))
      .node("MatMul", {"x", "w"}, {"h"});
  if (clipped) build.node("Clip", {"h", "low", "high"}, {"h_clipped"});
  return build.node("QuantizeLinear", {clipped ? "h_clipped" : "h", "s", "z"}, {"q"})
      .node("DequantizeLinear", {"q", "s", "z"}, {"d"})
      .node("MatMul", {"d", "v"}, {"y"})
      .output("y")
      .done();
}

Json layer(const Json& comparison, std::string_view name) {
  for (const Json& one : comparison.find("layers")->as_array()) {
    if (one.find("name")->as_string() == name) return one;
  }
  ADD_FAILURE() << "no layer " << name;
  return {};
}

Json compared(Model reference, Model other, std::vector<float> x) {
  const auto a = Session::from_model(std::move(reference)), b = Session::from_model(std::move(other));
  EXPECT_TRUE(a.ok() && b.ok());
  const auto result = compare(**a, **b, {{"x", Tensor::of<float>({1, 2}, x)}});
  EXPECT_TRUE(result.ok()) << result.error().message;
  return result.ok() ? *result : Json();
}

TEST(Alone, ALayerAnswersForItsOwnErrorOnly) {
  const Json result = compared(doubled(), off(1), {10, 20});
  // h: 30 and 60 instead of 20 and 40: noise is a quarter of the signal.
  const double quarter = 10 * std::log10(4.0);
  EXPECT_NEAR(layer(result, "h").find("sqnr")->as_number(), quarter, 0.01);
  EXPECT_NEAR(layer(result, "h").find("aloneSqnr")->as_number(), quarter, 0.01);
  // y: the same has piled up; by itself, on whole numbers, it loses nothing.
  EXPECT_NEAR(layer(result, "y").find("sqnr")->as_number(), quarter, 0.01);
  EXPECT_TRUE(layer(result, "y").find("aloneSqnr")->is_null());
}

TEST(Alone, ChannelsClippingAndDeadRange) {
  // h of the float model: 20 and 400; integers reach 255.
  const Json h = layer(compared(doubled(), off(1), {10, 200}), "h");
  const auto& channels = h.find("channelSqnr")->as_array();
  ASSERT_EQ(channels.size(), 2u);
  EXPECT_NEAR(channels[0].as_number(), 10 * std::log10(4.0), 0.01);                  // 30 for 20
  EXPECT_NEAR(channels[1].as_number(), 20 * std::log10(400.0 / (400 - 255)), 0.01);  // 255 for 400
  const auto& cosines = h.find("channelCosine")->as_array();
  const auto& most = h.find("channelMaxError")->as_array();
  EXPECT_NEAR(cosines[0].as_number(), 1, 1e-9);  // one value each, of the same sign
  EXPECT_NEAR(most[0].as_number(), 30 - 20, 1e-4);
  EXPECT_NEAR(most[1].as_number(), 400 - 255, 1e-4);
  EXPECT_NEAR(h.find("clipped")->as_number(), 0.5, 1e-9);
  EXPECT_NEAR(h.find("dead")->as_number(), 20.0 / 255, 0.01);
  // 20 to 40 of a range of 2550.
  const Json wide = layer(compared(doubled(), off(10), {10, 20}), "h");
  EXPECT_EQ(wide.find("clipped")->as_number(), 0);
  EXPECT_NEAR(wide.find("dead")->as_number(), 1 - 20.0 / 2550, 0.01);
}

TEST(Alone, NarrowIntegersEndAtTheirClip) {
  // h of the float model: 5 and 40; four bits reach 15.
  const Json h = layer(compared(doubled(), off(1, 15), {2.5f, 20}), "h");
  const auto& channels = h.find("channelSqnr")->as_array();
  EXPECT_NEAR(channels[1].as_number(), 20 * std::log10(40.0 / (40 - 15)), 0.01);  // 15 for 40
  EXPECT_NEAR(h.find("clipped")->as_number(), 0.5, 1e-9);
  EXPECT_NEAR(h.find("dead")->as_number(), 5.0 / 15, 0.01);
  EXPECT_NE(h.find("aloneSqnr"), nullptr);
}

TEST(Alone, WhatOnlyMovesNarrowIntegersEndsWhereTheyEnd) {
  const Model reference =
      Build().input("x", {1, 2}).node("Relu", {"x"}, {"h"}).node("Flatten", {"h"}, {"f"}).output("f").done();
  const Model other = Build()
                          .input("x", {1, 2})
                          .constant("s", Tensor::scalar<float>(1))
                          .constant("z", Tensor::scalar<uint8_t>(0))
                          .constant("low", Tensor::scalar<float>(0))
                          .constant("high", Tensor::scalar<float>(15))
                          .node("Relu", {"x"}, {"h"})
                          .node("Clip", {"h", "low", "high"}, {"h_clipped"})
                          .node("QuantizeLinear", {"h_clipped", "s", "z"}, {"hq"})
                          .node("DequantizeLinear", {"hq", "s", "z"}, {"hd"})
                          .node("Flatten", {"hd"}, {"flat"})
                          .node("QuantizeLinear", {"flat", "s", "z"}, {"fq"})
                          .node("DequantizeLinear", {"fq", "s", "z"}, {"f"})
                          .output("f")
                          .done();
  const Json f = layer(compared(reference, other, {0, 30}), "f");
  EXPECT_NEAR(f.find("clipped")->as_number(), 0.5, 1e-9);
  EXPECT_NEAR(f.find("dead")->as_number(), 0, 1e-9);
}

TEST(Alone, FloatModelsHaveNoSuchFacts) {
  const Json h = layer(compared(doubled(), doubled(), {1, 2}), "h");
  EXPECT_EQ(h.find("aloneSqnr"), nullptr);
  EXPECT_EQ(h.find("clipped"), nullptr);
}

}  // namespace
}  // namespace halftone
