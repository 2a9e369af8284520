// Integer product of two 8-bit matrices that are both known only when it runs (attention: scores, weighted values):
//   C[m][n] = requantize(sum over k of (A[m][k] - a_zero) * (B[k][n] - b_zero))
// over gemm_int8. B is packed into panels at run time. Its zero point: subtracted where products are of 16 bits;
// otherwise bytes enter as they are (uint8 less 128), and
//   sum (a - za)(b - zb) = sum a b  - za * (column sum of b) + k za zb     the bias of column n
//                                   - zb * (row sum of a)                  added to a row before it is requantized
#pragma once

#include "core/kernels/dot/operands.h"
#include "core/kernels/quant/requantize.h"

namespace halftone {

// The largest k for which sums of products of 9-bit differences stay below 2^31.
inline constexpr int64_t kMaxProductInt8 = 33025;

struct ProductInt8 {
  DotKind kind;  // product_int8_dot
  int64_t m, n, k;
  bool a_signed, b_signed;  // int8, else uint8
  int32_t a_zero, b_zero;   // as stored
  const float* multiplier;  // by column, filled up to a multiple of 8; nullptr: C takes the int32 sums
  RequantRange range;
  bool signed_output;  // C is int8, else uint8
};

// The fastest kind of dot that is exact for any bytes on a machine with `machine`.
DotKind product_int8_dot(DotKind machine);

// Bytes of working memory, 16-byte aligned, for the two that follow.
int64_t product_int8_scratch(const ProductInt8& p);

// b: [k][n]. What it leaves in scratch serves any number of run_product_int8, with a: [m][k], c: [m][n].
void pack_product_int8(const ProductInt8& p, const uint8_t* b, void* scratch);
void run_product_int8(const ProductInt8& p, const uint8_t* a, void* c, void* scratch);

}  // namespace halftone
