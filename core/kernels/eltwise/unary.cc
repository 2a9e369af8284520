// Row kernels of functions of one element; formulas as in the ONNX operator specification. float through math.h (these
// loops vectorize), double and the rarer functions through math_double.h.
#include "core/kernels/eltwise/unary.h"

#include <cmath>
#include <type_traits>

#include "core/kernels/eltwise/math.h"
#include "core/kernels/eltwise/math_double.h"
#include "core/kernels/rare.h"

namespace halftone {
namespace {

float exp_of(float x) { return exp_f(x); }
double exp_of(double x) { return exp_d(x); }
float log_of(float x) { return log_f(x); }
double log_of(double x) { return log_d(x); }
float tanh_of(float x) { return tanh_f(x); }
double tanh_of(double x) { return tanh_d(x); }
float erf_of(float x) { return erf_f(x); }
double erf_of(double x) { return erf_d(x); }
template <typename T>
T sigmoid_of(T x) {
  return T(1) / (T(1) + exp_of(-x));
}
// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
template <typename T>
T softplus_of(T x) {
  const T a = x < 0 ? x : -x;
  const T e = exp_of(a), tail = e < T(0.001) ? e - e * e / 2 : log_of(1 + e);
  return (x > 0 ? x : T(0)) + tail;
}
// exp(x) - 1 without cancellation near 0.
template <typename T>
T expm1_of(T x) {
  if (x > T(-0.1) && x < T(0.1)) {
    return x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6 * (1 + x / 7))))));
  }
  return exp_of(x) - 1;
}

template <typename T, auto kFunction>
void map_row(const void* x, void* y, int64_t n, const UnaryParams& params) {
  const T* from = static_cast<const T*>(x);
  T* to = static_cast<T*>(y);
  const T a = static_cast<T>(params.a), b = static_cast<T>(params.b);
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<T>(kFunction(from[i], a, b));
}

// The same for types other than float, small instead of fast.
template <typename T, auto kFunction>
HT_RARE void rare_row(const void* x, void* y, int64_t n, const UnaryParams& params) {
  map_row<T, kFunction>(x, y, n, params);
}

template <auto kFunction>
UnaryRow float_rows(DType type) {
  if (type == DType::kFloat) return map_row<float, kFunction>;
  if (type == DType::kDouble) return rare_row<double, kFunction>;
  return nullptr;
}

// A rare function: computed in double for float too.
template <double (*kFunction)(double)>
UnaryRow double_rows(DType type) {
  constexpr auto call = [](auto x, auto, auto) { return kFunction(static_cast<double>(x)); };
  if (type == DType::kFloat) return rare_row<float, call>;
  if (type == DType::kDouble) return rare_row<double, call>;
  return nullptr;
}

template <auto kFunction>
UnaryRow signed_rows(DType type) {
  switch (type) {
    case DType::kInt8:
      return rare_row<int8_t, kFunction>;
    case DType::kInt16:
      return rare_row<int16_t, kFunction>;
    case DType::kInt32:
      return rare_row<int32_t, kFunction>;
    case DType::kInt64:
      return rare_row<int64_t, kFunction>;
    default:
      return float_rows<kFunction>(type);
  }
}

template <auto kFunction>
UnaryRow unsigned_rows(DType type) {
  switch (type) {
    case DType::kUint8:
      return rare_row<uint8_t, kFunction>;
    case DType::kUint16:
      return rare_row<uint16_t, kFunction>;
    case DType::kUint32:
      return rare_row<uint32_t, kFunction>;
    case DType::kUint64:
      return rare_row<uint64_t, kFunction>;
    default:
      return nullptr;
  }
}

template <auto kFunction>
UnaryRow all_rows(DType type) {
  const UnaryRow row = signed_rows<kFunction>(type);
  return row != nullptr ? row : unsigned_rows<kFunction>(type);
}

// Negation that wraps at the lowest integer instead of overflowing.
template <typename T>
T negated(T x) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(std::make_unsigned_t<T>(0) - static_cast<std::make_unsigned_t<T>>(x));
  } else {
    return -x;
  }
}

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

UnaryRow activation_row(Unary function, DType type) {
  switch (function) {
    case Unary::kCelu:
      return float_rows<[](auto x, auto a, auto) { return x < 0 ? a * expm1_of(x / a) : x; }>(type);
    case Unary::kElu:
      return float_rows<[](auto x, auto a, auto) { return x < 0 ? a * expm1_of(x) : x; }>(type);
    case Unary::kGelu:
      return float_rows<[](auto x, auto, auto) {
        using T = decltype(x);
        return T(0.5) * x * (1 + erf_of(x * T(0.70710678118654752)));
      }>(type);
    case Unary::kGeluTanh:
      return float_rows<[](auto x, auto, auto) {
        using T = decltype(x);
        return T(0.5) * x * (1 + tanh_of(T(0.79788456080286536) * (x + T(0.044715) * x * x * x)));
      }>(type);
    case Unary::kHardSigmoid:
      return float_rows<[](auto x, auto a, auto b) {
        using T = decltype(x);
        const T y = a * x + b;
        return y < 0 ? T(0) : 1 < y ? T(1) : y;
      }>(type);
    case Unary::kHardSwish:
      return float_rows<[](auto x, auto, auto) {
        using T = decltype(x);
        const T y = x / 6 + T(0.5);
        return x * (y < 0 ? T(0) : 1 < y ? T(1) : y);
      }>(type);
    case Unary::kLeakyRelu:
      return float_rows<[](auto x, auto a, auto) { return x < 0 ? a * x : x; }>(type);
    case Unary::kMish:
      return float_rows<[](auto x, auto, auto) { return x * tanh_of(softplus_of(x)); }>(type);
    case Unary::kRelu:
      return signed_rows<[](auto x, auto, auto) { return x < 0 ? decltype(x)(0) : x; }>(type);
    case Unary::kSelu:
      return float_rows<[](auto x, auto a, auto b) { return b * (x < 0 ? a * expm1_of(x) : x); }>(type);
    case Unary::kShrink:  // a: lambd, b: bias
      return all_rows<[](auto x, auto a, auto b) {
        using T = decltype(x);
        return x < negated(a) ? static_cast<T>(x + b) : a < x ? static_cast<T>(x - b) : static_cast<T>(0);
      }>(type);
    case Unary::kSigmoid:
      return float_rows<[](auto x, auto, auto) { return sigmoid_of(x); }>(type);
    case Unary::kSoftplus:
      return float_rows<[](auto x, auto, auto) { return softplus_of(x); }>(type);
    case Unary::kSoftsign:
      return float_rows<[](auto x, auto, auto) { return x / (1 + (x < 0 ? -x : x)); }>(type);
    case Unary::kSwish:
      return float_rows<[](auto x, auto a, auto) { return x * sigmoid_of(a * x); }>(type);
    case Unary::kTanh:
      return float_rows<[](auto x, auto, auto) { return tanh_of(x); }>(type);
    case Unary::kThresholdedRelu:
      return float_rows<[](auto x, auto a, auto) { return a < x ? x : decltype(x)(0); }>(type);
    default:
      return nullptr;
  }
}

template <typename T>
void clip_typed(const void* x, void* y, int64_t n, const void* low, const void* high) {
  const T* from = static_cast<const T*>(x);
  T* to = static_cast<T*>(y);
  const T lo = *static_cast<const T*>(low), hi = *static_cast<const T*>(high);
  for (int64_t i = 0; i < n; ++i) {
    const T v = from[i] < lo ? lo : from[i];
    to[i] = v > hi ? hi : v;
  }
}

template <typename T>
HT_RARE void clip_rare(const void* x, void* y, int64_t n, const void* low, const void* high) {
  clip_typed<T>(x, y, n, low, high);
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

ClipRow clip_row(DType type) {
  switch (type) {
    case DType::kFloat:
      return clip_typed<float>;
    case DType::kDouble:
      return clip_rare<double>;
    case DType::kInt8:
      return clip_rare<int8_t>;
    case DType::kInt16:
      return clip_rare<int16_t>;
    case DType::kInt32:
      return clip_rare<int32_t>;
    case DType::kInt64:
      return clip_rare<int64_t>;
    case DType::kUint8:
      return clip_rare<uint8_t>;
    case DType::kUint16:
      return clip_rare<uint16_t>;
    case DType::kUint32:
      return clip_rare<uint32_t>;
    case DType::kUint64:
      return clip_rare<uint64_t>;
    default:
      return nullptr;
  }
}

}  // namespace halftone
