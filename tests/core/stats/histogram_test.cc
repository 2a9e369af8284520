// The histogram counts the same whatever the order, the pieces and the merging.
#include "core/stats/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Histogram of(std::span<const float> values) {
  Histogram h;
  h.add(values);
  return h;
}

// Magnitudes over the whole range of float, both signs, zeros of both signs, NaN and infinities.
std::vector<float> wild_values(uint64_t seed, size_t n) {
  Rng rng(seed);
  std::vector<float> values(n);
  for (float& v : values) {
    const int exponent = static_cast<int>(rng.below(270)) - 148;
    v = std::ldexp(rng.uniform(-1, 1), exponent);
    const uint32_t special = rng.below(50);
    if (special < 5) v = std::array{0.0f, -0.0f, kInf, -kInf, kNan}[special];
  }
  return values;
}

TEST(Histogram, ABinHoldsTheValuesOfItsInterval) {
  const Histogram h = of(std::vector<float>{0.5f, 1.0f, 3.0f, -3.0f, 3.999f, -0.001f, 0.0f, -0.0f});
  EXPECT_EQ(h.limit(), 4);
  EXPECT_EQ(h.bin_width(), 4.0 / 1024);
  EXPECT_EQ(h.total(), 8u);
  EXPECT_EQ(h.zeros(), 2u);
  std::vector<uint64_t> expected(Histogram::kBins, 0);
  for (const double v : {0.5, 1.0, 3.0, 3.999}) ++expected[static_cast<size_t>(1024 + std::floor(v * 256))];
  for (const double v : {3.0, 0.001}) ++expected[static_cast<size_t>(1023 - std::floor(v * 256))];
  EXPECT_EQ(h.counts(), expected);
}

TEST(Histogram, LimitsArePowersOfTwoAboveEveryValue) {
  struct Case {
    float value;
    double limit;
  };
  const Case cases[] = {{1.0f, 2}, {-1.0f, 2},         {0.99f, 1},          {1.5f, 2},
                        {2.0f, 4}, {FLT_MAX, 0x1p128}, {FLT_MIN, 0x1p-100}, {1e-45f, 0x1p-100}};
  for (const Case& c : cases) {
    const Histogram h = of(std::span(&c.value, 1));
    EXPECT_EQ(h.limit(), c.limit) << c.value;
    EXPECT_EQ(std::accumulate(h.counts().begin(), h.counts().end(), uint64_t{0}), 1u);
  }
}

TEST(Histogram, EmptyAndAllZero) {
  EXPECT_EQ(of({}), Histogram());
  const Histogram h = of(std::vector<float>(5, -0.0f));
  EXPECT_EQ(h.limit(), 0);
  EXPECT_EQ(h.zeros(), 5u);
  EXPECT_TRUE(h.counts().empty());
}

TEST(Histogram, WhatIsNotFiniteIsOnlyCounted) {
  const Histogram h = of(std::vector<float>{kNan, kInf, -kInf, 1.0f});
  EXPECT_EQ(h.non_finite(), 3u);
  EXPECT_EQ(h.total(), 1u);
  EXPECT_EQ(h.limit(), 2);
}

TEST(Histogram, OrderPiecesAndMergingDoNotMatter) {
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    std::vector<float> values = wild_values(seed, 3000);
    const Histogram whole = of(values);
    EXPECT_EQ(std::accumulate(whole.counts().begin(), whole.counts().end(), whole.zeros()), whole.total());
    EXPECT_EQ(whole.total() + whole.non_finite(), values.size());

    Rng rng(seed);
    for (int round = 0; round < 5; ++round) {
      for (size_t i = values.size(); i-- > 1;) std::swap(values[i], values[rng.below(static_cast<uint32_t>(i) + 1)]);
      Histogram pieces, left, right;
      for (size_t begin = 0; begin < values.size();) {
        const size_t n = std::min<size_t>(rng.below(200), values.size() - begin);
        const auto piece = std::span(values).subspan(begin, n);
        pieces.add(piece);
        (rng.below(2) == 0 ? left : right).add(piece);
        begin += n;
      }
      EXPECT_EQ(pieces, whole);
      Histogram merged = left;
      merged.merge(right);
      EXPECT_EQ(merged, whole);
      right.merge(left);
      EXPECT_EQ(right, whole);
    }
    // Ascending magnitudes widen at every step, descending ones never.
    std::sort(values.begin(), values.end(), [](float a, float b) { return std::fabs(a) < std::fabs(b); });
    Histogram one_by_one;
    for (const float v : values) one_by_one.add(std::span(&v, 1));
    EXPECT_EQ(one_by_one, whole);
  }
}

TEST(Histogram, MergingWithEmptyChangesNothing) {
  const Histogram h = of(wild_values(9, 100));
  Histogram a = h, b;
  a.merge(Histogram());
  b.merge(h);
  EXPECT_EQ(a, h);
  EXPECT_EQ(b, h);
}

}  // namespace
}  // namespace halftone
