// Float matrix product over tiles (tile_f32.h). k is not cut: a panel of 4,096 terms is 128 KB, half of a group.
#include "core/kernels/gemm/gemm_f32.h"

#include <algorithm>

#include "core/kernels/gemm/tile_f32.h"

namespace halftone {

void pack_b_f32(const float* b, int64_t k, int64_t n, int64_t row_stride, int64_t col_stride, float scale,
                float* packed) {
  for (int64_t j0 = 0; j0 < n; j0 += kPanelColumns) {
    const int64_t columns = std::min(kPanelColumns, n - j0);
    for (int64_t i = 0; i < k; ++i, packed += kPanelColumns) {
      const float* row = b + i * row_stride + j0 * col_stride;
      for (int64_t j = 0; j < kPanelColumns; ++j) packed[j] = j < columns ? scale * row[j * col_stride] : 0.0f;
    }
  }
}

void gemm_f32(const GemmF32& g) {
  const uint8_t* tables[kTileRows * kMaxThreads];
  const TileGrid grid{.m = g.m, .n = g.n, .runs = 1, .panel_bytes = g.k * kPanelColumns * 4, .tables = tables};
  for_each_tile(
      grid,
      [&](int64_t first, int64_t rows, RowTable table) {
        for (int64_t r = 0; r < rows; ++r) table[r] = reinterpret_cast<const uint8_t*>(g.a + (first + r) * g.lda);
      },
      [&](RowTable table, int64_t first, int64_t rows, int64_t panel) {
        const int64_t n = panel * kPanelColumns;
        run_tile_f32(TileF32{.rows = table,
                             .runs = 1,
                             .length = g.k,
                             .panel = g.b + n * g.k,
                             .bias = g.bias != nullptr ? g.bias + n : nullptr,
                             .c = g.c + first * g.ldc + n,
                             .ldc = g.ldc,
                             .columns = std::min(kPanelColumns, g.n - n),
                             .accumulate = g.accumulate,
                             .lo = g.lo,
                             .hi = g.hi},
                     rows);
      });
}

}  // namespace halftone
