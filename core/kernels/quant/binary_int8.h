// Elementwise arithmetic on 8-bit integers: y = saturate(round((ra op rb) / s_y) + z_y) with r = (q - zero) * scale, in
// float and in this order, so that the result is what dequantize, op, quantize would give, bit for bit.
// int8 and uint8 may be mixed: int8 codes get their top bit flipped, and their zero point is moved along by 128.
#pragma once

#include <cstdint>

#include "core/kernels/quant/requantize.h"

namespace halftone {

enum class BinaryInt8 { kAdd, kSub, kMul };

struct ByteOperand {
  const uint8_t* data;
  int64_t step;  // 1, or 0: the same element for the whole run
  uint8_t flip;  // 0x80 for int8
  int32_t zero;  // of the flipped code
  float scale;
};

struct ByteResult {
  float scale;
  RequantRange range;  // of the flipped code
  uint8_t flip;
};

void binary_int8_run(BinaryInt8 op, const ByteOperand& a, const ByteOperand& b, int64_t n, const ByteResult& result,
                     uint8_t* y);

// y[i] = table[x[i]], 256 entries.
void table_run(const uint8_t* x, int64_t n, const uint8_t* table, uint8_t* y);

}  // namespace halftone
