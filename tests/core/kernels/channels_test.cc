// Extremes and sums by channel against plain loops, in every order of axes and around the edges of vectors and blocks.
#include "core/kernels/reduce/channels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/base/rng.h"

namespace halftone {
namespace {

struct Shape {
  int64_t outer, channels, inner;
};
constexpr Shape kShapes[] = {{1, 1, 1},   {1, 5, 1},   {3, 64, 1}, {700, 65, 1}, {257, 130, 1},
                             {2, 3, 5000}, {2, 7, 15}, {4, 3, 16}, {0, 4, 3},    {300, 16, 1}};

std::vector<float> values_of(const Shape& s, bool odd) {
  Rng rng(3);
  std::vector<float> values(static_cast<size_t>(s.outer * s.channels * s.inner));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = rng.normal() + 0.5f;
    if (odd && i % 11 == 3) values[i] = std::numeric_limits<float>::quiet_NaN();
    if (odd && i % 13 == 4) values[i] = std::numeric_limits<float>::infinity() * (i % 2 == 0 ? 1.0f : -1.0f);
  }
  return values;
}

TEST(Channels, ExtremesAndSumsAreThoseOfPlainLoops) {
  for (const bool odd : {false, true}) {
    for (const Shape& s : kShapes) {
      const std::vector<float> x = values_of(s, odd);
      const auto channels = static_cast<size_t>(s.channels);
      std::vector<float> low(channels, -0.25f), high(channels, 0.25f), least = low, most = high;
      std::vector<double> sums(channels, 1.0), squares(channels, 2.0), sum = sums, square = squares;
      for (size_t i = 0; i < x.size(); ++i) {
        const size_t c = i / static_cast<size_t>(s.inner) % channels;
        const float v = std::isfinite(x[i]) ? x[i] : 0.0f;
        least[c] = std::min(least[c], v);
        most[c] = std::max(most[c], v);
        sum[c] += v;
        square[c] += static_cast<double>(v) * v;
      }
      add_extremes(x.data(), s.outer, s.channels, s.inner, low.data(), high.data());
      add_sums(x.data(), s.outer, s.channels, s.inner, sums.data());
      add_square_sums(x.data(), s.outer, s.channels, s.inner, squares.data());
      EXPECT_EQ(low, least) << s.outer << " " << s.channels << " " << s.inner;
      EXPECT_EQ(high, most) << s.outer << " " << s.channels << " " << s.inner;
      for (size_t c = 0; c < channels; ++c) {
        EXPECT_NEAR(sums[c], sum[c], 1e-5 * square[c]) << c << " of " << s.channels;
        EXPECT_NEAR(squares[c], square[c], 1e-5 * square[c]) << c << " of " << s.channels;
      }
    }
  }
}

}  // namespace
}  // namespace halftone
