// How both matrix products go over C: tiles of up to 6 rows and 8 columns. 12 accumulators, two vectors of the panel
// and one broadcast element fill the 15 vector registers that engines have on x86. A row of A is a list of runs of
// consecutive terms: one run for a matrix, one per tap for a convolution, so that nothing has to be gathered first. B
// is packed in panels of 8 columns. A tile's rows stay in the first cache while a group of panels passes, the group in
// the second while all rows pass; long rows are cut into depth blocks.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/parallel.h"
#include "core/kernels/inline.h"

// Before a loop that is to stay as it is written (only Clang unrolls such loops by itself).
#ifdef __clang__
#define HT_ROLLED _Pragma("clang loop unroll(disable)")
#else
#define HT_ROLLED
#endif

namespace halftone {

// A multiply-add of two instructions needs one register more for the product.
#if defined(__wasm__) && !defined(__wasm_relaxed_simd__)
inline constexpr int kTileRows = 5;
#else
inline constexpr int kTileRows = 6;
#endif
// Sets of accumulators for tiles of few rows, so that additions do not wait for each other.
constexpr int tile_chains(int rows) { return rows == 1 ? 4 : rows == 2 ? 2 : 1; }
inline constexpr int64_t kPanelColumns = 8;

inline int64_t panel_count(int64_t n) { return (n + kPanelColumns - 1) / kPanelColumns; }

// Where the runs of a tile's rows begin: entry [run * kTileRows + row].
using RowTable = const uint8_t**;
// Entries of one worker's table: whole cache lines (two, which are fetched together), or threads that fill theirs for
// every tile would take turns at one.
constexpr int64_t row_table_size(int64_t runs) {
  constexpr int64_t kEntries = 128 / sizeof(uint8_t*);
  return (runs * kTileRows + kEntries - 1) / kEntries * kEntries;
}
inline int64_t row_table_bytes(int64_t runs) {
  return thread_count() * row_table_size(runs) * static_cast<int64_t>(sizeof(uint8_t*));
}

struct TileGrid {
  int64_t m, n;              // rows and columns of C
  int64_t runs;              // of a row
  const uint8_t* panels;     // of B
  int64_t panel_bytes;       // of one panel
  RowTable tables;           // row_table_bytes(runs)
  int64_t depth_blocks = 1;  // parts of a row that are taken one after the other
};

// What comes after a group of panels, or after a depth block of it. The first tile reads it between the panels at hand,
// a panel's part each time, so that it is in the second cache when its turn comes: plain reading is faster than a tile
// that waits for its operands line by line. (WebAssembly has no prefetch.)
struct PanelsAhead {
  const uint8_t* bytes = nullptr;
  int64_t step = 0;  // bytes from panel to panel
  int64_t size = 0;  // bytes of a panel's part
  int64_t panels = 0;

  // Of one panel.
  HT_NOINLINE void touch() {
    constexpr int64_t kLine = 64;
    const volatile uint8_t* at = bytes;
    HT_ROLLED for (int64_t left = size; left > 0; left -= kLine, at += kLine) static_cast<void>(*at);
    bytes += step;
    --panels;
  }
};

// The panels [begin, end) of a group.
struct PanelSpan {
  int64_t begin, end;
  PanelsAhead ahead;
};

inline int64_t last_columns(int64_t n, PanelSpan panels) {
  return std::min(kPanelColumns, n - (panels.end - 1) * kPanelColumns);
}

// Tiles of nearly equal height: seven rows are 4 + 3, since a tile of one row is slow.
struct TileRows {
  int64_t count, quotient, remainder;
  explicit TileRows(int64_t m)
      : count((m + kTileRows - 1) / kTileRows),
        quotient(m / std::max<int64_t>(count, 1)),
        remainder(m - quotient * count) {}
  int64_t start(int64_t t) const { return quotient * t + std::min(t, remainder); }
};

// The panels [begin, end), or fewer, of a depth block.
HT_NOINLINE inline PanelsAhead panels_ahead(const TileGrid& grid, int64_t begin, int64_t end, int64_t depth) {
  const int64_t size = grid.panel_bytes / grid.depth_blocks;  // near enough where blocks differ
  return {grid.panels + begin * grid.panel_bytes + depth * size, grid.panel_bytes, size,
          std::max<int64_t>(end - begin, 0)};
}

// block(depth) says what a depth block is; fill(block, first row, rows, table) sets the pointers of a tile;
// run(block, table, first row, rows, panels) computes its part of a group.
template <typename Block, typename Fill, typename Run>
void for_each_tile(const TileGrid& grid, Block&& block, Fill&& fill, Run&& run) {
  constexpr int64_t kGroupBytes = 262144;
  constexpr int64_t kPayingTiles = 4;  // fewer find the panels too seldom for reading them ahead
  const TileRows rows(grid.m);
  const int64_t tiles = rows.count, panels = panel_count(grid.n);
  if (tiles == 0 || panels == 0) return;
  const int64_t group = std::max<int64_t>(kGroupBytes / std::max<int64_t>(grid.panel_bytes / grid.depth_blocks, 1), 1);
  const auto pass = [&](int64_t t0, int64_t t1, int64_t p0, int64_t p1, int worker) {
    RowTable table = grid.tables + worker * row_table_size(grid.runs);
    for (int64_t p = p0; p < p1; p += group) {
      for (int64_t depth = 0; depth < grid.depth_blocks; ++depth) {
        auto part = block(depth);
        const bool last = depth + 1 == grid.depth_blocks;
        const int64_t next = last ? p + group : p;
        PanelSpan span{p, std::min(p + group, p1), {}};
        if (t1 - t0 >= kPayingTiles) {
          span.ahead = panels_ahead(grid, next, std::min(next + group, p1), last ? 0 : depth + 1);
        }
        for (int64_t t = t0; t < t1; ++t) {
          const int64_t first = rows.start(t), count = rows.start(t + 1) - first;
          fill(part, first, count, table);
          run(part, table, first, count, span);
          span.ahead.panels = 0;
        }
      }
    }
  };
  // Work for about ten microseconds.
  const int64_t tile_work = std::max<int64_t>(grid.panel_bytes, 1);
  constexpr int64_t kGrainWork = 1 << 18;
  const bool by_tiles = tiles >= panels;
  const int64_t parts = by_tiles ? tiles : panels, part_work = tile_work * (by_tiles ? panels : tiles);
  parallel_for_workers(parts, std::max<int64_t>(kGrainWork / part_work, 1),
                       [&](int64_t begin, int64_t end, int worker) {
                         const int64_t t0 = by_tiles ? begin : 0, t1 = by_tiles ? end : tiles;
                         pass(t0, t1, by_tiles ? 0 : begin, by_tiles ? panels : end, worker);
                       });
}

}  // namespace halftone
