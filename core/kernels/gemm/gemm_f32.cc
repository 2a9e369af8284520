// Float matrix product over tiles (tile_f32.h).
#include "core/kernels/gemm/gemm_f32.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/kernels/gemm/tile_f32.h"

namespace halftone {

void pack_b_f32(const float* b, int64_t k, int64_t n, int64_t row_stride, int64_t col_stride, float scale,
                float* packed) {
  for (int64_t j0 = 0; j0 < n; j0 += kPanelColumns) {
    const int64_t columns = std::min(kPanelColumns, n - j0);
    for (int64_t i = 0; i < k; ++i, packed += kPanelColumns) {
      const float* row = b + i * row_stride + j0 * col_stride;
      for (int64_t j = 0; j < kPanelColumns; ++j) {
        const float v = j < columns ? row[j * col_stride] : 0.0f;
        packed[j] = scale == 1 ? v : scale * v;  // a product would not keep every NaN as it is
      }
    }
  }
}

void unpack_b_f32(const float* packed, int64_t k, int64_t n, int64_t row_stride, int64_t col_stride, uint8_t* b) {
  for (int64_t j0 = 0; j0 < n; j0 += kPanelColumns) {
    const int64_t columns = std::min(kPanelColumns, n - j0);
    for (int64_t i = 0; i < k; ++i, packed += kPanelColumns) {
      uint8_t* row = b + 4 * (i * row_stride + j0 * col_stride);
      for (int64_t j = 0; j < columns; ++j) std::memcpy(row + 4 * j * col_stride, packed + j, 4);
    }
  }
}

void gemm_f32(const GemmF32& g) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const uint8_t* tables[row_table_size(1) * kMaxThreads];
  const DepthF32 depth(1, g.k);
  const TileGrid grid{.m = g.m,
                      .n = g.n,
                      .runs = 1,
                      .panels = reinterpret_cast<const uint8_t*>(g.b),
                      .panel_bytes = g.k * kPanelColumns * 4,
                      .tables = tables,
                      .depth_blocks = depth.blocks()};
  for_each_tile(
      grid, [&](int64_t block) { return depth.part(block); },
      [&](const DepthF32::Part& part, int64_t first, int64_t rows, RowTable table) {
        const float* a = g.a + first * g.lda + part.begin;
        for (int64_t r = 0; r < rows; ++r) table[r] = reinterpret_cast<const uint8_t*>(a + r * g.lda);
      },
      [&](const DepthF32::Part& part, RowTable table, int64_t first, int64_t rows, PanelSpan panels) {
        const int64_t n = panels.begin * kPanelColumns;
        run_tile_f32(TileF32{.rows = table,
                             .runs = 1,
                             .length = part.length,
                             .panel = g.b + n * g.k + part.begin * kPanelColumns,
                             .panel_step = g.k * kPanelColumns,
                             .panels = panels.end - panels.begin,
                             .bias = part.first && g.bias != nullptr ? g.bias + n : nullptr,
                             .start = part.first && !g.accumulate ? nullptr : g.c + first * g.ldc + n,
                             .c = g.c + first * g.ldc + n,
                             .ldc = g.ldc,
                             .columns = last_columns(g.n, panels),
                             .lo = part.last ? g.lo : -kInf,
                             .hi = part.last ? g.hi : kInf},
                     rows, panels.ahead);
      });
}

}  // namespace halftone
