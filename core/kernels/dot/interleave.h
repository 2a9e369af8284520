// Bytes of several taps, 8 or 16 neighbouring pixels each, brought into units (operands.h) of one pixel after the
// other.
#pragma once

#include <cstdint>

#include "core/kernels/dot/dot_probe.h"
#include "core/kernels/simd.h"

namespace halftone {

// What a unit is made of: four bytes as they are, or two widened ones.
enum class UnitKind { kFourBytes, kTwoSigned, kTwoUnsigned };

inline UnitKind unit_kind(DotKind dot, bool is_signed) {
  if (dot != DotKind::kNone) return UnitKind::kFourBytes;
  return is_signed ? UnitKind::kTwoSigned : UnitKind::kTwoUnsigned;
}

template <UnitKind kUnit>
inline constexpr int kUnitTaps = kUnit == UnitKind::kFourBytes ? 4 : 2;

inline i8x16 zip_low_units(i8x16 a, i8x16 b) {
  return reinterpret_cast<i8x16>(zip_low(reinterpret_cast<i16x8>(a), reinterpret_cast<i16x8>(b)));
}
inline i8x16 zip_high_units(i8x16 a, i8x16 b) {
  return reinterpret_cast<i8x16>(zip_high(reinterpret_cast<i16x8>(a), reinterpret_cast<i16x8>(b)));
}

// 8 pairs of bytes as two vectors of two widened ones.
template <UnitKind kUnit>
inline void widen_pairs(i8x16 pairs, i8x16& low, i8x16& high) {
  if constexpr (kUnit == UnitKind::kTwoSigned) {
    low = reinterpret_cast<i8x16>(widen_low(pairs));
    high = reinterpret_cast<i8x16>(widen_high(pairs));
  } else {
    low = reinterpret_cast<i8x16>(widen_low(reinterpret_cast<u8x16>(pairs)));
    high = reinterpret_cast<i8x16>(widen_high(reinterpret_cast<u8x16>(pairs)));
  }
}

// Units of 8 pixels from the low halves of the taps' vectors.
template <UnitKind kUnit>
inline void interleave8(const i8x16 (&tap)[kUnitTaps<kUnit>], i8x16 (&out)[2]) {
  const i8x16 front = zip_low(tap[0], tap[1]);
  if constexpr (kUnit == UnitKind::kFourBytes) {
    const i8x16 back = zip_low(tap[2], tap[3]);
    out[0] = zip_low_units(front, back);
    out[1] = zip_high_units(front, back);
  } else {
    widen_pairs<kUnit>(front, out[0], out[1]);
  }
}

// Units of 16 pixels.
template <UnitKind kUnit>
inline void interleave16(const i8x16 (&tap)[kUnitTaps<kUnit>], i8x16 (&out)[4]) {
  const i8x16 front = zip_low(tap[0], tap[1]), front_high = zip_high(tap[0], tap[1]);
  if constexpr (kUnit == UnitKind::kFourBytes) {
    const i8x16 back = zip_low(tap[2], tap[3]), back_high = zip_high(tap[2], tap[3]);
    out[0] = zip_low_units(front, back);
    out[1] = zip_high_units(front, back);
    out[2] = zip_low_units(front_high, back_high);
    out[3] = zip_high_units(front_high, back_high);
  } else {
    widen_pairs<kUnit>(front, out[0], out[1]);
    widen_pairs<kUnit>(front_high, out[2], out[3]);
  }
}

}  // namespace halftone
