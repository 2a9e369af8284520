// The tile of the float product; see the header.
#include "core/kernels/gemm/tile_f32.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/kernels/short_copy.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

// What is not a full row of 8 columns. Out of line: the tile's loop keeps its registers only in a small function.
__attribute__((noinline)) void store_columns(f32x4 left, f32x4 right, int64_t columns, float* c) {
  float row[kPanelColumns];
  store(row, left);
  store(row + 4, right);
  copy_short(c, row, 4 * columns);
}

__attribute__((noinline)) void load_columns(const float* c, int64_t columns, float* row) {
  copy_short(row, c, 4 * columns);
}

inline void load_row(const TileF32& t, int r, f32x4& left, f32x4& right) {
  left = right = f32x4{};
  if (t.bias != nullptr) {
    left = load<f32x4>(t.bias);
    right = load<f32x4>(t.bias + 4);
  }
  if (t.start == nullptr) return;
  const float* start = t.start + r * t.ldc;
  float row[kPanelColumns] = {};
  if (t.columns != kPanelColumns) {
    load_columns(start, t.columns, row);
    start = row;
  }
  left += load<f32x4>(start);
  right += load<f32x4>(start + 4);
}

inline void store_row(const TileF32& t, int r, f32x4 left, f32x4 right) {
  float* c = t.c + r * t.ldc;
  const f32x4 lo = load_splat32<f32x4>(&t.lo), hi = load_splat32<f32x4>(&t.hi);
  left = min(max(left, lo), hi);
  right = min(max(right, lo), hi);
  if (t.columns != kPanelColumns) return store_columns(left, right, t.columns, c);
  store(c, left);
  store(c + 4, right);
}

// One term: acc += a[r][s] * b's 8 columns, for all rows.
template <int kCount>
inline void step(const float* const (&a)[kCount], int s, const float* b, f32x4 (&acc)[kCount][2]) {
  const f32x4 left = load<f32x4>(b), right = load<f32x4>(b + 4);
  for (int r = 0; r < kCount; ++r) {
    const f32x4 x = load_splat32<f32x4>(a[r] + s);
    acc[r][0] = madd(x, left, acc[r][0]);
    acc[r][1] = madd(x, right, acc[r][1]);
    settle(acc[r][0]);
    settle(acc[r][1]);
  }
}

// Few rows spread the terms over kChains sets of accumulators, so that the additions do not wait for each other.
// Elsewhere there is one plain loop: engines unroll it, and a second one for the rest of an unrolled loop has cost it
// registers.
// One panel. Everything lives in memory and the call goes through a table, so that no compiler on the way joins this
// with its caller: what the inner loop does not use must not take its registers.
template <int kCount, int kChains>
void run_panel(const TileF32& t) {
  f32x4 acc[kChains][kCount][2];
  for (int r = 0; r < kCount; ++r) {
    load_row(t, r, acc[0][r][0], acc[0][r][1]);
    for (int s = 1; s < kChains; ++s) acc[s][r][0] = acc[s][r][1] = f32x4{};
  }
  const float* b = t.panel;
  const uint8_t* const* rows = t.rows;
  for (int32_t run = static_cast<int32_t>(t.runs); run > 0; --run, rows += kTileRows) {
    const float* a[kCount];
    for (int r = 0; r < kCount; ++r) a[r] = reinterpret_cast<const float*>(rows[r]);
    int32_t left = static_cast<int32_t>(t.length);
    if constexpr (kChains > 1) {
      for (; left >= kChains; left -= kChains) {
        for (int s = 0; s < kChains; ++s) step(a, s, b + s * kPanelColumns, acc[s]);
        for (int r = 0; r < kCount; ++r) a[r] += kChains;
        b += kChains * kPanelColumns;
      }
    }
    HT_ROLLED for (; left > 0; --left, b += kPanelColumns) {
      step(a, 0, b, acc[0]);
      for (int r = 0; r < kCount; ++r) ++a[r];
    }
  }
  for (int r = 0; r < kCount; ++r) {
    for (int s = 1; s < kChains; ++s) {
      acc[0][r][0] += acc[s][r][0];
      acc[0][r][1] += acc[s][r][1];
    }
    store_row(t, r, acc[0][r][0], acc[0][r][1]);
  }
}

using PanelFn = void (*)(const TileF32&);
template <int... kRow>
constexpr std::array<PanelFn, kTileRows> panel_table(std::integer_sequence<int, kRow...>) {
  return {run_panel<kRow + 1, tile_chains(kRow + 1)>...};
}
constexpr auto kPanels = panel_table(std::make_integer_sequence<int, kTileRows>());

constexpr int64_t kDepth = 512;

int64_t start_of(int64_t n, int64_t parts, int64_t i) { return n / parts * i + std::min(i, n % parts); }

}  // namespace

DepthF32::DepthF32(int64_t runs, int64_t length) : runs_(runs), length_(length) {
  pieces_ = std::max<int64_t>((length + kDepth - 1) / kDepth, 1);
  const int64_t together = pieces_ > 1 ? 1 : std::max<int64_t>(kDepth / std::max<int64_t>(length, 1), 1);
  blocks_ = pieces_ > 1 ? runs * pieces_ : (runs + together - 1) / together;
}

DepthF32::Part DepthF32::part(int64_t block) const {
  Part p{.run = 0, .runs = 1, .begin = 0, .length = length_, .first = block == 0, .last = block + 1 == blocks_};
  if (pieces_ > 1) {
    p.run = block / pieces_;
    p.begin = start_of(length_, pieces_, block % pieces_);
    p.length = start_of(length_, pieces_, block % pieces_ + 1) - p.begin;
  } else {
    p.run = start_of(runs_, blocks_, block);
    p.runs = start_of(runs_, blocks_, block + 1) - p.run;
  }
  return p;
}

void run_tile_f32(TileF32 t, int64_t rows, PanelsAhead ahead) {
  const PanelFn run = kPanels[static_cast<size_t>(rows - 1)];
  const int64_t last_columns = t.columns;
  t.columns = kPanelColumns;
  for (int64_t left = t.panels; left > 0; --left) {
    if (left == 1) t.columns = last_columns;
    if (ahead.panels > 0) ahead.touch();
    run(t);
    t.panel += t.panel_step;
    t.c += kPanelColumns;
    if (t.start != nullptr) t.start += kPanelColumns;
    if (t.bias != nullptr) t.bias += kPanelColumns;
  }
}

}  // namespace halftone
