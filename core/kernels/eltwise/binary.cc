// Row kernels of functions of two elements. The dense and the one-scalar forms of float are written apart, so that
// they vectorize; other types share one strided loop, which keeps the code small.
#include "core/kernels/eltwise/binary.h"

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include "core/base/check.h"
#include "core/kernels/eltwise/math_double.h"
#include "core/kernels/rare.h"

namespace halftone {
namespace {

template <typename A, typename B, typename Y, auto kFunction>
HT_RARE void strided_row(const void* a, int64_t step_a, const void* b, int64_t step_b, void* y, int64_t n) {
  const A* x0 = static_cast<const A*>(a);
  const B* x1 = static_cast<const B*>(b);
  Y* to = static_cast<Y*>(y);
  for (int64_t i = 0; i < n; ++i) to[i] = static_cast<Y>(kFunction(x0[i * step_a], x1[i * step_b]));
}

template <auto kFunction>
void float_row(const void* a, int64_t step_a, const void* b, int64_t step_b, void* y, int64_t n) {
  const float* x0 = static_cast<const float*>(a);
  const float* x1 = static_cast<const float*>(b);
  float* to = static_cast<float*>(y);
  if (step_a == 1 && step_b == 1) {
    for (int64_t i = 0; i < n; ++i) to[i] = kFunction(x0[i], x1[i]);
  } else if (step_a == 1 && step_b == 0) {
    const float s = *x1;
    for (int64_t i = 0; i < n; ++i) to[i] = kFunction(x0[i], s);
  } else if (step_a == 0 && step_b == 1) {
    const float s = *x0;
    for (int64_t i = 0; i < n; ++i) to[i] = kFunction(s, x1[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = kFunction(x0[i * step_a], x1[i * step_b]);
  }
}

template <auto kFunction>
BinaryRow integer_rows(DType type) {
  switch (type) {
    case DType::kInt8:
      return strided_row<int8_t, int8_t, int8_t, kFunction>;
    case DType::kInt16:
      return strided_row<int16_t, int16_t, int16_t, kFunction>;
    case DType::kInt32:
      return strided_row<int32_t, int32_t, int32_t, kFunction>;
    case DType::kInt64:
      return strided_row<int64_t, int64_t, int64_t, kFunction>;
    case DType::kUint8:
      return strided_row<uint8_t, uint8_t, uint8_t, kFunction>;
    case DType::kUint16:
      return strided_row<uint16_t, uint16_t, uint16_t, kFunction>;
    case DType::kUint32:
      return strided_row<uint32_t, uint32_t, uint32_t, kFunction>;
    case DType::kUint64:
      return strided_row<uint64_t, uint64_t, uint64_t, kFunction>;
    default:
      return nullptr;
  }
}

template <auto kFunction>
BinaryRow number_rows_but_float(DType type) {
  if (type == DType::kDouble) return strided_row<double, double, double, kFunction>;
  return integer_rows<kFunction>(type);
}

template <auto kFunction>
BinaryRow number_rows(DType type) {
  return type == DType::kFloat ? float_row<kFunction> : number_rows_but_float<kFunction>(type);
}

// The same where float is as rare as the others.
template <auto kFunction>
BinaryRow rare_number_rows(DType type) {
  return type == DType::kFloat ? strided_row<float, float, float, kFunction> : number_rows_but_float<kFunction>(type);
}

template <auto kFunction>
BinaryRow compare_rows(DType type) {
  switch (type) {
    case DType::kFloat:
      return strided_row<float, float, bool, kFunction>;
    case DType::kDouble:
      return strided_row<double, double, bool, kFunction>;
    case DType::kBool:
      return strided_row<bool, bool, bool, kFunction>;
    case DType::kString:
      return strided_row<std::string, std::string, bool, kFunction>;
    case DType::kInt8:
      return strided_row<int8_t, int8_t, bool, kFunction>;
    case DType::kInt16:
      return strided_row<int16_t, int16_t, bool, kFunction>;
    case DType::kInt32:
      return strided_row<int32_t, int32_t, bool, kFunction>;
    case DType::kInt64:
      return strided_row<int64_t, int64_t, bool, kFunction>;
    case DType::kUint8:
      return strided_row<uint8_t, uint8_t, bool, kFunction>;
    case DType::kUint16:
      return strided_row<uint16_t, uint16_t, bool, kFunction>;
    case DType::kUint32:
      return strided_row<uint32_t, uint32_t, bool, kFunction>;
    case DType::kUint64:
      return strided_row<uint64_t, uint64_t, bool, kFunction>;
    default:
      return nullptr;
  }
}

template <auto kFunction>
BinaryRow bool_rows(DType type) {
  return type == DType::kBool ? strided_row<bool, bool, bool, kFunction> : BinaryRow{nullptr};
}

// f in the unsigned type of the same width, where overflow wraps.
template <typename T, typename F>
T wrapping(T a, T b, F f) {
  if constexpr (std::is_integral_v<T>) {
    using U = std::make_unsigned_t<std::common_type_t<T, int>>;  // at least int: no promotion to signed
    return static_cast<T>(f(static_cast<U>(a), static_cast<U>(b)));
  } else {
    return f(a, b);
  }
}

template <typename T>
T divided(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) return 0;
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) {
      return wrapping(T(0), a, [](auto x, auto y) { return static_cast<decltype(x)>(x - y); });
    }
    return static_cast<T>(a / b);
  } else {
    return a / b;
  }
}

// Remainder with the sign of a (C's fmod), or with the sign of b (Python's %).
template <bool kSignOfDivisor, typename T>
T remainder_of(T a, T b) {
  T r;
  if constexpr (std::is_integral_v<T>) {
    if (b == 0 || (std::is_signed_v<T> && b == static_cast<T>(-1))) return 0;
    r = static_cast<T>(a % b);
  } else {
    r = std::fmod(a, b);  // exact, hence the same everywhere
  }
  if (kSignOfDivisor && r != 0 && (r < 0) != (b < 0)) r = static_cast<T>(r + b);
  return r;
}

// The smaller (larger) of two; NaN where either is.
template <typename T>
T smaller(T a, T b) {
  return b < a ? b : (a == a ? (b == b ? a : b) : a);
}
template <typename T>
T larger(T a, T b) {
  return a < b ? b : (a == a ? (b == b ? a : b) : a);
}

// Real value to an integer type: truncated, the range's end beyond it, 0 for NaN.
template <typename T>
T power_of(T a, double b) {
  const double r = pow_d(static_cast<double>(a), b);
  if constexpr (std::is_integral_v<T>) {
    if (!(r == r)) return 0;
    if (r <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
    if (r >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
  }
  return static_cast<T>(r);
}

BinaryRow power_rows(DType type) {
  switch (type) {
    case DType::kFloat:
      return strided_row<float, double, float, power_of<float>>;
    case DType::kDouble:
      return strided_row<double, double, double, power_of<double>>;
    case DType::kInt32:
      return strided_row<int32_t, double, int32_t, power_of<int32_t>>;
    case DType::kInt64:
      return strided_row<int64_t, double, int64_t, power_of<int64_t>>;
    default:
      return nullptr;
  }
}

// Shifts by the width or more give 0.
template <bool kLeft, typename T>
T shifted(T a, T b) {
  const uint64_t by = static_cast<uint64_t>(b);
  if (by >= sizeof(T) * 8) return 0;
  return static_cast<T>(kLeft ? static_cast<uint64_t>(a) << by : static_cast<uint64_t>(a) >> by);
}

BinaryRow bit_rows(Binary function, DType type) {
  switch (function) {
    case Binary::kBitwiseAnd:
      return integer_rows<[](auto a, auto b) { return a & b; }>(type);
    case Binary::kBitwiseOr:
      return integer_rows<[](auto a, auto b) { return a | b; }>(type);
    case Binary::kBitwiseXor:
      return integer_rows<[](auto a, auto b) { return a ^ b; }>(type);
    case Binary::kShiftLeft:
      return integer_rows<[](auto a, auto b) { return shifted<true>(a, b); }>(type);
    case Binary::kShiftRight:
      return integer_rows<[](auto a, auto b) { return shifted<false>(a, b); }>(type);
    default:
      return nullptr;
  }
}

}  // namespace

BinaryRow binary_row(Binary function, DType type) {
  switch (function) {
    case Binary::kAdd:
      return number_rows<[](auto a, auto b) { return wrapping(a, b, [](auto x, auto y) { return x + y; }); }>(type);
    case Binary::kSub:
      return number_rows<[](auto a, auto b) { return wrapping(a, b, [](auto x, auto y) { return x - y; }); }>(type);
    case Binary::kMul:
      return number_rows<[](auto a, auto b) { return wrapping(a, b, [](auto x, auto y) { return x * y; }); }>(type);
    case Binary::kDiv:
      return number_rows<[](auto a, auto b) { return divided(a, b); }>(type);
    case Binary::kMin:
      return number_rows<[](auto a, auto b) { return smaller(a, b); }>(type);
    case Binary::kMax:
      return number_rows<[](auto a, auto b) { return larger(a, b); }>(type);
    case Binary::kMod:
      return rare_number_rows<[](auto a, auto b) { return remainder_of<true>(a, b); }>(type);
    case Binary::kFmod:
      return rare_number_rows<[](auto a, auto b) { return remainder_of<false>(a, b); }>(type);
    case Binary::kPRelu:
      return number_rows<[](auto x, auto s) {
        return x < 0 ? wrapping(x, s, [](auto a, auto b) { return a * b; }) : x;
      }>(type);
    case Binary::kPow:
      return power_rows(type);
    case Binary::kAnd:
      return bool_rows<[](bool a, bool b) { return a && b; }>(type);
    case Binary::kOr:
      return bool_rows<[](bool a, bool b) { return a || b; }>(type);
    case Binary::kXor:
      return bool_rows<[](bool a, bool b) { return a != b; }>(type);
    case Binary::kEqual:
      return compare_rows<[](const auto& a, const auto& b) { return a == b; }>(type);
    case Binary::kLess:
      return compare_rows<[](const auto& a, const auto& b) { return a < b; }>(type);
    case Binary::kLessOrEqual:
      return compare_rows<[](const auto& a, const auto& b) { return a <= b; }>(type);
    case Binary::kGreater:
      return compare_rows<[](const auto& a, const auto& b) { return b < a; }>(type);
    case Binary::kGreaterOrEqual:
      return compare_rows<[](const auto& a, const auto& b) { return b <= a; }>(type);
    default:
      return bit_rows(function, type);
  }
}

DType binary_result(Binary function, DType type) {
  switch (function) {
    case Binary::kEqual:
    case Binary::kLess:
    case Binary::kLessOrEqual:
    case Binary::kGreater:
    case Binary::kGreaterOrEqual:
      return DType::kBool;
    default:
      return type;
  }
}

}  // namespace halftone
