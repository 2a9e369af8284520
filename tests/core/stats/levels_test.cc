#include "core/stats/levels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/rng.h"

namespace halftone {
namespace {

TEST(Levels, NormalFloatOfFourBitsIsNf4) {
  // The table of QLoRA's implementation.
  const float nf4[] = {-1.0f,
                       -0.6961928009986877f,
                       -0.5250730514526367f,
                       -0.39491748809814453f,
                       -0.28444138169288635f,
                       -0.18477343022823334f,
                       -0.09105003625154495f,
                       0.0f,
                       0.07958029955625534f,
                       0.16093020141124725f,
                       0.24611230194568634f,
                       0.33791524171829224f,
                       0.44070982933044434f,
                       0.5626170039176941f,
                       0.7229568362236023f,
                       1.0f};
  const std::vector<float> levels = normal_float_levels(4);
  ASSERT_EQ(levels.size(), 16u);
  for (size_t i = 0; i < 16; ++i) EXPECT_NEAR(levels[i], nf4[i], 2e-6) << i;
}

TEST(Levels, PowersOfTwo) {
  EXPECT_EQ(power_of_two_levels(2), (std::vector<float>{-1, 0, 1}));
  EXPECT_EQ(power_of_two_levels(3), (std::vector<float>{-1, -0.5f, -0.25f, 0, 0.25f, 0.5f, 1}));
}

// The values that the paper's implementation has for 4 and 5 bits (3 and 4 of magnitude).
TEST(Levels, SumsOfPowersOfTwo) {
  std::vector<float> four = {0};
  for (const double a : {0.0, 0.5, 0.25, 0.0625}) {
    for (const double b : {0.0, 0.125}) {
      if (a + b == 0) continue;
      four.push_back(static_cast<float>((a + b) / 0.625));
      four.push_back(-four.back());
    }
  }
  std::sort(four.begin(), four.end());
  EXPECT_EQ(additive_power_of_two_levels(4), four);
  std::vector<float> five = {0};
  for (const double a : {0.0, 0.5, 0.125, 0.03125}) {
    for (const double b : {0.0, 0.25, 0.0625, 0.015625}) {
      if (a + b == 0) continue;
      five.push_back(static_cast<float>((a + b) / 0.75));
      five.push_back(-five.back());
    }
  }
  std::sort(five.begin(), five.end());
  EXPECT_EQ(additive_power_of_two_levels(5), five);
}

TEST(Levels, PiecesAreEvenOnBothSidesOfTheBreakpoint) {
  const std::vector<float> levels = piecewise_linear_levels(4, 0.25);
  ASSERT_EQ(levels.size(), 16u);
  EXPECT_EQ(levels.front(), -1);
  EXPECT_EQ(levels.back(), 1);
  for (size_t i = 4; i < 11; ++i) EXPECT_NEAR(levels[i + 1] - levels[i], 0.5 / 7, 1e-6);
  for (size_t i = 11; i < 15; ++i) EXPECT_NEAR(levels[i + 1] - levels[i], 0.75 / 4, 1e-6);
}

TEST(Levels, AllFamiliesFitTheirBitsAndAreSorted) {
  for (int bits = 2; bits <= 8; ++bits) {
    for (const std::vector<float>& levels : {power_of_two_levels(bits), additive_power_of_two_levels(bits),
                                             piecewise_linear_levels(bits, 0.3), normal_float_levels(bits)}) {
      EXPECT_LE(levels.size(), size_t{1} << bits);
      EXPECT_GE(levels.size(), (size_t{1} << bits) - 1) << bits;
      EXPECT_EQ(std::adjacent_find(levels.begin(), levels.end(), std::greater_equal<>()), levels.end()) << bits;
      EXPECT_EQ(levels.back(), 1);
      EXPECT_EQ(levels.front(), -1);
    }
  }
}

// Least sum of squared distances of sorted values to k centers, by dynamic programming.
double least_error(const std::vector<float>& sorted, size_t k) {
  const size_t n = sorted.size();
  std::vector<double> best(n + 1, std::numeric_limits<double>::infinity());
  best[0] = 0;
  for (size_t c = 0; c < k; ++c) {
    std::vector<double> next = best;
    for (size_t end = 1; end <= n; ++end) {
      double sum = 0, square = 0;
      for (size_t begin = end; begin-- > 0;) {
        sum += sorted[begin];
        square += static_cast<double>(sorted[begin]) * sorted[begin];
        next[end] = std::min(next[end], best[begin] + square - sum * sum / static_cast<double>(end - begin));
      }
    }
    best = next;
  }
  return best[n];
}

double error_of(const std::vector<float>& values, const std::vector<float>& levels) {
  double error = 0;
  for (const float v : values) {
    double least = std::numeric_limits<double>::infinity();
    for (const float level : levels) least = std::min(least, std::pow(static_cast<double>(v) - level, 2));
    error += least;
  }
  return error;
}

TEST(Kmeans, ComesNearTheBestThereIs) {
  Rng rng(3);
  for (const size_t k : {2, 4, 8, 16}) {
    std::vector<float> values(200);
    for (float& v : values) v = rng.normal() * (rng.uniform() < 0.1f ? 4.0f : 1.0f);
    const std::vector<float> levels = kmeans_levels(values, static_cast<int64_t>(k), 1);
    EXPECT_EQ(levels, kmeans_levels(values, static_cast<int64_t>(k), 1));
    std::sort(values.begin(), values.end());
    EXPECT_LT(error_of(values, levels), 1.25 * least_error(values, k)) << k;
  }
}

TEST(Kmeans, FewValuesAreTheirOwnLevels) {
  EXPECT_EQ(kmeans_levels(std::vector<float>{3, 1, 3, 2, 1}, 4, 0), (std::vector<float>{1, 2, 3}));
}

}  // namespace
}  // namespace halftone
