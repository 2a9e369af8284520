// One tile of a float product: c[r][j] = clamp(start + sum over runs and s of rows[run][r][s] * panel[run][s][j], lo,
// hi) for up to 6 rows and 8 columns; start is the bias of the column, or what c holds.
#pragma once

#include "core/kernels/gemm/tiles.h"

namespace halftone {

struct TileF32 {
  RowTable rows;       // floats
  int64_t runs;        // at least 1
  int64_t length;      // floats of a run
  const float* panel;  // [runs][length][8]
  const float* bias;   // 8, or nullptr: zeros
  float* c;
  int64_t ldc;      // floats from row to row of c
  int64_t columns;  // of 8 to store
  bool accumulate;  // start from c; bias is not read then
  float lo, hi;
};

// rows: 1 to 6.
void run_tile_f32(const TileF32& tile, int64_t rows);

}  // namespace halftone
