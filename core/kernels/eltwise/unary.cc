// Row kernels of plain functions of one element: float through math.h (these loops vectorize), double and the rarer
// functions through math_double.h.
#include "core/kernels/eltwise/unary.h"

#include <cmath>

#include "core/kernels/eltwise/math.h"
#include "core/kernels/eltwise/math_double.h"
#include "core/kernels/eltwise/unary_rows.h"

namespace halftone {
namespace {

HT_INLINE float exp_of(float x) { return exp_f(x); }
double exp_of(double x) { return exp_d(x); }
HT_INLINE float log_of(float x) { return log_f(x); }
double log_of(double x) { return log_d(x); }
HT_INLINE float erf_of(float x) { return erf_f(x); }
double erf_of(double x) { return erf_d(x); }

template <typename T>
T rounded(T x) {
  if constexpr (std::is_same_v<T, float>) {
    return round_even_f(x);
  } else {
    const T f = std::floor(x), d = x - f;
    if (d != T(0.5)) return d < T(0.5) ? f : f + 1;
    return std::floor(f / 2) * 2 == f ? f : f + 1;
  }
}

}  // namespace

UnaryRow unary_row(Unary function, DType type) {
  switch (function) {
    case Unary::kAbs: {
      const UnaryRow row = signed_rows<[](auto x, auto, auto) { return x < 0 ? negated(x) : x; }>(type);
      return row != nullptr ? row : unsigned_rows<[](auto x, auto, auto) { return x; }>(type);
    }
    case Unary::kAcos:
      return double_rows<acos_d>(type);
    case Unary::kAcosh:
      return double_rows<acosh_d>(type);
    case Unary::kAsin:
      return double_rows<asin_d>(type);
    case Unary::kAsinh:
      return double_rows<asinh_d>(type);
    case Unary::kAtan:
      return double_rows<atan_d>(type);
    case Unary::kAtanh:
      return double_rows<atanh_d>(type);
    case Unary::kBitwiseNot: {
      if (type == DType::kFloat || type == DType::kDouble) return nullptr;
      constexpr auto flip = [](auto x, auto, auto) {
        using T = decltype(x);
        if constexpr (std::is_integral_v<T>) {
          return static_cast<T>(~x);
        } else {
          return x;  // not reached: float types have no row
        }
      };
      return all_rows<flip>(type);
    }
    case Unary::kCeil:
      return float_rows<[](auto x, auto, auto) { return std::ceil(x); }>(type);
    case Unary::kCos:
      return double_rows<cos_d>(type);
    case Unary::kCosh:
      return double_rows<cosh_d>(type);
    case Unary::kErf:
      return float_rows<[](auto x, auto, auto) { return erf_of(x); }>(type);
    case Unary::kExp:
      return float_rows<[](auto x, auto, auto) { return exp_of(x); }>(type);
    case Unary::kFloor:
      return float_rows<[](auto x, auto, auto) { return std::floor(x); }>(type);
    case Unary::kLog:
      return float_rows<[](auto x, auto, auto) { return log_of(x); }>(type);
    case Unary::kNeg:
      return signed_rows<[](auto x, auto, auto) { return negated(x); }>(type);
    case Unary::kNot:
      return type == DType::kBool ? map_row<bool, [](auto x, auto, auto) { return !x; }> : UnaryRow{nullptr};
    case Unary::kReciprocal:
      return float_rows<[](auto x, auto, auto) { return 1 / x; }>(type);
    case Unary::kRound:
      return float_rows<[](auto x, auto, auto) { return rounded(x); }>(type);
    case Unary::kSign:
      return all_rows<[](auto x, auto, auto) {
        using T = decltype(x);
        return 0 < x ? T(1) : x == 0 ? T(0) : x == x ? static_cast<T>(-1) : x;
      }>(type);
    case Unary::kSin:
      return double_rows<sin_d>(type);
    case Unary::kSinh:
      return double_rows<sinh_d>(type);
    case Unary::kSqrt:
      return float_rows<[](auto x, auto, auto) { return std::sqrt(x); }>(type);
    case Unary::kTan:
      return double_rows<tan_d>(type);
    default:
      return activation_row(function, type);
  }
}

}  // namespace halftone
