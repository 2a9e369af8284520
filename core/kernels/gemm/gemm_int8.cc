// Integer matrix product over tiles (tile_int8.h).
#include "core/kernels/gemm/gemm_int8.h"

#include <algorithm>

#include "core/kernels/dot/operands.h"
#include "core/kernels/gemm/tile_int8.h"

namespace halftone {

void gemm_int8(const GemmInt8& g) {
  const TileInt8Fn run_tile = tile_int8(g.kind);
  const Requantizer requantizer(g.range, g.signed_output, g.bounded);
  const int64_t row_bytes = g.units * kUnitBytes, panel_bytes = row_bytes * kPanelColumns;
  const int64_t element = g.multiplier != nullptr ? 1 : 4;
  const uint8_t* tables[row_table_size(1) * kMaxThreads];
  for_each_tile(
      TileGrid{.m = g.m, .n = g.n, .runs = 1, .panels = g.b, .panel_bytes = panel_bytes, .tables = tables},
      [](int64_t) { return 0; },
      [&](int, int64_t first, int64_t rows, RowTable table) {
        for (int64_t r = 0; r < rows; ++r) table[r] = g.a + (first + r) * row_bytes;
      },
      [&](int, RowTable table, int64_t first, int64_t rows, PanelSpan panels) {
        const int64_t n = panels.begin * kPanelColumns;
        run_tile(TileInt8{.rows = table,
                          .runs = 1,
                          .units = g.units,
                          .panel = g.b + panels.begin * panel_bytes,
                          .panels = panels.end - panels.begin,
                          .bias = g.bias + n,
                          .multiplier = g.multiplier != nullptr ? g.multiplier + n : nullptr,
                          .requantizer = requantizer,
                          .c = static_cast<uint8_t*>(g.c) + (first * g.ldc + n) * element,
                          .ldc = g.ldc,
                          .columns = last_columns(g.n, panels)},
                 rows, panels.ahead);
      });
}

}  // namespace halftone
