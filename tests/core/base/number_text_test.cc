// Decimal text of numbers: shortest, exact, and nothing but numbers read.
#include "core/base/number_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "core/base/rng.h"

namespace halftone {
namespace {

TEST(NumberText, IsShort) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(0.1f), "0.1");
  EXPECT_EQ(number_text(static_cast<double>(0.1f)), "0.10000000149011612");
  EXPECT_EQ(number_text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(number_text(16777216.0f), "16777216");
  EXPECT_EQ(number_text(1e300), "1e+300");
  EXPECT_EQ(number_text(-0.0f), "-0");
  EXPECT_EQ(number_text(5e-324), "4.94065645841247e-324");
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(number_text(-std::numeric_limits<float>::infinity()), "-inf");
  EXPECT_EQ(number_text(std::numeric_limits<float>::quiet_NaN()), "nan");
}

TEST(NumberText, ReadsBackExactly) {
  Rng rng(21);
  for (int i = 0; i < 20000; ++i) {
    const double d = std::bit_cast<double>(rng.next());
    const float f = std::bit_cast<float>(static_cast<uint32_t>(rng.next()));
    if (std::isfinite(d)) {
      ASSERT_EQ(read_number(number_text(d)), d);
    }
    if (std::isfinite(f)) {
      ASSERT_EQ(static_cast<float>(read_number(number_text(f)).value()), f);
    }
  }
}

TEST(ReadNumber, TakesDecimalNumbersOnly) {
  struct Case {
    const char* text;
    double value;
  };
  for (const Case& c :
       {Case{"0", 0}, {"-1.5e3", -1500}, {".5", 0.5}, {"5.", 5}, {"+7", 7}, {"007", 7}, {"1E-2", 0.01}}) {
    EXPECT_EQ(read_number(c.text), c.value) << c.text;
  }
  EXPECT_EQ(read_number("1e999"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(read_number("1e-999"), 0);
  for (const char* text :
       {"", " ", " 1", "1 ", "-", ".", "e5", "1e", "1e+", "0x10", "inf", "nan", "1,5", "1.2.3", "--1"}) {
    EXPECT_EQ(read_number(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace halftone
