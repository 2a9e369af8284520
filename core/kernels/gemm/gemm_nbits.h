// Product of float activations with block-quantized weights (nbits.h), which are never unpacked as a whole:
//   C[m][n] = clamp(bias[n] + sum over k of A[m][k] * W[n][k], lo, hi),   W[n][k] = (code - zero) * scale by block of k
// gemm_nbits_f32   float throughout. One or two rows: sum over a block of x * (code - zero) = sum x * code - zero * sum
// x, codes
//                  turned to float in registers. More rows: a few panels at a time are unpacked and go to gemm_f32.
// gemm_nbits_int8  activations become int8 by row and block, x ~ q * s with s = max |x| / 127 (MatMulNBits'
//                  accuracy_level 4), and the sums over a block are integers: (sum q * code - zero * sum q) * s *
//                  scale.
#pragma once

#include <optional>

#include "core/kernels/gemm/nbits.h"

namespace halftone {

struct GemmNBits {
  const NBitsWeights& w;
  int64_t m;
  const float* a;     // [m][k]
  const float* bias;  // [n]; nullptr: none
  float* c;           // [m][n]
  float lo, hi;       // clamp; -inf, +inf: none
};

// Bytes of working memory, 16-byte aligned; nullopt: beyond 64 bits.
std::optional<int64_t> gemm_nbits_f32_scratch(const NBitsShape& shape, int64_t m);
std::optional<int64_t> gemm_nbits_int8_scratch(const NBitsShape& shape, int64_t m);

// The weights are packed with `integer` false / true; integers want blocks of at most 32,768 (sums below 2^31).
void gemm_nbits_f32(const GemmNBits& args, void* scratch);
void gemm_nbits_int8(const GemmNBits& args, void* scratch);

}  // namespace halftone
