// exp, log, tanh, sigmoid, erf against the C library in double, over every 997th float: below 2.5 units in the last
// place (sigmoid adds two roundings to exp's error); the double functions near the last digits; special values.
#include "core/kernels/eltwise/math.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/kernels/eltwise/math_double.h"

namespace halftone {
namespace {

struct FloatCase {
  const char* name;
  float (*ours)(float);
  double (*exact)(double);
  float low, high;  // magnitudes, both signs
  double max_ulp;
};

double sigmoid_exact(double x) { return 1 / (1 + std::exp(-x)); }
double exp_exact(double x) { return std::exp(x); }
double log_exact(double x) { return std::log(x); }
double tanh_exact(double x) { return std::tanh(x); }
double erf_exact(double x) { return std::erf(x); }
double round_exact(double x) { return std::nearbyint(x); }

const FloatCase kFloatCases[] = {
    {"exp", exp_f, exp_exact, 1e-7f, 120, 1.5},   {"log", log_f, log_exact, 1e-44f, 3e38f, 1.5},
    {"tanh", tanh_f, tanh_exact, 1e-7f, 30, 1.5}, {"sigmoid", sigmoid_f, sigmoid_exact, 1e-7f, 80, 2.5},
    {"erf", erf_f, erf_exact, 1e-7f, 10, 1.5},    {"round", round_even_f, round_exact, 1e-7f, 1e9f, 0},
};

class FloatMath : public ::testing::TestWithParam<FloatCase> {};

TEST_P(FloatMath, StaysWithinItsUlps) {
  const FloatCase& c = GetParam();
  for (float sign : {1.0f, -1.0f}) {
    for (uint32_t bits = std::bit_cast<uint32_t>(c.low); bits < std::bit_cast<uint32_t>(c.high); bits += 997) {
      const float x = sign * std::bit_cast<float>(bits), got = c.ours(x);
      const double want = c.exact(static_cast<double>(x));
      if (static_cast<float>(want) == got || (std::isnan(want) && std::isnan(got))) continue;
      int exponent;
      std::frexp(want, &exponent);
      const double ulp = std::ldexp(1.0, std::max(exponent - 24, -149));
      ASSERT_LE(std::abs(static_cast<double>(got) - want) / ulp, c.max_ulp) << "at " << x << ": " << got;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, FloatMath, ::testing::ValuesIn(kFloatCases),
                         [](const auto& info) { return std::string(info.param.name); });

struct DoubleCase {
  const char* name;
  double (*ours)(double);
  double (*exact)(double);
  double low, high, tolerance;  // relative
};

const DoubleCase kDoubleCases[] = {
    {"exp", exp_d, std::exp, -700, 700, 4e-15},   {"log", log_d, std::log, 1e-6, 10, 2e-15},
    {"sin", sin_d, std::sin, -100, 101, 2e-15},   {"cos", cos_d, std::cos, -100, 101, 2e-15},
    {"tan", tan_d, std::tan, -1.5, 1.5, 4e-15},   {"atan", atan_d, std::atan, -10, 1000, 2e-15},
    {"asin", asin_d, std::asin, -1, 1, 3e-15},    {"acos", acos_d, std::acos, -1, 1, 3e-15},
    {"sinh", sinh_d, std::sinh, -5, 5.1, 3e-15},  {"cosh", cosh_d, std::cosh, -5, 5.1, 3e-15},
    {"tanh", tanh_d, std::tanh, -5, 5.1, 3e-15},  {"asinh", asinh_d, std::asinh, -5, 5.1, 4e-15},
    {"acosh", acosh_d, std::acosh, 1, 50, 4e-15}, {"atanh", atanh_d, std::atanh, -0.999, 0.9991, 4e-15},
    {"erf", erf_d, std::erf, -7, 7, 1e-12},
};

class DoubleMath : public ::testing::TestWithParam<DoubleCase> {};

TEST_P(DoubleMath, AgreesWithTheLibrary) {
  const DoubleCase& c = GetParam();
  constexpr int kSteps = 20000;
  for (int i = 0; i < kSteps; ++i) {
    const double x = c.low + (c.high - c.low) * i / kSteps, want = c.exact(x);
    // Near a zero of the function the error is that of the argument.
    ASSERT_NEAR(c.ours(x), want, c.tolerance * std::max(std::abs(want), 0.01)) << "at " << x;
  }
}

INSTANTIATE_TEST_SUITE_P(All, DoubleMath, ::testing::ValuesIn(kDoubleCases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Math, SpecialValues) {
  const float inf = INFINITY, nan = NAN;
  EXPECT_EQ(exp_f(inf), inf);
  EXPECT_EQ(exp_f(-inf), 0);
  EXPECT_EQ(log_f(0), -inf);
  EXPECT_EQ(log_f(inf), inf);
  EXPECT_TRUE(std::isnan(log_f(-1)));
  EXPECT_EQ(tanh_f(-inf), -1);
  EXPECT_EQ(sigmoid_f(-inf), 0);
  EXPECT_EQ(erf_f(inf), 1);
  for (auto* function : {exp_f, log_f, tanh_f, sigmoid_f, erf_f}) EXPECT_TRUE(std::isnan(function(nan)));
  EXPECT_TRUE(std::signbit(round_even_f(-0.25f)));
  EXPECT_EQ(round_even_f(2.5f), 2);
  EXPECT_EQ(round_even_f(-3.5f), -4);
}

TEST(Math, PowFollowsC) {
  const double values[] = {0.0, -0.0, 0.5, 1, -1, 2, -2, 3, -3, 2.5, -2.5, 40, INFINITY, -INFINITY, NAN};
  for (double x : values) {
    for (double y : values) {
      const double want = std::pow(x, y), got = pow_d(x, y);
      if (std::isnan(want)) {
        EXPECT_TRUE(std::isnan(got)) << x << " ^ " << y;
      } else if (std::isinf(want) || want == 0) {
        EXPECT_EQ(got, want) << x << " ^ " << y;
      } else {
        EXPECT_NEAR(got, want, std::abs(want) * 1e-13) << x << " ^ " << y;
      }
    }
  }
}

}  // namespace
}  // namespace halftone
