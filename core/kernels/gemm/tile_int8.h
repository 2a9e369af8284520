// One tile row of an integer product over units (dot/operands.h), requantized (quant/requantize.h), over consecutive
// panels:
//   c[r][j] = requantize(bias[j] + sum over runs and units of rows[run][r] . panel[run][j]), or the sums themselves
// for up to 6 rows and 8 columns a panel.
#pragma once

#include "core/kernels/dot/dot_probe.h"
#include "core/kernels/gemm/tiles.h"
#include "core/kernels/quant/requantize_simd.h"

namespace halftone {

struct TileInt8 {
  RowTable rows;
  int64_t runs;             // at least 1
  int64_t units;            // of a run
  const uint8_t* panel;     // [runs][units][8][4 bytes]; the next one follows
  int64_t panels;           // at least 1
  const int32_t* bias;      // 8 a panel
  const float* multiplier;  // 8 a panel; nullptr: c takes the int32 sums
  const Requantizer& requantizer;
  uint8_t* c;       // bytes, or int32 without multiplier
  int64_t ldc;      // elements from row to row of c
  int64_t columns;  // of the last panel
};

// rows: 1 to 6.
using TileInt8Fn = void (*)(TileInt8 tile, int64_t rows, PanelsAhead ahead);
TileInt8Fn tile_int8(DotKind kind);

}  // namespace halftone
