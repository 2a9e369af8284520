// Learned rounding against every possible rounding of short rows.
#include "core/kernels/quant/adaround.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr size_t kColumns = 6;
constexpr float kLowest = -3, kHighest = 4, kZero = 1;

struct Problem {
  std::vector<float> w, h;
};

// Weights of up to `reach` steps, columns that correlate.
Problem problem(uint64_t seed, float reach) {
  Rng rng(seed);
  Problem p{std::vector<float>(kColumns), std::vector<float>(kColumns * kColumns)};
  for (float& w : p.w) w = rng.uniform(-reach, reach);
  for (int sample = 0; sample < 32; ++sample) {
    std::vector<float> x(kColumns);
    const float common = rng.normal();
    for (float& v : x) v = common + 0.5f * rng.normal();
    for (size_t i = 0; i < p.h.size(); ++i) p.h[i] += x[i / kColumns] * x[i % kColumns];
  }
  return p;
}

double error_of(const Problem& p, const std::vector<int16_t>& codes) {
  const auto off = [&](size_t i) { return static_cast<double>(codes[i]) - kZero - p.w[i]; };
  double sum = 0;
  for (size_t i = 0; i < p.h.size(); ++i) sum += off(i / kColumns) * p.h[i] * off(i % kColumns);
  return sum;
}

int16_t in_grid(float code) { return static_cast<int16_t>(std::clamp(code, kLowest, kHighest)); }

std::vector<int16_t> learnt_codes(const Problem& p) {
  std::vector<int16_t> codes(kColumns);
  const float scale = 1;
  adaround({.w = p.w.data(),
            .h = p.h.data(),
            .rows = 1,
            .n = kColumns,
            .scale = &scale,
            .zero = &kZero,
            .lowest = kLowest,
            .highest = kHighest,
            .codes = codes.data()},
           {.iterations = 1000, .regularization = 0.5f});
  return codes;
}

double least_error(const Problem& p) {
  std::vector<int16_t> codes(kColumns);
  double least = INFINITY;
  for (size_t ups = 0; ups < size_t{1} << kColumns; ++ups) {
    for (size_t i = 0; i < kColumns; ++i) {
      codes[i] = in_grid(std::floor(p.w[i]) + kZero + static_cast<float>(ups >> i & 1));
    }
    least = std::min(least, error_of(p, codes));
  }
  return least;
}

// The grid reaches from -4 to 3: of weights up to 7 some lie beyond it, and others make up for that.
TEST(AdaRound, ComesNearTheBestRounding) {
  for (const float reach : {3.0f, 7.0f}) {
    double nearest = 0, learnt = 0, least = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) {
      const Problem p = problem(seed, reach);
      const std::vector<int16_t> codes = learnt_codes(p);
      for (int16_t code : codes) EXPECT_EQ(code, in_grid(code));
      learnt += error_of(p, codes);
      least += least_error(p);
      std::vector<int16_t> plain;
      for (float w : p.w) plain.push_back(in_grid(std::nearbyint(w) + kZero));
      nearest += error_of(p, plain);
    }
    EXPECT_LT(learnt - least, 0.25 * (nearest - least)) << "reach " << reach << ": " << nearest << " " << least;
  }
}

}  // namespace
}  // namespace halftone
