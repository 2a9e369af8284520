// Coordinate descent ends where no single code can do better, and never above where it started.
#include "core/kernels/quant/descend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr size_t kRows = 3, kColumns = 13;
constexpr float kLowest = -3, kHighest = 4, kScale[] = {0.5f, 1, 2}, kZero[] = {1, 0, -1};

struct Problem {
  std::vector<float> w, h;
  std::vector<int16_t> codes;  // rounded to nearest
};

// Some weights lie beyond the grid; columns correlate.
Problem problem(uint64_t seed) {
  Rng rng(seed);
  Problem p{std::vector<float>(kRows * kColumns), std::vector<float>(kColumns * kColumns), {}};
  for (float& w : p.w) w = rng.uniform(-5, 5);
  for (int sample = 0; sample < 32; ++sample) {
    std::vector<float> x(kColumns);
    const float common = rng.normal();
    for (float& v : x) v = common + 0.5f * rng.normal();
    for (size_t i = 0; i < p.h.size(); ++i) p.h[i] += x[i / kColumns] * x[i % kColumns];
  }
  for (size_t i = 0; i < p.w.size(); ++i) {
    const float code = std::nearbyint(p.w[i] / kScale[i / kColumns] + kZero[i / kColumns]);
    p.codes.push_back(static_cast<int16_t>(std::clamp(code, kLowest, kHighest)));
  }
  return p;
}

double error_of(const Problem& p, size_t row, const std::vector<int16_t>& codes) {
  const auto off = [&](size_t i) {
    return p.w[row * kColumns + i] - kScale[row] * (static_cast<double>(codes[row * kColumns + i]) - kZero[row]);
  };
  double sum = 0;
  for (size_t i = 0; i < p.h.size(); ++i) sum += off(i / kColumns) * p.h[i] * off(i % kColumns);
  return sum;
}

std::vector<int16_t> descended(const Problem& p) {
  std::vector<int16_t> codes = p.codes;
  descend({.w = p.w.data(),
           .h = p.h.data(),
           .rows = kRows,
           .n = kColumns,
           .scale = kScale,
           .zero = kZero,
           .lowest = kLowest,
           .highest = kHighest,
           .codes = codes.data()});
  return codes;
}

TEST(Descend, EndsBelowRoundingToNearest) {
  double nearest = 0, found = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Problem p = problem(seed);
    const std::vector<int16_t> codes = descended(p);
    for (size_t row = 0; row < kRows; ++row) {
      EXPECT_LE(error_of(p, row, codes), error_of(p, row, p.codes) * 1.0001);
      nearest += error_of(p, row, p.codes);
      found += error_of(p, row, codes);
    }
  }
  EXPECT_LT(found, 0.5 * nearest);
}

TEST(Descend, NoSingleCodeCanDoBetter) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Problem p = problem(seed);
    const std::vector<int16_t> codes = descended(p);
    for (size_t i = 0; i < codes.size(); ++i) {
      EXPECT_GE(codes[i], kLowest);
      EXPECT_LE(codes[i], kHighest);
      const double here = error_of(p, i / kColumns, codes);
      for (const int step : {-1, 1}) {
        std::vector<int16_t> other = codes;
        other[i] = static_cast<int16_t>(other[i] + step);
        if (other[i] < kLowest || other[i] > kHighest) continue;
        EXPECT_GE(error_of(p, i / kColumns, other), here * 0.9999);
      }
    }
  }
}

}  // namespace
}  // namespace halftone
