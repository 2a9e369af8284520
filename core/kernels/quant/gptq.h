// Rounding of weights to a grid, column by column, where the error of each is made up for by the columns after it.
// Formula: for column i of a row w: q = code(w_i), e = (w_i - real(q)) / u_ii, w_j -= e u_ij for j > i, with U the
// upper factor of the inverse Hessian (core/kernels/linalg/inverse_factor.h).
// Reference: Frantar et al. 2022, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers".
#pragma once

#include <cstdint>

namespace halftone {

struct GptqColumns {
  float* w;        // [rows][ld], changed from `begin` on
  const float* u;  // [cols][cols]
  int64_t ld, rows, cols;
  int64_t begin, end;    // columns to round now; the columns from `end` on are only corrected. At most kGptqColumns
  const int64_t* group;  // by column: which of a row's parameters it uses
  const float *scale, *zero;  // [rows / rows_per_scale][groups]
  int64_t rows_per_scale, groups;
  float lowest, highest;
  int16_t* codes;  // [rows][ld]
};

inline constexpr int64_t kGptqColumns = 128;

void gptq_columns(const GptqColumns& g);

}  // namespace halftone
