// How a function of one element becomes row kernels, one for each element type it takes. For the files of this folder
// only: a function is a lambda over (element, a, b) given as a template argument.
#pragma once

#include <type_traits>

#include "core/kernels/eltwise/unary.h"
#include "core/kernels/rare.h"

namespace halftone {

// Row kernels of the activations; nullptr for the other functions.
UnaryRow activation_row(Unary function, DType type);

template <typename T, auto kFunction>
void map_row(const void* x, void* y, int64_t n, const UnaryParams& params) {
  const T* from = static_cast<const T*>(x);
  T* to = static_cast<T*>(y);
  using Parameter = std::conditional_t<std::is_same_v<T, float>, float, double>;
  const auto a = static_cast<Parameter>(params.a), b = static_cast<Parameter>(params.b);
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

// A function that is rare in float too.
template <auto kFunction>
UnaryRow rare_float_rows(DType type) {
  if (type == DType::kFloat) return rare_row<float, kFunction>;
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

}  // namespace halftone
