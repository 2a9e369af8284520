// The rule of requantize.h on vectors: the same bits, though not always the same operations. Where the caller knows
// that |sum * multiplier| stays below 2^22 (`bounded`), rounding needs no clamp before it: narrowing saturates to the
// type, and the range is cut from 16 bytes at once. int8 results are made as uint8 with everything moved up by 128.
#pragma once

#include "core/kernels/quant/requantize.h"
#include "core/kernels/simd.h"

namespace halftone {

class Requantizer {
 public:
  // `is_signed`: int8 results, else uint8.
  Requantizer(const RequantRange& range, bool is_signed, bool bounded = false)
      : low_(splat(range.low_real())),
        high_(splat(range.high_real())),
        offset_(splat(range.zero_point + (is_signed ? 128 : 0) - kRoundingBiasBits)),
        low_byte_(splat_byte(range.low + (is_signed ? 128 : 0))),
        high_byte_(splat_byte(range.high + (is_signed ? 128 : 0))),
        flip_(splat_byte(is_signed ? 0x80 : 0)),
        bounded_(bounded),
        plain_(!is_signed && range.low <= 0 && range.high >= 255) {}

  // One vector of sums, for narrow8 and narrow16.
  i32x4 round(f32x4 v) const {
    if (!bounded_) v = min(max(v, low_), high_);
    return wrapping_add(reinterpret_cast<i32x4>(v + splat(kRoundingBias)), offset_);
  }
  i32x4 round(i32x4 acc, f32x4 multiplier) const { return round(to_float(acc) * multiplier); }

  // 8 results in the low half.
  i8x16 narrow8(i32x4 left, i32x4 right) const {
    const i16x8 v = narrow(left, right);
    return finish(narrow_unsigned(v, v));
  }

  i8x16 narrow16(i32x4 a, i32x4 b, i32x4 c, i32x4 d) const {
    return finish(narrow_unsigned(narrow(a, b), narrow(c, d)));
  }

 private:
  static u8x16 splat_byte(int32_t v) { return reinterpret_cast<u8x16>(i8x16{} + static_cast<int8_t>(v)); }
  i8x16 finish(u8x16 v) const {
    if (!plain_) v = min(max(v, low_byte_), high_byte_) ^ flip_;
    return reinterpret_cast<i8x16>(v);
  }

  f32x4 low_, high_;
  i32x4 offset_;
  u8x16 low_byte_, high_byte_, flip_;
  bool bounded_;
  bool plain_;  // all of uint8: narrowing has saturated already
};

}  // namespace halftone
