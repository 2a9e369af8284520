#include "core/kernels/linalg/inverse_factor.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/base/rng.h"
#include "core/kernels/linalg/gram.h"

namespace halftone {
namespace {

std::vector<float> samples(int64_t rows, int64_t n, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> x(static_cast<size_t>(rows * n));
  for (float& v : x) v = static_cast<float>(rng.uniform() * 2 - 1);
  return x;
}

TEST(Gram, SumsOuterProductsAtSizesAroundTheTile) {
  for (int64_t n : {1, 3, 4, 7, 8, 9, 12, 17, 33}) {
    const int64_t rows = 21;
    const std::vector<float> x = samples(rows, n, static_cast<uint64_t>(n));
    std::vector<float> h(static_cast<size_t>(n * n), 0.0f);
    add_gram(x.data(), 10, n, h.data());
    add_gram(x.data() + 10 * n, rows - 10, n, h.data());
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (int64_t r = 0; r < rows; ++r) {
          sum += static_cast<double>(x[static_cast<size_t>(r * n + i)]) * x[static_cast<size_t>(r * n + j)];
        }
        EXPECT_NEAR(h[static_cast<size_t>(i * n + j)], sum, 1e-4) << n << " " << i << " " << j;
      }
    }
  }
}

TEST(InverseFactor, TransposeTimesItselfInvertsTheMatrix) {
  for (int64_t n : {1, 2, 5, 64, 67, 130}) {
    const std::vector<float> x = samples(3 * n, n, 5);
    std::vector<float> h(static_cast<size_t>(n * n), 0.0f), u(h.size());
    add_gram(x.data(), 3 * n, n, h.data());
    const auto at = [n](const std::vector<float>& m, int64_t i, int64_t j) {
      return static_cast<double>(m[static_cast<size_t>(i * n + j)]);
    };
    const std::vector<float> before = h;
    const auto symmetric = [&](int64_t i, int64_t j) { return i >= j ? at(before, i, j) : at(before, j, i); };
    ASSERT_TRUE(inverse_factor(h.data(), n, u.data()));
    std::vector<double> inverse(h.size(), 0);
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        if (j < i) {
          EXPECT_EQ(at(u, i, j), 0);
        }
        for (int64_t k = 0; k < n; ++k) inverse[static_cast<size_t>(i * n + j)] += at(u, k, i) * at(u, k, j);
      }
    }
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < n; ++k) sum += symmetric(i, k) * inverse[static_cast<size_t>(k * n + j)];
        EXPECT_NEAR(sum, i == j ? 1 : 0, 2e-3) << n << " " << i << " " << j;
      }
    }
  }
}

TEST(InverseFactor, RefusesWhatIsNotPositiveDefinite) {
  std::vector<float> h = {1, 0, 2, 1}, u(4);
  EXPECT_FALSE(inverse_factor(h.data(), 2, u.data()));
  h = {0};
  EXPECT_FALSE(inverse_factor(h.data(), 1, u.data()));
}

}  // namespace
}  // namespace halftone
