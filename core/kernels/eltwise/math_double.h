// exp, log, pow and the trigonometric and hyperbolic functions of a double, from IEEE operations alone (no libm but
// sqrt and floor, which are exact): the same bits in every build. Truncated series after a range reduction, near
// 1e-15 relative; the float operators of the rarer functions round these once. Not for hot loops.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/kernels/rare.h"

namespace halftone {

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// sum r^k / k! after x = n * ln2 + r.
HT_RARE inline double exp_d(double x) {
  if (!(x == x)) return x;
  if (x > 709.8) return kInfinity;
  if (x < -745.2) return 0;
  const double n = std::floor(x * 1.4426950408889634 + 0.5);
  const double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
  double e = 1;
  for (int k = 14; k >= 1; --k) e = 1 + e * r / k;
  const int64_t i = static_cast<int64_t>(n), half = i / 2;
  const auto power = [](int64_t k) { return std::bit_cast<double>(static_cast<uint64_t>(k + 1023) << 52); };
  return e * power(half) * power(i - half);
}

// log(m * 2^n) = n * ln2 + 2 artanh(s), s = (m - 1) / (m + 1), m in [sqrt(1/2), sqrt(2)).
HT_RARE inline double log_d(double x) {
  if (!(x >= 0)) return kNan;
  if (x == 0) return -kInfinity;
  if (x == kInfinity) return x;
  double extra = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    extra = -54;
  }
  const uint64_t bits = std::bit_cast<uint64_t>(x);
  const int64_t e = static_cast<int64_t>(bits - 0x3fe6a09e667f3bcdull) >> 52;
  const double m = std::bit_cast<double>(bits - (static_cast<uint64_t>(e) << 52));
  const double s = (m - 1) / (m + 1), ss = s * s;
  double p = 0;
  for (int k = 21; k >= 3; k -= 2) p = (p + 1.0 / k) * ss;
  const double n = static_cast<double>(e) + extra;
  return n * 0.693147180369123816490 + (2 * s + (2 * s * p + n * 1.90821492927058770002e-10));
}

// As C's pow: signs of integer powers of negative numbers, 1 for x^0 and 1^y, NaN for a fractional power below 0.
HT_RARE inline double pow_d(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (!(x == x) || !(y == y)) return kNan;
  if (y == 1) return x;
  if (y == 2) return x * x;
  const bool integral = std::floor(y) == y;
  const bool odd = integral && std::floor(y / 2) * 2 != y;
  const double a = x < 0 ? -x : x;
  double r;
  if (a == 0 || a == kInfinity) {
    r = (a == 0) == (y > 0) ? 0 : kInfinity;
  } else if (y == kInfinity || y == -kInfinity) {
    r = a == 1 ? 1 : ((a > 1) == (y > 0) ? kInfinity : 0);
  } else if (integral && y > 0 && y <= 64) {
    r = 1;
    double square = a;
    for (int64_t k = static_cast<int64_t>(y); k > 0; k >>= 1, square *= square) r = k & 1 ? r * square : r;
  } else {
    r = exp_d(y * log_d(a));
  }
  const bool negative = std::signbit(x);
  if (negative && x != 0 && !integral && a != kInfinity) return kNan;
  return negative && odd ? -r : r;
}

// sin of x + quarter * pi/2, by x = k * pi/2 + r with |r| <= pi/4 (pi/2 in three parts), then the series in r.
HT_RARE inline double sin_quarter_d(double x, int64_t quarter) {
  if (!(x - x == 0)) return kNan;
  if (x > 0x1p31 || x < -0x1p31) x = std::fmod(x, 2 * kPi);  // coarse, as is everything at that size
  const double k = std::floor(x * (2 / kPi) + 0.5);
  const double r = ((x - k * 1.57079632673412561417) - k * 6.07710050630396597660e-11) - k * 2.02226624879595063154e-21;
  const int64_t q = (static_cast<int64_t>(k) + quarter) & 3;
  const double rr = r * r;
  double y = 1;
  if (q & 1) {
    for (int n = 18; n >= 2; n -= 2) y = 1 - y * rr / (n * (n - 1));
  } else {
    for (int n = 19; n >= 3; n -= 2) y = 1 - y * rr / (n * (n - 1));
    y *= r;
  }
  return q & 2 ? -y : y;
}
inline double sin_d(double x) { return sin_quarter_d(x, 0); }
inline double cos_d(double x) { return sin_quarter_d(x, 1); }
inline double tan_d(double x) { return sin_d(x) / cos_d(x); }

// Halves the angle three times (atan x = 2 atan(x / (1 + sqrt(1 + x^2)))), then the series.
HT_RARE inline double atan_d(double x) {
  if (x == kInfinity || x > 1e17) return kPi / 2;
  if (x < -1e17) return -kPi / 2;
  for (int i = 0; i < 3; ++i) x = x / (1 + std::sqrt(1 + x * x));
  const double xx = x * x;
  double p = 0;
  for (int k = 27; k >= 3; k -= 2) p = (1.0 / k - p) * xx;
  return 8 * (x - x * p);
}
inline double asin_d(double x) { return x > 1 || x < -1 ? kNan : 2 * atan_d(x / (1 + std::sqrt((1 - x) * (1 + x)))); }
inline double acos_d(double x) {
  if (x > 1 || x < -1) return kNan;
  return x == -1 ? kPi : 2 * atan_d(std::sqrt((1 - x) / (1 + x)));
}
inline double atan2_d(double y, double x) {
  if (x > 0) return atan_d(y / x);
  if (x < 0) return atan_d(y / x) + (std::signbit(y) ? -kPi : kPi);
  return y > 0 ? kPi / 2 : y < 0 ? -kPi / 2 : 0;
}

inline double sinh_d(double x) {
  if (x < 0.3 && x > -0.3) {
    const double xx = x * x;
    double y = 1;
    for (int n = 13; n >= 3; n -= 2) y = 1 + y * xx / (n * (n - 1));
    return x * y;
  }
  const double e = exp_d(x);
  return e == kInfinity ? e : (e - 1 / e) / 2;
}
inline double cosh_d(double x) { return (exp_d(x) + exp_d(-x)) / 2; }
inline double tanh_d(double x) {
  if (x > 20) return 1;
  if (x < -20) return -1;
  return sinh_d(x) / cosh_d(x);
}

// log(1 + x) that keeps small x.
HT_RARE inline double log1p_d(double x) {
  if (x > -0.1 && x < 0.1) {
    const double s = x / (2 + x), ss = s * s;
    double p = 0;
    for (int k = 17; k >= 3; k -= 2) p = (p + 1.0 / k) * ss;
    return 2 * s + 2 * s * p;
  }
  return log_d(1 + x);
}
inline double asinh_d(double x) {
  const double a = x < 0 ? -x : x;
  const double y = a > 1e8 ? log_d(a) + 0.69314718055994531 : log1p_d(a + a * a / (1 + std::sqrt(1 + a * a)));
  return x < 0 ? -y : y;
}
inline double acosh_d(double x) {
  if (x < 1) return kNan;
  return x > 1e8 ? log_d(x) + 0.69314718055994531 : log1p_d((x - 1) + std::sqrt((x - 1) * (x + 1)));
}
inline double atanh_d(double x) { return (log1p_d(x) - log1p_d(-x)) / 2; }

// Gauss error function by its Maclaurin series below 3, by erfc's continued fraction beyond.
HT_RARE inline double erf_d(double x) {
  const double a = x < 0 ? -x : x;
  if (!(a == a)) return x;
  double y = 1;
  if (a < 3) {
    double term = a, sum = a;
    for (int n = 1; n < 80; ++n) {
      term *= -a * a / n;
      sum += term / (2 * n + 1);
    }
    y = sum * 1.12837916709551257390;
  } else if (a < 6) {
    double f = a;
    for (int n = 60; n >= 1; --n) f = a + n / 2.0 / f;
    y = 1 - exp_d(-a * a) / (f * 1.77245385090551602730);
  }
  return x < 0 ? -y : y;
}

}  // namespace halftone
