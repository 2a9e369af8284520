// The rule of requantize.h on vectors: the same operations in the same order, so the same bits.
#pragma once

#include "core/kernels/quant/requantize.h"
#include "core/kernels/simd.h"

namespace halftone {

class Requantizer {
 public:
  // `is_signed`: int8 results, else uint8.
  Requantizer(const RequantRange& range, bool is_signed)
      : low_(splat(range.low_real())),
        high_(splat(range.high_real())),
        offset_(splat(range.zero_point - kRoundingBiasBits)),
        is_signed_(is_signed) {}

  // Integers of one vector, within the range.
  i32x4 round(f32x4 real) const {
    const f32x4 v = min(max(real, low_), high_);
    return wrapping_add(reinterpret_cast<i32x4>(v + splat(kRoundingBias)), offset_);
  }
  i32x4 round(i32x4 acc, f32x4 multiplier) const { return round(to_float(acc) * multiplier); }

  // 8 results in the low half.
  i8x16 narrow8(i32x4 left, i32x4 right) const {
    const i16x8 v = narrow(left, right);
    return is_signed_ ? narrow_signed(v, v) : reinterpret_cast<i8x16>(narrow_unsigned(v, v));
  }

  i8x16 narrow16(i32x4 a, i32x4 b, i32x4 c, i32x4 d) const {
    const i16x8 left = narrow(a, b), right = narrow(c, d);
    return is_signed_ ? narrow_signed(left, right) : reinterpret_cast<i8x16>(narrow_unsigned(left, right));
  }

 private:
  f32x4 low_, high_;
  i32x4 offset_;
  bool is_signed_;
};

}  // namespace halftone
