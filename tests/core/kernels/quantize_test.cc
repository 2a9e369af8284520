// Vector loops of quantize and dequantize against the rule for one element, at sizes around the step.
#include "core/kernels/quant/quantize.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

constexpr int64_t kSizes[] = {0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 49, 100, 1000};

// Reals around the type's range, many of them exact ties, some not finite.
std::vector<float> reals_for(Rng& rng, int64_t n, float scale, float reach) {
  std::vector<float> x = random_floats(rng, n, -reach, reach);
  for (float& v : x) {
    const uint32_t kind = rng.below(8);
    if (kind < 3) v = (std::floor(v / scale) + 0.5f) * scale;
    if (kind == 3) v = rng.below(4) == 0 ? NAN : v * 1e9f;
  }
  return x;
}

template <typename T>
void check_type() {
  constexpr int32_t low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  Rng rng(41);
  for (int64_t n : kSizes) {
    for (float scale : {1.0f, 0.25f, 0.0173f, 3.7e-5f, 1e30f}) {
      const int32_t zero = low + static_cast<int32_t>(rng.below(static_cast<uint32_t>(high - low + 1)));
      const auto x = reals_for(rng, n, scale, scale * static_cast<float>(high - low));
      std::vector<T> y(static_cast<size_t>(n) + 1, T{77});
      quantize_run(x.data(), n, scale, zero, y.data());
      std::vector<float> back(static_cast<size_t>(n) + 1, -5.0f);
      dequantize_run(y.data(), n, scale, zero, back.data());
      for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
        ASSERT_EQ(y[i], quantize_code(x[i], scale, zero, low, high)) << x[i] << " / " << scale << " + " << zero;
        ASSERT_EQ(back[i], static_cast<float>(y[i] - zero) * scale);
      }
      ASSERT_EQ(y.back(), T{77}) << "written beyond the end";
      ASSERT_EQ(back.back(), -5.0f);
    }
  }
}

TEST(Quantize, RunsGiveTheBitsOfSingleElements) {
  check_type<int8_t>();
  check_type<uint8_t>();
  check_type<int16_t>();
  check_type<uint16_t>();
}

TEST(Quantize, ExtentHoldsZeroAndSkipsNaN) {
  Rng rng(43);
  for (int64_t n : kSizes) {
    for (float shift : {-2.0f, 0.0f, 2.0f}) {
      auto x = random_floats(rng, n, shift - 1, shift + 1);
      if (n > 5) x.insert(x.begin() + static_cast<int64_t>(rng.below(static_cast<uint32_t>(n))), NAN);
      float low = 0, high = 0;
      for (float v : x) {
        low = std::fmin(low, v);
        high = std::fmax(high, v);
      }
      const Extent e = extent_around_zero(x.data(), static_cast<int64_t>(x.size()));
      EXPECT_EQ(e.low, low);
      EXPECT_EQ(e.high, high);
    }
  }
}

}  // namespace
}  // namespace halftone
