// Integer matrix product over units (dot/operands.h), requantized (quant/requantize.h):
//   C[m][n] = requantize(bias[n] + sum over k of A[m][k] * B[k][n])
// A: rows of units; B: the weights in panels of 8 columns, [ceil(n / 8)][units][8][4 bytes].
#pragma once

#include <cstdint>

#include "core/kernels/dot/dot_probe.h"
#include "core/kernels/quant/requantize.h"

namespace halftone {

struct GemmInt8 {
  DotKind kind;
  int64_t m, n, units;
  const uint8_t* a;         // [m][units][4]
  const uint8_t* b;         // panels
  const int32_t* bias;      // by column, filled up to a multiple of 8
  const float* multiplier;  // like bias; nullptr: C takes the int32 sums themselves
  RequantRange range;
  bool signed_output;  // C is int8, else uint8
  bool bounded;        // see requantize_simd.h
  void* c;
  int64_t ldc;  // elements from row to row of C
};

void gemm_int8(const GemmInt8& args);

}  // namespace halftone
