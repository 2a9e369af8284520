// Distortion: worked examples, degenerate signals, every length around the lanes.
#include "core/stats/distortion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Distortion, Table) {
  struct Case {
    std::vector<float> reference, other;
    double sqnr_db, cosine, max_abs;
  };
  const Case cases[] = {
      {{}, {}, kInf, 1, 0},
      {{0, 0}, {0, 0}, kInf, 1, 0},
      {{1, 2}, {1, 2}, kInf, 1, 0},
      {{10}, {9}, 20, 1, 1},
      {{3, 4}, {4, 3}, 10 * std::log10(12.5), 24.0 / 25, 1},
      {{1, 0}, {0, 1}, 10 * std::log10(0.5), 0, 1},
      {{1, -2}, {-1, 2}, 10 * std::log10(0.25), -1, 4},
      {{0, 0}, {1, 0}, -kInf, 0, 1},
      {{1, 0}, {0, 0}, 0, 0, 1},
      {{1e30f}, {-1e30f}, 10 * std::log10(0.25), -1, 2e30},
  };
  for (const Case& c : cases) {
    const Distortion d = distortion(c.reference, c.other);
    if (std::isinf(c.sqnr_db)) {
      EXPECT_EQ(d.sqnr_db, c.sqnr_db);
    } else {
      EXPECT_NEAR(d.sqnr_db, c.sqnr_db, 1e-9);
    }
    EXPECT_NEAR(d.cosine, c.cosine, 1e-12);
    EXPECT_NEAR(d.max_abs, c.max_abs, 1e-6 * c.max_abs);
  }
}

TEST(Distortion, EveryLengthAgreesWithOneSum) {
  Rng rng(4);
  for (size_t n = 1; n <= 40; ++n) {
    std::vector<float> r(n), x(n);
    double rr = 0, xx = 0, rx = 0, noise = 0, largest = 0;
    for (size_t i = 0; i < n; ++i) {
      r[i] = rng.normal();
      x[i] = r[i] + 0.1f * rng.normal();
      const double a = static_cast<double>(r[i]), b = static_cast<double>(x[i]);
      rr += a * a, xx += b * b, rx += a * b, noise += (a - b) * (a - b), largest = std::max(largest, std::fabs(a - b));
    }
    const Distortion d = distortion(r, x);
    EXPECT_NEAR(d.sqnr_db, 10 * std::log10(rr / noise), 1e-9);
    EXPECT_NEAR(d.cosine, rx / std::sqrt(rr * xx), 1e-12);
    EXPECT_EQ(d.max_abs, largest);
  }
}

TEST(Distortion, NaNIsNotHidden) {
  for (size_t at = 0; at < 9; ++at) {
    std::vector<float> r(9, 1.0f), x(9, 1.0f);
    x[at] = kNan;
    const Distortion d = distortion(r, x);
    EXPECT_TRUE(std::isnan(d.sqnr_db));
    EXPECT_TRUE(std::isnan(d.cosine));
    EXPECT_TRUE(std::isnan(d.max_abs));
  }
}

TEST(DistortionDeathTest, SizesMustAgree) {
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(distortion(std::vector<float>{1}, std::vector<float>{1, 2})), "");
}

}  // namespace
}  // namespace halftone
