// The tile of the integer product; see the header.
#include "core/kernels/gemm/tile_int8.h"

#include <array>
#include <utility>

#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/operands.h"
#include "core/kernels/short_copy.h"

namespace halftone {
namespace {

constexpr int64_t kPanelStep = kPanelColumns * kUnitBytes;

template <typename D, int kCount>
inline void step(const uint8_t* const (&a)[kCount], int s, const uint8_t* b, i32x4 (&acc)[kCount][2]) {
  const i8x16 left = load<i8x16>(b), right = load<i8x16>(b + 16);
  for (int r = 0; r < kCount; ++r) {
    const i8x16 x = load_splat32<i8x16>(a[r] + s * kUnitBytes);
    acc[r][0] = D::add(acc[r][0], left, x);
    acc[r][1] = D::add(acc[r][1], right, x);
    settle(acc[r][0]);
    settle(acc[r][1]);
  }
}

// Sums as they are, or the last panel's columns. Out of line: the tile's loop keeps its registers only in a small
// function.
__attribute__((noinline)) void store_rare(const TileInt8& t, int r, i32x4 left, i32x4 right) {
  uint8_t row[32];
  if (t.multiplier == nullptr) {
    store(row, left);
    store(row + 16, right);
    return copy_short(t.c + r * t.ldc * 4, row, 4 * t.columns);
  }
  left = t.requantizer.round(left, load<f32x4>(t.multiplier));
  right = t.requantizer.round(right, load<f32x4>(t.multiplier + 4));
  store_bytes(t.c + r * t.ldc, t.requantizer.narrow8(left, right), t.columns);
}

// In line: accumulators whose address is passed on would live in memory.
template <int kCount>
[[gnu::always_inline]] inline void store_rows(const TileInt8& t, i32x4 (&acc)[kCount][2]) {
  const Requantizer q = t.requantizer;
  const f32x4 left = load<f32x4>(t.multiplier), right = load<f32x4>(t.multiplier + 4);
  uint8_t* c = t.c;
  for (int r = 0; r + 1 < kCount; r += 2, c += 2 * t.ldc) {
    const i8x16 bytes = q.narrow16(q.round(acc[r][0], left), q.round(acc[r][1], right), q.round(acc[r + 1][0], left),
                                   q.round(acc[r + 1][1], right));
    store_half(c, bytes);
    store_high_half(c + t.ldc, bytes);
  }
  if constexpr (kCount % 2 == 1) {
    store_half(c, q.narrow8(q.round(acc[kCount - 1][0], left), q.round(acc[kCount - 1][1], right)));
  }
}

// Few rows spread the units over kChains sets of accumulators, so that the additions do not wait for each other.
// One panel. Everything lives in memory and the call goes through a table, so that no compiler on the way joins this
// with its caller: what the inner loop does not use must not take its registers.
template <typename D, int kCount, int kChains>
void run_panel(const TileInt8& t) {
  i32x4 acc[kChains][kCount][2];
  for (int r = 0; r < kCount; ++r) {
    acc[0][r][0] = load<i32x4>(t.bias);
    acc[0][r][1] = load<i32x4>(t.bias + 4);
    for (int s = 1; s < kChains; ++s) acc[s][r][0] = acc[s][r][1] = i32x4{};
  }
  const uint8_t* b = t.panel;
  const uint8_t* const* rows = t.rows;
  for (int32_t run = static_cast<int32_t>(t.runs); run > 0; --run, rows += kTileRows) {
    const uint8_t* a[kCount];
    for (int r = 0; r < kCount; ++r) a[r] = rows[r];
    int32_t units = static_cast<int32_t>(t.units);
    if constexpr (kChains > 1) {
      for (; units >= kChains; units -= kChains) {
        for (int s = 0; s < kChains; ++s) step<D>(a, s, b + s * kPanelStep, acc[s]);
        for (int r = 0; r < kCount; ++r) a[r] += kChains * kUnitBytes;
        b += kChains * kPanelStep;
      }
    }
    HT_ROLLED for (; units > 0; --units, b += kPanelStep) {
      step<D>(a, 0, b, acc[0]);
      for (int r = 0; r < kCount; ++r) a[r] += kUnitBytes;
    }
  }
  for (int r = 0; r < kCount; ++r) {
    for (int s = 1; s < kChains; ++s) {
      acc[0][r][0] = wrapping_add(acc[0][r][0], acc[s][r][0]);
      acc[0][r][1] = wrapping_add(acc[0][r][1], acc[s][r][1]);
    }
  }
  if (t.multiplier != nullptr && t.columns == kPanelColumns) return store_rows(t, acc[0]);
  for (int r = 0; r < kCount; ++r) store_rare(t, r, acc[0][r][0], acc[0][r][1]);
}

using PanelFn = void (*)(const TileInt8&);
template <typename D, int... kRow>
constexpr std::array<PanelFn, kTileRows> panel_table(std::integer_sequence<int, kRow...>) {
  return {run_panel<D, kRow + 1, tile_chains(kRow + 1)>...};
}
template <typename D>
constexpr auto kPanels = panel_table<D>(std::make_integer_sequence<int, kTileRows>());

template <DotKind kKind>
void run_tile(TileInt8 t, int64_t rows, PanelsAhead ahead) {
  const PanelFn run = kPanels<Dot<kKind>>[static_cast<size_t>(rows - 1)];
  const int64_t panel_bytes = t.runs * t.units * kPanelStep, last_columns = t.columns;
  t.columns = kPanelColumns;
  for (int64_t left = t.panels; left > 0; --left) {
    if (left == 1) t.columns = last_columns;
    if (ahead.panels > 0) ahead.touch();
    run(t);
    t.panel += panel_bytes;
    t.bias += kPanelColumns;
    t.c += kPanelColumns * (t.multiplier != nullptr ? 1 : 4);
    if (t.multiplier != nullptr) t.multiplier += kPanelColumns;
  }
}

}  // namespace

TileInt8Fn tile_int8(DotKind kind) {
  return with_dot(kind, []<DotKind kKind>() -> TileInt8Fn { return run_tile<kKind>; });
}

}  // namespace halftone
