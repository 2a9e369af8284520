// Small floats against their tables: limits of every format, exact round trips of every bit pattern, rounding
// against a search for the nearest neighbour, and ONNX Cast's treatment of what does not fit.
#include "core/tensor/small_float.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

struct FormatCase {
  DType type;
  double largest, smallest_normal, smallest;  // positive finite values (OCP specification, IEEE 754)
  uint32_t largest_bits, nan_bits;
};

const FormatCase kFormats[] = {
    {DType::kFloat16, 65504, 0x1p-14, 0x1p-24, 0x7bff, 0x7e00},
    {DType::kBFloat16, 0x1.fep127, 0x1p-126, 0x1p-133, 0x7f7f, 0x7fc0},
    {DType::kFloat8E4M3FN, 448, 0x1p-6, 0x1p-9, 0x7e, 0x7f},
    {DType::kFloat8E4M3FNUZ, 240, 0x1p-7, 0x1p-10, 0x7f, 0x80},
    {DType::kFloat8E5M2, 57344, 0x1p-14, 0x1p-16, 0x7b, 0x7e},
    {DType::kFloat8E5M2FNUZ, 57344, 0x1p-15, 0x1p-17, 0x7f, 0x80},
    {DType::kFloat4E2M1, 6, 1, 0.5, 0x7, 0x8},
};

class SmallFloats : public testing::TestWithParam<FormatCase> {
 protected:
  const SmallFloat& format() const { return *small_float_format(GetParam().type); }
  uint32_t patterns() const { return 1u << dtype_info(GetParam().type).bits; }
  double decode(uint32_t bits) const { return static_cast<double>(decode_small_float(format(), bits)); }
};

INSTANTIATE_TEST_SUITE_P(AllFormats, SmallFloats, testing::ValuesIn(kFormats),
                         [](const auto& info) { return std::string(dtype_name(info.param.type)); });

TEST_P(SmallFloats, LimitsMatchTheSpecification) {
  const FormatCase& c = GetParam();
  EXPECT_EQ(decode(c.largest_bits), c.largest);
  EXPECT_EQ(decode(1), c.smallest);
  EXPECT_EQ(decode(1u << format().mantissa_bits), c.smallest_normal);
  EXPECT_EQ(encode_small_float(format(), kNan), c.nan_bits);
}

TEST_P(SmallFloats, EveryPatternSurvivesDecodingAndEncoding) {
  for (uint32_t bits = 0; bits < patterns(); ++bits) {
    const double value = decode(bits);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(decode(encode_small_float(format(), value)))) << bits;
    } else {
      EXPECT_EQ(encode_small_float(format(), value, false), bits) << value;
    }
  }
}

// Between neighbours the nearer one wins, and halfway the one with the even pattern.
TEST_P(SmallFloats, RoundsToNearestEven) {
  for (uint32_t bits = 0; bits < GetParam().largest_bits; ++bits) {
    const double low = decode(bits), high = decode(bits + 1), middle = (low + high) / 2;
    EXPECT_EQ(encode_small_float(format(), middle), bits % 2 == 0 ? bits : bits + 1) << middle;
    EXPECT_EQ(encode_small_float(format(), std::nextafter(middle, 0)), bits) << middle;
    EXPECT_EQ(encode_small_float(format(), std::nextafter(middle, kInf)), bits + 1) << middle;
    const uint32_t negative = encode_small_float(format(), -std::nextafter(middle, kInf));
    EXPECT_EQ(decode(negative), -high);
  }
}

TEST_P(SmallFloats, SaturatesOrOverflowsAsCastSays) {
  const FormatCase& c = GetParam();
  const double step = c.largest - decode(c.largest_bits - 1);
  const double just_fits = std::nextafter(c.largest + step / 2, 0);
  for (const double huge : {c.largest + step, c.largest * 16, 1e300, kInf}) {
    EXPECT_EQ(decode(encode_small_float(format(), huge, true)), c.largest);
    EXPECT_EQ(decode(encode_small_float(format(), -huge, true)), -c.largest);
    const double wide = decode(encode_small_float(format(), huge, false));
    switch (format().specials) {
      case SmallFloatSpecials::kIeee:
        EXPECT_EQ(wide, kInf);
        EXPECT_EQ(decode(encode_small_float(format(), -huge, false)), -kInf);
        break;
      case SmallFloatSpecials::kFinite:
        EXPECT_EQ(wide, c.largest);
        break;
      default:
        EXPECT_TRUE(std::isnan(wide));
    }
  }
  EXPECT_EQ(encode_small_float(format(), just_fits, false), c.largest_bits);
}

TEST_P(SmallFloats, NegativeZeroExistsOnlyOutsideTheFnuzForms) {
  const uint32_t bits = encode_small_float(format(), -0.0);
  EXPECT_EQ(bits, format().specials == SmallFloatSpecials::kFnuz ? 0u : patterns() / 2);
  EXPECT_EQ(decode(bits), 0);
  EXPECT_EQ(encode_small_float(format(), 1e-310), 0u);
}

TEST(SmallFloat, DoublesAreRoundedOnceOnly) {
  // Through float this would first become the exact middle between 1 and 1 + 2^-10, then round down to even.
  const double just_above_middle = 1 + 0x1p-11 + 0x1p-40;
  EXPECT_EQ(encode_small_float(*small_float_format(DType::kFloat16), just_above_middle), 0x3c01u);
}

TEST(SmallFloat, HalfHelpersAgreeWithTheGeneralForm) {
  const SmallFloat& half = *small_float_format(DType::kFloat16);
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto h = static_cast<uint16_t>(bits);
    const float fast = half_to_float(h), general = decode_small_float(half, bits);
    if (std::isnan(general)) {
      ASSERT_TRUE(std::isnan(fast)) << bits;
    } else {
      ASSERT_EQ(std::bit_cast<uint32_t>(fast), std::bit_cast<uint32_t>(general)) << bits;
      ASSERT_EQ(float_to_half(fast), h);
    }
  }
}

TEST(SmallFloat, BFloat16IsTheUpperHalfOfAFloat) {
  Rng rng(7);
  for (int i = 0; i < 10000; ++i) {
    const auto bits = static_cast<uint32_t>(rng.next());
    const float value = std::bit_cast<float>(bits);
    if (std::isnan(value)) continue;
    const uint32_t expected = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    ASSERT_EQ(float_to_bfloat16(value), expected) << value;
    ASSERT_EQ(std::bit_cast<uint32_t>(bfloat16_to_float(static_cast<uint16_t>(bits >> 16))), bits & 0xffff0000u);
  }
}

TEST(SmallFloat, E8M0RoundsToPowersOfTwo) {
  struct Case {
    double value;
    uint8_t up, down, nearest;
  };
  const Case cases[] = {
      {0.0, 0, 0, 0},         {1.0, 127, 127, 127},  {1.1, 128, 127, 127},     {1.5, 128, 127, 128},
      {0.124, 124, 123, 124}, {1e-300, 0, 0, 0},     {0x1p127, 254, 254, 254}, {-1.0, 255, 255, 255},
      {kNan, 255, 255, 255},  {kInf, 254, 254, 254}, {1e300, 254, 254, 254},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(encode_e8m0(c.value, true, ScaleRounding::kUp), c.up) << c.value;
    EXPECT_EQ(encode_e8m0(c.value, true, ScaleRounding::kDown), c.down) << c.value;
    EXPECT_EQ(encode_e8m0(c.value, true, ScaleRounding::kNearest), c.nearest) << c.value;
  }
  EXPECT_EQ(encode_e8m0(1e300, false), 255);
  for (int bits = 0; bits < 255; ++bits) {
    EXPECT_EQ(encode_e8m0(decode_e8m0(static_cast<uint8_t>(bits))), bits);
  }
  EXPECT_TRUE(std::isnan(decode_e8m0(255)));
}

}  // namespace
}  // namespace halftone
