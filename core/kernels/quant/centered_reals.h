// Integers of 8 or 16 bits as reals: float(q - zero) for sixteen of them at once, exactly and without a conversion
// instruction. q becomes the low bits of the float 2^23 + q, from which 2^23 + zero is subtracted.
// Signed integers come with their top bit flipped, and a zero point moved along by as much.
#pragma once

#include "core/kernels/simd.h"

namespace halftone {

class CenteredReals {
 public:
  // 0 <= zero < 2^16, of the flipped integers.
  explicit CenteredReals(int32_t zero) : offset_(splat(8388608.0f + static_cast<float>(zero))) {}

  // 8 unsigned integers of 16 bits.
  void of8(i16x8 q, f32x4 out[2]) const {
    const i16x8 exponent = i16x8{} + int16_t{0x4B00};
    out[0] = reinterpret_cast<f32x4>(zip_low(q, exponent)) - offset_;
    out[1] = reinterpret_cast<f32x4>(zip_high(q, exponent)) - offset_;
  }

  // 16 unsigned bytes.
  void of16(u8x16 q, f32x4 out[4]) const {
    of8(widen_low(q), out);
    of8(widen_high(q), out + 2);
  }

 private:
  f32x4 offset_;
};

}  // namespace halftone
