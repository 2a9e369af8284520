#include "core/kernels/conv/conv_f32.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/kernels/conv/reference.h"
#include "tests/core/kernels/conv_cases.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

void check(const ConvCase& c, bool with_bias, float lo, float hi, bool with_addend = false) {
  SCOPED_TRACE(c.name);
  const ConvGeometry& g = c.geometry;
  Rng rng(7);
  const auto x = random_floats(rng, input_size(g)), w = random_floats(rng, weight_size(g)),
             bias = random_floats(rng, g.groups * g.filters);
  std::vector<float> y(static_cast<size_t>(output_size(g)), -77.0f);
  std::vector<uint8_t> scratch(static_cast<size_t>(conv_f32_scratch_bytes(g) + 64));
  void* aligned = scratch.data() + (64 - reinterpret_cast<uintptr_t>(scratch.data()) % 64);
  std::vector<float> packed(static_cast<size_t>(conv_f32_packed_size(g))),
      packed_bias(static_cast<size_t>(conv_bias_size(g)));
  pack_conv_f32(g, w.data(), packed.data());
  pack_conv_bias(g, with_bias ? bias.data() : nullptr, packed_bias.data());
  const auto addend = with_addend && !g.depthwise() ? random_floats(rng, output_size(g)) : std::vector<float>();
  conv_f32(g,
           ConvF32{.x = x.data(),
                   .w = packed.data(),
                   .bias = packed_bias.data(),
                   .addend = addend.empty() ? nullptr : addend.data(),
                   .lo = lo,
                   .hi = hi,
                   .y = y.data()},
           aligned);
  const float tolerance = 1e-5f * static_cast<float>(std::max<int64_t>(g.depth(), 10));
  conv_reference<float>(g, x.data(), w.data(), 0, [&](int64_t i, int64_t f, float acc) {
    if (with_bias) acc += bias[static_cast<size_t>(f)];
    if (!addend.empty()) acc += addend[static_cast<size_t>(i)];
    const float expected = std::clamp(acc, lo, hi);
    ASSERT_NEAR(y[static_cast<size_t>(i)], expected, tolerance) << "element " << i;
  });
}

TEST(ConvF32, MatchesReferenceInEveryGeometry) {
  for (const ConvCase& c : conv_cases()) check(c, true, -kInf, kInf);
}

TEST(ConvF32, WorksWithoutBias) {
  for (const ConvCase& c : conv_cases()) check(c, false, -kInf, kInf);
}

TEST(ConvF32, StartsFromAnAddend) {
  for (const ConvCase& c : conv_cases()) check(c, true, 0.0f, kInf, true);
}

TEST(ConvF32, ClampsToFusedActivation) {
  for (const ConvCase& c : conv_cases()) check(c, true, 0.0f, 0.75f);
}

TEST(ConvF32, UnpackingGivesTheWeightsBack) {
  for (const ConvCase& c : conv_cases()) {
    SCOPED_TRACE(c.name);
    Rng rng(5);
    const auto w = random_floats(rng, weight_size(c.geometry));
    std::vector<float> packed(static_cast<size_t>(conv_f32_packed_size(c.geometry))), back(w.size());
    pack_conv_f32(c.geometry, w.data(), packed.data());
    unpack_conv_f32(c.geometry, packed.data(), reinterpret_cast<uint8_t*>(back.data()));
    EXPECT_EQ(back, w);
  }
}

TEST(ConvF32, WithoutInputChannelsGivesBias) {
  const ConvGeometry g{.channels = 0, .filters = 2, .in = {1, 1, 3}, .out = {1, 1, 3}};
  const std::vector<float> bias{1.5f, -2.0f, 0, 0, 0, 0, 0, 0};
  std::vector<float> y(6), scratch(static_cast<size_t>(conv_f32_scratch_bytes(g) / 4 + 16));
  conv_f32(g, ConvF32{nullptr, nullptr, bias.data(), nullptr, -kInf, kInf, y.data()}, scratch.data());
  EXPECT_EQ(y, (std::vector<float>{1.5f, -2.0f, 1.5f, -2.0f, 1.5f, -2.0f}));
}

TEST(ConvF32, AbsurdWindowAsksForImpossibleScratch) {
  const int64_t huge = int64_t{1} << 30;
  const ConvGeometry g = with_output({.channels = 4,
                                      .filters = 1,
                                      .in = {1, 1, 1},
                                      .kernel = {2, 2, 2},
                                      .dilation = {huge, huge, 1},
                                      .pad = {huge, huge, 1}},
                                     {0, 0, 0});
  EXPECT_GT(conv_f32_scratch_bytes(g), int64_t{1} << 33);
}

}  // namespace
}  // namespace halftone
