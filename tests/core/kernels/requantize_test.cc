#include "core/kernels/quant/requantize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/kernels/quant/quantize.h"
#include "core/kernels/quant/requantize_simd.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

int32_t by_formula(int32_t acc, float multiplier, const RequantRange& range) {
  const volatile float product = static_cast<float>(acc) * multiplier;
  const double y = std::nearbyint(static_cast<double>(product)) + range.zero_point;
  return static_cast<int32_t>(std::min<double>(std::max<double>(y, range.low), range.high));
}

TEST(Requantize, TiesGoToEven) {
  const RequantRange range{10, 0, 255};
  const int32_t halves[][2] = {{1, 10}, {3, 12}, {5, 12}, {7, 14}, {-1, 10}, {-3, 8}, {-5, 8}};
  for (const auto& [acc, y] : halves) EXPECT_EQ(requantize(acc, 0.5f, range), y) << acc;
}

TEST(Requantize, SaturatesAtTheRange) {
  const RequantRange bytes{0, -128, 127}, clamped{3, 3, 90};
  EXPECT_EQ(requantize(std::numeric_limits<int32_t>::max(), 1.0f, bytes), 127);
  EXPECT_EQ(requantize(std::numeric_limits<int32_t>::min(), 1.0f, bytes), -128);
  EXPECT_EQ(requantize(std::numeric_limits<int32_t>::max(), 1e30f, bytes), 127);
  EXPECT_EQ(requantize(std::numeric_limits<int32_t>::min(), 1e30f, bytes), -128);
  EXPECT_EQ(requantize(-50, 1.0f, clamped), 3);
  EXPECT_EQ(requantize(500, 1.0f, clamped), 90);
  EXPECT_EQ(requantize(0, std::numeric_limits<float>::infinity(), clamped), 3) << "not a number: the lowest";
}

TEST(Requantize, VectorsGiveTheSameBits) {
  Rng rng(17);
  for (int round = 0; round < 20000; ++round) {
    const bool is_signed = rng.below(2) != 0;
    const int32_t low = is_signed ? -128 : 0;
    const auto cut = static_cast<int32_t>(rng.below(100));  // as a fused activation does
    const RequantRange range{low + static_cast<int32_t>(rng.below(256)), low + cut, low + 255 - cut / 2};
    const int bits = static_cast<int>(rng.below(31)) + 1;
    // Multipliers that make near-ties: halves and quarters with a last bit more or less.
    float multiplier = std::ldexp(1.0f, -static_cast<int>(rng.below(24)));
    if (rng.below(2) != 0) multiplier = std::nextafter(multiplier, rng.below(2) != 0 ? 0.0f : 1.0f);
    int32_t acc[4];
    for (int32_t& a : acc) a = static_cast<int32_t>(rng.next() >> 32) >> (32 - bits);
    double largest = 0;
    for (int32_t a : acc) largest = std::max(largest, std::abs(static_cast<double>(a) * multiplier));
    const Requantizer requantizer(range, is_signed, largest < 4194303);
    const i32x4 y = requantizer.round(load<i32x4>(acc), splat(multiplier));
    const i8x16 bytes = requantizer.narrow8(y, y), twice = requantizer.narrow16(y, y, y, y);
    for (int i = 0; i < 4; ++i) {
      const int32_t expected = by_formula(acc[i], multiplier, range);
      ASSERT_EQ(requantize(acc[i], multiplier, range), expected) << acc[i] << " * " << multiplier;
      ASSERT_EQ(is_signed ? bytes[i] : static_cast<uint8_t>(bytes[i]), expected);
      ASSERT_EQ(bytes[i], twice[i + 12]);
    }
  }
}

TEST(Quantize, RoundsHalfToEvenAndSaturates) {
  const float x[] = {-1e9f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 126.0f, 1e9f, NAN, INFINITY, -INFINITY};
  int8_t y[11];
  quantize_run(x, 11, 1.0f, 3, y);
  const int expected[] = {-128, 1, 3, 3, 5, 5, 127, 127, -128, 127, -128};
  for (int i = 0; i < 11; ++i) EXPECT_EQ(y[i], expected[i]) << x[i];
}

TEST(Quantize, SixteenBitsKeepEveryCode) {
  for (int32_t code = 0; code <= 65535; code += 97) {
    const float real = static_cast<float>(code - 40000) * 0.125f;
    uint16_t y;
    quantize_run(&real, 1, 0.125f, 40000, &y);
    ASSERT_EQ(y, code);
    float back;
    dequantize_run(&y, 1, 0.125f, 40000, &back);
    ASSERT_EQ(back, real);
  }
}

TEST(Quantize, PackedIntegersComeBack) {
  for (int bits : {2, 4, 8, 16}) {
    std::vector<uint8_t> bytes(static_cast<size_t>(bits * 2), 0);  // 16 elements
    for (bool is_signed : {false, true}) {
      std::fill(bytes.begin(), bytes.end(), uint8_t{0});
      const int32_t low = is_signed ? -(1 << (bits - 1)) : 0, count = 1 << bits;
      for (int64_t i = 0; i < 16; ++i) packed_set(bytes.data(), i, bits, low + static_cast<int32_t>(i * 37 % count));
      for (int64_t i = 0; i < 16; ++i) {
        EXPECT_EQ(packed_get(bytes.data(), i, bits, is_signed), low + static_cast<int32_t>(i * 37 % count));
      }
    }
  }
}

}  // namespace
}  // namespace halftone
