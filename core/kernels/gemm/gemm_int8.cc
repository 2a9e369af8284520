// Integer matrix product over tiles of up to 6 rows and 8 columns: 12 accumulators, two panel vectors, one broadcast
// unit (as in gemm_f32.cc). k is not cut: a panel of 4,608 products is 36 KB.
#include "core/kernels/gemm/gemm_int8.h"

#include <algorithm>
#include <array>

#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/operands.h"
#include "core/kernels/quant/requantize_simd.h"
#include "core/kernels/short_copy.h"

namespace halftone {
namespace {

constexpr int kRows = 6;
constexpr int64_t kGroupBytes = 131072;  // of panels that all rows pass over before the next ones
constexpr int64_t kPanelStep = kPanelInt8 * kUnitBytes;

struct Tile {
  const GemmInt8& g;
  Requantizer requantizer;
  std::array<const uint8_t*, kRows> a;
  const uint8_t* b;
  int64_t m, n, columns;  // where the tile is in C; columns <= 8 to store
};

template <typename D, bool kWeightsAreRows, int kCount>
inline void step(const std::array<const uint8_t*, kRows>& a, int s, const uint8_t* b, i32x4 (&acc)[kCount][2]) {
  const i8x16 left = load<i8x16>(b), right = load<i8x16>(b + 16);
  for (int r = 0; r < kCount; ++r) {
    const i8x16 x = load_splat32<i8x16>(a[static_cast<size_t>(r)] + s * kUnitBytes);
    acc[r][0] = kWeightsAreRows ? D::add(acc[r][0], x, left) : D::add(acc[r][0], left, x);
    acc[r][1] = kWeightsAreRows ? D::add(acc[r][1], x, right) : D::add(acc[r][1], right, x);
    settle(acc[r][0]);
    settle(acc[r][1]);
  }
}

// What is not a full row of 8 bytes. Out of line: the tile's loop keeps its registers only in a small function.
__attribute__((noinline)) void store_columns(const uint8_t* row, int64_t bytes, void* c) { copy_short(c, row, bytes); }

template <bool kWeightsAreRows>
inline void store_row(const Tile& t, int r, i32x4 left, i32x4 right) {
  const GemmInt8& g = t.g;
  const int64_t at = (t.m + r) * g.ldc + t.n;
  uint8_t row[32];
  if (g.multiplier == nullptr) {
    store(row, left);
    store(row + 16, right);
    return store_columns(row, 4 * t.columns, static_cast<int32_t*>(g.c) + at);
  }
  const float* multiplier = g.multiplier + (kWeightsAreRows ? t.m + r : t.n);
  const f32x4 by_row = load_splat32<f32x4>(multiplier);
  left = t.requantizer.round(left, kWeightsAreRows ? by_row : load<f32x4>(multiplier));
  right = t.requantizer.round(right, kWeightsAreRows ? by_row : load<f32x4>(multiplier + 4));
  const i8x16 bytes = t.requantizer.narrow8(left, right);
  uint8_t* c = static_cast<uint8_t*>(g.c) + at;
  if (t.columns == kPanelInt8) return store_half(c, bytes);
  store(row, bytes);
  store_columns(row, t.columns, c);
}

template <typename D, bool kWeightsAreRows, int kCount>
void run_tile(const Tile& t) {
  constexpr int kSteps = 4;
  i32x4 acc[kCount][2];
  for (int r = 0; r < kCount; ++r) {
    if (kWeightsAreRows) {
      acc[r][0] = acc[r][1] = load_splat32<i32x4>(t.g.bias + t.m + r);
    } else {
      acc[r][0] = load<i32x4>(t.g.bias + t.n);
      acc[r][1] = load<i32x4>(t.g.bias + t.n + 4);
    }
  }
  std::array<const uint8_t*, kRows> a = t.a;
  const uint8_t* b = t.b;
  int32_t units = static_cast<int32_t>(t.g.units);
  for (; units >= kSteps; units -= kSteps) {
    step<D, kWeightsAreRows>(a, 0, b, acc);
    step<D, kWeightsAreRows>(a, 1, b + kPanelStep, acc);
    step<D, kWeightsAreRows>(a, 2, b + 2 * kPanelStep, acc);
    step<D, kWeightsAreRows>(a, 3, b + 3 * kPanelStep, acc);
    for (int r = 0; r < kCount; ++r) a[static_cast<size_t>(r)] += kSteps * kUnitBytes;
    b += kSteps * kPanelStep;
  }
  for (int s = 0; s < units; ++s) step<D, kWeightsAreRows>(a, s, b + s * kPanelStep, acc);
  for (int r = 0; r < kCount; ++r) store_row<kWeightsAreRows>(t, r, acc[r][0], acc[r][1]);
}

using TileFn = void (*)(const Tile&);
using TileFns = std::array<TileFn, kRows>;  // by number of rows - 1

template <DotKind kKind, bool kWeightsAreRows>
constexpr TileFns kTiles = {run_tile<Dot<kKind>, kWeightsAreRows, 1>, run_tile<Dot<kKind>, kWeightsAreRows, 2>,
                            run_tile<Dot<kKind>, kWeightsAreRows, 3>, run_tile<Dot<kKind>, kWeightsAreRows, 4>,
                            run_tile<Dot<kKind>, kWeightsAreRows, 5>, run_tile<Dot<kKind>, kWeightsAreRows, 6>};

template <bool kWeightsAreRows>
const TileFns& tiles_of(DotKind kind) {
#if defined(__wasm_relaxed_simd__)
  // One instruction, whatever the kind: one instantiation.
  return kind == DotKind::kNone ? kTiles<DotKind::kNone, kWeightsAreRows> : kTiles<DotKind::kUsdot, kWeightsAreRows>;
#else
  switch (kind) {
    case DotKind::kUsdot:
      return kTiles<DotKind::kUsdot, kWeightsAreRows>;
    case DotKind::kSdot:
      return kTiles<DotKind::kSdot, kWeightsAreRows>;
    case DotKind::kI7:
      return kTiles<DotKind::kI7, kWeightsAreRows>;
    case DotKind::kNone:
      break;
  }
  return kTiles<DotKind::kNone, kWeightsAreRows>;
#endif
}

}  // namespace

void gemm_int8(const GemmInt8& g) {
  const TileFns& tiles = g.weights_are_rows ? tiles_of<true>(g.kind) : tiles_of<false>(g.kind);
  const int64_t row_bytes = g.units * kUnitBytes, panel_bytes = g.units * kPanelStep;
  const int64_t group = std::max<int64_t>(kGroupBytes / std::max<int64_t>(panel_bytes, 1), 1) * kPanelInt8;
  Tile t{.g = g,
         .requantizer = Requantizer(g.range, g.signed_output),
         .a = {},
         .b = nullptr,
         .m = 0,
         .n = 0,
         .columns = 0};
  for (int64_t n0 = 0; n0 < g.n; n0 += group) {
    for (t.m = 0; t.m < g.m; t.m += kRows) {
      const int64_t rows = std::min<int64_t>(kRows, g.m - t.m);
      for (int64_t r = 0; r < kRows; ++r) t.a[static_cast<size_t>(r)] = g.a + (t.m + std::min(r, rows - 1)) * row_bytes;
      for (t.n = n0; t.n < std::min(n0 + group, g.n); t.n += kPanelInt8) {
        t.b = g.b + t.n / kPanelInt8 * panel_bytes;
        t.columns = std::min(kPanelInt8, g.n - t.n);
        tiles[static_cast<size_t>(rows - 1)](t);
      }
    }
  }
}

}  // namespace halftone
