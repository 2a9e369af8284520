// Clip of floats: into another array and in place, at every length around a vector, with not-a-number and infinities.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "core/kernels/eltwise/unary.h"

namespace halftone {
namespace {

TEST(Clip, FloatsInPlaceOrNot) {
  const float low = -0.75f, high = 1.5f, infinity = std::numeric_limits<float>::infinity();
  const float special[] = {std::nanf(""), infinity, -infinity, -0.0f, low, high};
  for (size_t n = 0; n < 23; ++n) {
    std::vector<float> x(n), y(n, 9), expected(n);
    for (size_t i = 0; i < n; ++i) {
      x[i] = i % 4 == 3 ? special[i / 4 % 6] : static_cast<float>(i % 7) - 3;
      expected[i] = x[i] < low ? low : x[i] > high ? high : x[i];
    }
    clip_row(DType::kFloat)(x.data(), y.data(), static_cast<int64_t>(n), &low, &high);
    EXPECT_EQ(n == 0 ? 0 : std::memcmp(y.data(), expected.data(), n * sizeof(float)), 0) << n;
    clip_row(DType::kFloat)(x.data(), x.data(), static_cast<int64_t>(n), &low, &high);
    EXPECT_EQ(n == 0 ? 0 : std::memcmp(x.data(), expected.data(), n * sizeof(float)), 0) << n;
  }
}

}  // namespace
}  // namespace halftone
