// Checked arithmetic and the seeded generator.
#include <gtest/gtest.h>

#include <vector>

#include "core/base/checked.h"
#include "core/base/rng.h"

namespace halftone {
namespace {

TEST(Checked, OverflowIsNothing) {
  EXPECT_EQ(checked_add(2, 3), 5);
  EXPECT_EQ(checked_add(INT64_MAX, 1), std::nullopt);
  EXPECT_EQ(checked_add(INT64_MIN, -1), std::nullopt);
  EXPECT_EQ(checked_mul(-4, 5), -20);
  EXPECT_EQ(checked_mul(INT64_MAX / 2 + 1, 2), std::nullopt);
  EXPECT_EQ(checked_mul(INT64_MIN, -1), std::nullopt);
}

TEST(Checked, ProductsOfSizes) {
  constexpr int64_t kHuge = int64_t{1} << 40;
  EXPECT_EQ(checked_product(std::vector<int64_t>{}), 1);
  EXPECT_EQ(checked_product(std::vector<int64_t>{2, 3, 7}), 42);
  EXPECT_EQ(checked_product(std::vector<int64_t>{kHuge, kHuge, 0}), 0);
  EXPECT_EQ(checked_product(std::vector<int64_t>{kHuge, kHuge}), std::nullopt);
  EXPECT_EQ(checked_product(std::vector<int64_t>{0, -1}), std::nullopt);
}

// The published first outputs of SplitMix64 for this seed.
TEST(Rng, MatchesThePublishedStream) {
  Rng rng(1234567);
  for (const uint64_t expected : {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                  4593380528125082431u, 16408922859458223821u}) {
    EXPECT_EQ(rng.next(), expected);
  }
}

TEST(Rng, StaysInRangeAndLooksUniform) {
  Rng rng(1);
  std::vector<int> buckets(10, 0);
  double sum = 0, squares = 0;
  for (int i = 0; i < 100000; ++i) {
    const float u = rng.uniform();
    ASSERT_GE(u, 0.0f);
    ASSERT_LT(u, 1.0f);
    const uint32_t b = rng.below(10);
    ASSERT_LT(b, 10u);
    ++buckets[b];
    const double n = static_cast<double>(rng.normal());
    sum += n;
    squares += n * n;
  }
  for (const int count : buckets) EXPECT_NEAR(count, 10000, 500);
  EXPECT_NEAR(sum / 100000, 0, 0.02);
  EXPECT_NEAR(squares / 100000, 1, 0.02);
  const float v = rng.uniform(-2, 3);
  EXPECT_GE(v, -2.0f);
  EXPECT_LE(v, 3.0f);
}

}  // namespace
}  // namespace halftone
