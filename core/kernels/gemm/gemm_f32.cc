// Float matrix product over tiles of up to 6 rows and 8 columns: 12 accumulators, two panel vectors and one broadcast
// element fill the 15 vector registers that engines have on x86. k is cut into blocks, so that a block of A's rows and
// the panels it meets stay in the nearest caches; C carries the sums from block to block.
#include "core/kernels/gemm/gemm_f32.h"

#include <algorithm>
#include <array>

#include "core/kernels/short_copy.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int kRows = 6;
constexpr int64_t kBlock = 512;          // of k
constexpr int64_t kGroupBytes = 131072;  // of panels that all rows pass over before the next ones

struct Tile {
  std::array<const float*, kRows> a;  // row pointers
  const float* b;                     // panel
  int64_t k;
  float* c;
  int64_t ldc, columns;  // columns <= 8 to store
  bool accumulate;
  const float* row_bias;
  f32x4 lo, hi;
};

// The last panel's columns. Out of line: the tile's loop keeps its registers only in a small function.
__attribute__((noinline)) void load_columns(const float* c, int64_t columns, float* row) {
  copy_short(row, c, 4 * columns);
}

__attribute__((noinline)) void store_columns(const float* row, int64_t columns, float* c) {
  copy_short(c, row, 4 * columns);
}

// Starting values of one row.
inline void load_row(const Tile& t, int r, f32x4& left, f32x4& right) {
  if (t.accumulate) {
    const float* c = t.c + r * t.ldc;
    float row[kPanelF32] = {};
    if (t.columns != kPanelF32) {
      load_columns(c, t.columns, row);
      c = row;
    }
    left = load<f32x4>(c);
    right = load<f32x4>(c + 4);
  } else {
    left = right = t.row_bias != nullptr ? load_splat32<f32x4>(t.row_bias + r) : f32x4{};
  }
}

inline void store_row(const Tile& t, int r, f32x4 left, f32x4 right) {
  left = min(max(left, t.lo), t.hi);
  right = min(max(right, t.lo), t.hi);
  float* c = t.c + r * t.ldc;
  if (t.columns == kPanelF32) {
    store(c, left);
    store(c + 4, right);
  } else {
    float row[kPanelF32];
    store(row, left);
    store(row + 4, right);
    store_columns(row, t.columns, c);
  }
}

// One step of k: acc += a[r][s] * b's 8 columns, for all rows.
template <int kCount>
inline void step(const std::array<const float*, kRows>& a, int s, const float* b, f32x4 (&acc)[kCount][2]) {
  const f32x4 left = load<f32x4>(b), right = load<f32x4>(b + 4);
  for (int r = 0; r < kCount; ++r) {
    const f32x4 x = load_splat32<f32x4>(a[static_cast<size_t>(r)] + s);
    acc[r][0] = madd(x, left, acc[r][0]);
    acc[r][1] = madd(x, right, acc[r][1]);
    settle(acc[r][0]);
    settle(acc[r][1]);
  }
}

// Rows [0, kCount) of the tile. Few rows spread the steps over kChains sets of accumulators, so that the additions do
// not wait for each other. Four steps at once let addresses be constant offsets from one pointer a row.
template <int kCount, int kChains>
void run_tile(const Tile& t) {
  constexpr int kSteps = 4;
  f32x4 acc[kChains][kCount][2];
  for (int r = 0; r < kCount; ++r) {
    load_row(t, r, acc[0][r][0], acc[0][r][1]);
    for (int s = 1; s < kChains; ++s) acc[s][r][0] = acc[s][r][1] = f32x4{};
  }
  std::array<const float*, kRows> a = t.a;
  const float* b = t.b;
  int32_t k = static_cast<int32_t>(t.k);  // at most kBlock
  for (; k >= kSteps; k -= kSteps) {
    step(a, 0, b, acc[0]);
    step(a, 1, b + kPanelF32, acc[1 % kChains]);
    step(a, 2, b + 2 * kPanelF32, acc[2 % kChains]);
    step(a, 3, b + 3 * kPanelF32, acc[3 % kChains]);
    for (int r = 0; r < kCount; ++r) a[static_cast<size_t>(r)] += kSteps;
    b += kSteps * kPanelF32;
  }
  for (int s = 0; s < k; ++s) step(a, s, b + s * kPanelF32, acc[0]);
  for (int r = 0; r < kCount; ++r) {
    for (int s = 1; s < kChains; ++s) {
      acc[0][r][0] += acc[s][r][0];
      acc[0][r][1] += acc[s][r][1];
    }
    store_row(t, r, acc[0][r][0], acc[0][r][1]);
  }
}

void run_rows(const Tile& t, int64_t rows) {
  switch (rows) {
    case 1:
      return run_tile<1, 4>(t);
    case 2:
      return run_tile<2, 2>(t);
    case 3:
      return run_tile<3, 1>(t);
    case 4:
      return run_tile<4, 1>(t);
    case 5:
      return run_tile<5, 1>(t);
    default:
      return run_tile<6, 1>(t);
  }
}

}  // namespace

void pack_b_f32(const float* b, int64_t k, int64_t n, int64_t row_stride, int64_t col_stride, float scale,
                float* packed) {
  for (int64_t j0 = 0; j0 < n; j0 += kPanelF32) {
    const int64_t columns = std::min(kPanelF32, n - j0);
    for (int64_t i = 0; i < k; ++i, packed += kPanelF32) {
      const float* row = b + i * row_stride + j0 * col_stride;
      for (int64_t j = 0; j < kPanelF32; ++j) packed[j] = j < columns ? scale * row[j * col_stride] : 0.0f;
    }
  }
}

void gemm_f32(const GemmF32& g) {
  const int64_t blocks = std::max<int64_t>((g.k + kBlock - 1) / kBlock, 1);
  const int64_t block = (g.k + blocks - 1) / blocks;
  const int64_t group = std::max<int64_t>(kGroupBytes / (std::max<int64_t>(block, 1) * 32), 1) * kPanelF32;
  Tile t{};
  t.ldc = g.ldc;
  t.lo = splat(g.lo);
  t.hi = splat(g.hi);
  const f32x4 lo = splat(-__builtin_inff()), hi = splat(__builtin_inff());
  for (int64_t n0 = 0; n0 < g.n; n0 += group) {
    const int64_t n1 = std::min(n0 + group, g.n);
    for (int64_t k0 = 0, i = 0; i < blocks; ++i, k0 += block) {
      t.k = std::min(block, g.k - k0);
      t.accumulate = g.accumulate || i > 0;
      t.lo = i + 1 == blocks ? splat(g.lo) : lo;
      t.hi = i + 1 == blocks ? splat(g.hi) : hi;
      for (int64_t m = 0; m < g.m; m += kRows) {
        const int64_t rows = std::min<int64_t>(kRows, g.m - m);
        for (int64_t r = 0; r < kRows; ++r) {
          t.a[static_cast<size_t>(r)] = g.a + (m + std::min(r, rows - 1)) * g.lda + k0;
        }
        t.row_bias = g.row_bias != nullptr ? g.row_bias + m : nullptr;
        for (int64_t n = n0; n < n1; n += kPanelF32) {
          t.b = g.b + n * g.k + k0 * kPanelF32;
          t.c = g.c + m * g.ldc + n;
          t.columns = std::min(kPanelF32, g.n - n);
          run_rows(t, rows);
        }
      }
    }
  }
}

}  // namespace halftone
