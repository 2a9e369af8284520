// Integer matrix product over units (dot/operands.h), requantized (quant/requantize.h):
//   C[m][n] = requantize(bias + sum over k of A[m][k] * B[k][n])
// A: rows of units; B: panels of 8 columns, [ceil(n / 8)][units][8][4 bytes]. One of them holds the weights: it decides
// whether bias and multiplier go by row (convolution: rows are filters) or by column (Gemm, MatMul).
#pragma once

#include <cstdint>

#include "core/kernels/dot/dot_probe.h"
#include "core/kernels/quant/requantize.h"

namespace halftone {

inline constexpr int64_t kPanelInt8 = 8;  // columns of a panel

struct GemmInt8 {
  DotKind kind;
  bool weights_are_rows;
  int64_t m, n, units;
  const uint8_t* a;         // [m][units][4]
  const uint8_t* b;         // panels
  const int32_t* bias;      // by row, or by column filled up to a multiple of 8
  const float* multiplier;  // like bias; nullptr: C takes the int32 sums themselves
  RequantRange range;
  bool signed_output;  // C is int8, else uint8
  void* c;
  int64_t ldc;  // elements from row to row of C
};

void gemm_int8(const GemmInt8& args);

}  // namespace halftone
