// Weights of 2, 4 or 8 bits in blocks along k that have a scale and a zero point each, as com.microsoft MatMulNBits
// has them: W[n][k] = (code[n][k] - zero[n][k / block]) * scale[n][k / block].
// They are kept packed, laid out for streaming: panels of 8 columns n, inside a panel units of 4 k, a unit being 32
// codes. Byte 4 c + t of a vector holds, from its low bits on, k = t of
//   8 bits   one column: a unit is two vectors, columns c and 4 + c
//   4 bits   columns c and 4 + c
//   2 bits   columns c and 4 + c of one unit, then of the next
// so that a shift and a mask give four columns by four k, the form that integer dot products take (dot/dot.h).
#pragma once

#include <span>

#include "core/base/result.h"
#include "core/kernels/dot/dot_probe.h"
#include "core/kernels/simd.h"
#include "core/tensor/tensor.h"

namespace halftone {

struct NBitsShape {
  int bits = 4;
  int64_t n = 0, k = 0, block = 32;  // block: a power of two from 16 on

  int64_t blocks() const { return (k + block - 1) / block; }
  int64_t padded_k() const { return blocks() * block; }
  int64_t panels() const { return (n + 7) / 8; }
  int64_t block_bytes() const { return block * bits; }  // of a panel
  int64_t panel_bytes() const { return padded_k() * bits; }
};

struct NBitsWeights {
  NBitsShape shape;
  DotKind kind = DotKind::kNone;  // what the integer product takes its dots from
  Tensor bytes;                   // panels
  Tensor scale;                   // float [panels][blocks][8]
  Tensor zero;                    // the same, or 8 equal ones for everything: zero_step is 0 then
  int64_t zero_step = 0;

  const uint8_t* panel(int64_t p) const { return bytes.bytes() + p * shape.panel_bytes(); }
  const float* panel_scale(int64_t p) const { return scale.data<float>().data() + p * shape.blocks() * 8; }
  const float* panel_zero(int64_t p) const { return zero.data<float>().data() + p * shape.blocks() * zero_step; }
};

// The dot product that takes such codes exactly on a machine with `machine`: activations are its signed operand, codes
// the other one, which must stay below 128 where the machine is not known to do better.
DotKind nbits_dot(DotKind machine, int bits);

// codes: [n][blocks][block] packed, low bits first; scale: [n][blocks]; zero: the same, or empty: 2^(bits - 1).
// `integer`: for gemm_nbits_int8 on `machine`; otherwise for gemm_nbits_f32. Errors: kOutOfMemory.
Result<NBitsWeights> pack_nbits(const NBitsShape& shape, const uint8_t* codes, std::span<const float> scale,
                                std::span<const float> zero, bool integer, DotKind machine);

// The way back: codes [n][blocks][block] from w.bytes, for weights that were packed for w.kind.
void unpack_nbits(const NBitsShape& shape, DotKind kind, const uint8_t* panels, uint8_t* codes);

// --- for the kernels -------------------------------------------------------------------------------

// Columns of a panel from an array that holds only `columns` of them (the others 0; nullptr: all 0), and back, clamped.
// Out of line: loops around them keep their registers only in small functions.
void load_columns(const float* from, int64_t columns, f32x4 (&to)[2]);
void store_columns(const f32x4 (&from)[2], int64_t columns, float lo, float hi, float* to);

// The codes of unit u of a block, columns 0 to 3 and 4 to 7, in the low bits of bytes that are otherwise zero.
struct NBitsUnit {
  i8x16 left, right;
};

// Bytes moved right by `by` bits, without what comes from the byte above: the mask takes that away.
inline i8x16 shift_bytes(i8x16 v, int by) { return reinterpret_cast<i8x16>(reinterpret_cast<u16x8>(v) >> by); }

template <int kBits>
inline NBitsUnit unpack_unit(const uint8_t* block, int64_t u) {
  constexpr int8_t kMask = static_cast<int8_t>((1 << kBits) - 1);
  if constexpr (kBits == 8) {
    return {load<i8x16>(block + 32 * u), load<i8x16>(block + 32 * u + 16)};
  } else if constexpr (kBits == 4) {
    const i8x16 v = load<i8x16>(block + 16 * u), mask = i8x16{} + kMask;
    return {v & mask, shift_bytes(v, 4) & mask};
  } else {
    const i8x16 v = load<i8x16>(block + u / 2 * 16), mask = i8x16{} + kMask;
    return u % 2 == 0 ? NBitsUnit{v & mask, shift_bytes(v, 2) & mask}
                      : NBitsUnit{shift_bytes(v, 4) & mask, shift_bytes(v, 6) & mask};
  }
}

}  // namespace halftone
