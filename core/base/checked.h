// Integer arithmetic on sizes that come from files: nullopt where the result does not fit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace halftone {

inline std::optional<int64_t> checked_add(int64_t a, int64_t b) {
  int64_t r;
  if (__builtin_add_overflow(a, b, &r)) return std::nullopt;
  return r;
}

inline std::optional<int64_t> checked_mul(int64_t a, int64_t b) {
  int64_t r;
  if (__builtin_mul_overflow(a, b, &r)) return std::nullopt;
  return r;
}

// Product of non-negative factors (1 for none); nullopt on overflow or a negative factor.
inline std::optional<int64_t> checked_product(std::span<const int64_t> factors) {
  int64_t r = 1;
  bool zero = false;
  for (int64_t f : factors) {
    if (f < 0) return std::nullopt;
    if (f == 0) zero = true;
  }
  if (zero) return 0;
  for (int64_t f : factors) {
    if (__builtin_mul_overflow(r, f, &r)) return std::nullopt;
  }
  return r;
}

}  // namespace halftone
