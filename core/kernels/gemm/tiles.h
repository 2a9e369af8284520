// How both matrix products go over C: tiles of up to 6 rows and 8 columns. 12 accumulators, two vectors of the panel
// and one broadcast element fill the 15 vector registers that engines have on x86. A row of A is a list of runs of
// consecutive terms: one run for a matrix, one per tap for a convolution, so that nothing has to be gathered first. B
// is packed in panels of 8 columns. Panels are taken in groups that stay in the second cache while all rows pass;
// within a group, a tile's rows stay in the first.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/parallel.h"

namespace halftone {

inline constexpr int kTileRows = 6;
inline constexpr int64_t kPanelColumns = 8;

inline int64_t panel_count(int64_t n) { return (n + kPanelColumns - 1) / kPanelColumns; }

// Where the runs of a tile's rows begin: entry [run * kTileRows + row].
using RowTable = const uint8_t**;
inline int64_t row_table_bytes(int64_t runs) {
  return thread_count() * runs * kTileRows * static_cast<int64_t>(sizeof(uint8_t*));
}

struct TileGrid {
  int64_t m, n;         // rows and columns of C
  int64_t runs;         // of a row
  int64_t panel_bytes;  // of one panel
  RowTable tables;      // row_table_bytes(runs)
};

// Tiles are of nearly equal height: seven rows are 4 + 3, since a tile of one row is slow.
inline int64_t tile_count(int64_t m) { return (m + kTileRows - 1) / kTileRows; }
inline int64_t tile_start(int64_t m, int64_t tiles, int64_t t) { return m / tiles * t + std::min(t, m % tiles); }

// fill(first row, rows, table) once per tile and group; run(table, first row, rows, panel) for each tile.
template <typename Fill, typename Run>
void for_each_tile(const TileGrid& grid, Fill&& fill, Run&& run) {
  constexpr int64_t kGroupBytes = 262144;
  const int64_t tiles = tile_count(grid.m), panels = panel_count(grid.n);
  if (tiles == 0 || panels == 0) return;
  const int64_t group = std::max<int64_t>(kGroupBytes / std::max<int64_t>(grid.panel_bytes, 1), 1);
  const auto pass = [&](int64_t t0, int64_t t1, int64_t p0, int64_t p1, int worker) {
    RowTable table = grid.tables + worker * grid.runs * kTileRows;
    for (int64_t g = p0; g < p1; g += group) {
      for (int64_t t = t0; t < t1; ++t) {
        const int64_t first = tile_start(grid.m, tiles, t), rows = tile_start(grid.m, tiles, t + 1) - first;
        fill(first, rows, table);
        for (int64_t p = g; p < std::min(g + group, p1); ++p) run(table, first, rows, p);
      }
    }
  };
  // Work for about a tenth of a millisecond.
  const int64_t tile_work = std::max<int64_t>(grid.panel_bytes, 1);
  constexpr int64_t kGrainWork = 1 << 20;
  if (tiles >= panels || tiles >= 4 * thread_count()) {
    parallel_for_workers(tiles, std::max<int64_t>(kGrainWork / (tile_work * panels), 1),
                         [&](int64_t begin, int64_t end, int worker) { pass(begin, end, 0, panels, worker); });
  } else {
    parallel_for_workers(panels, std::max<int64_t>(kGrainWork / (tile_work * tiles), 1),
                         [&](int64_t begin, int64_t end, int worker) { pass(0, tiles, begin, end, worker); });
  }
}

}  // namespace halftone
