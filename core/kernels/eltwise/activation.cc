// Row kernels of activations; formulas as in the ONNX operator specification.
#include "core/kernels/eltwise/math.h"
#include "core/kernels/eltwise/math_double.h"
#include "core/kernels/eltwise/unary_rows.h"

namespace halftone {
namespace {

HT_INLINE float exp_of(float x) { return exp_f(x); }
double exp_of(double x) { return exp_d(x); }
HT_INLINE float log_of(float x) { return log_f(x); }
double log_of(double x) { return log_d(x); }
HT_INLINE float tanh_of(float x) { return tanh_f(x); }
double tanh_of(double x) { return tanh_d(x); }
HT_INLINE float erf_of(float x) { return erf_f(x); }
double erf_of(double x) { return erf_d(x); }

template <typename T>
HT_INLINE T sigmoid_of(T x) {
  return T(1) / (T(1) + exp_of(-x));
}
// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
template <typename T>
HT_INLINE T softplus_of(T x) {
  const T a = x < 0 ? x : -x;
  const T e = exp_of(a), tail = e < T(0.001) ? e - e * e / 2 : log_of(1 + e);
  return (x > 0 ? x : T(0)) + tail;
}
// exp(x) - 1 without cancellation near 0.
template <typename T>
HT_INLINE T expm1_of(T x) {
  T p = 1 + x * T(1.0 / 7);
  for (const T part : {T(1.0 / 6), T(1.0 / 5), T(1.0 / 4), T(1.0 / 3), T(1.0 / 2)}) p = 1 + x * part * p;
  const T near = x * p;
  const T far = exp_of(x) - 1;
  return ((x > T(-0.1)) & (x < T(0.1))) != 0 ? near : far;
}

}  // namespace

UnaryRow activation_row(Unary function, DType type) {
  switch (function) {
    case Unary::kCelu:
      return rare_float_rows<[](auto x, auto a, auto) { return x < 0 ? a * expm1_of(x / a) : x; }>(type);
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
      return rare_float_rows<[](auto x, auto a, auto b) { return b * (x < 0 ? a * expm1_of(x) : x); }>(type);
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
      return rare_float_rows<[](auto x, auto, auto) { return x / (1 + (x < 0 ? -x : x)); }>(type);
    case Unary::kSwish:
      return float_rows<[](auto x, auto a, auto) { return x * sigmoid_of(a * x); }>(type);
    case Unary::kTanh:
      return float_rows<[](auto x, auto, auto) { return tanh_of(x); }>(type);
    case Unary::kThresholdedRelu:
      return rare_float_rows<[](auto x, auto a, auto) { return a < x ? x : decltype(x)(0); }>(type);
    default:
      return nullptr;
  }
}

}  // namespace halftone
