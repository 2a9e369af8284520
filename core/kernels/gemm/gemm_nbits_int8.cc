// Integer product with block-quantized weights; see gemm_nbits.h. Tiles of 1 or 4 rows and 8 columns: the integer sums
// of one block, then one multiply-add each into the float sums.
#include <algorithm>
#include <array>

#include "core/base/checked.h"
#include "core/base/parallel.h"
#include "core/kernels/dot/dot.h"
#include "core/kernels/gemm/gemm_nbits.h"
#include "core/kernels/quant/requantize.h"

namespace halftone {
namespace {

constexpr int64_t kGroupBytes = 131072;  // of panels that all rows pass over before the next ones
constexpr int kRows = 4;

// Activations of one row: integers, then scale and -sum of each block.
struct RowLayout {
  int64_t element, blocks, codes, bytes;
  RowLayout(const NBitsShape& s, DotKind kind)
      : element(kind == DotKind::kNone ? 2 : 1),
        blocks(s.blocks()),
        codes(s.padded_k() * element),
        bytes((codes + 8 * blocks + 15) / 16 * 16) {}
};

float largest_magnitude(const float* x, int64_t n) {
  f32x4 most{};
  for (int64_t i = 0; i < n; i += 4) {
    const f32x4 v = load<f32x4>(x + i);
    most = max(max(v, -v), most);
  }
  return std::max(std::max(most[0], most[1]), std::max(most[2], most[3]));
}

// Four integers: bytes as they are, int16 in the order 0, 2, 1, 3 (the even bytes of a unit's codes, then the odd
// ones).
inline void store_codes(i32x4 q, int64_t element, uint8_t* out) {
  const i16x8 wide = narrow(q, q);
  if (element == 2) return store_half(out, __builtin_shufflevector(wide, wide, 0, 2, 1, 3, 4, 5, 6, 7));
  const i8x16 bytes = narrow_signed(wide, wide);
  std::memcpy(out, &bytes, 4);
}

// x [block] as integers in [-127, 127].
void quantize_block(const float* x, int64_t block, int64_t element, uint8_t* out, float& scale, float& minus_sum) {
  const float most = largest_magnitude(x, block);
  scale = most / 127.0f;
  const f32x4 inverse = splat(most > 0 ? 127.0f / most : 0.0f);
  i32x4 sum{};
  for (int64_t i = 0; i < block; i += 4, out += 4 * element) {
    const f32x4 v = min(max(load<f32x4>(x + i) * inverse, splat(-127.0f)), splat(127.0f));
    const i32x4 q = reinterpret_cast<i32x4>(v + splat(kRoundingBias)) - kRoundingBiasBits;
    sum += q;
    store_codes(q, element, out);
  }
  minus_sum = static_cast<float>(-(sum[0] + sum[1] + sum[2] + sum[3]));
}

// `tail`: [block] floats for the last block where k ends inside of it.
void quantize_row(const NBitsShape& s, const RowLayout& layout, const float* x, float* tail, uint8_t* row) {
  float* scale = reinterpret_cast<float*>(row + layout.codes);
  for (int64_t b = 0; b < layout.blocks; ++b, x += s.block, row += s.block * layout.element) {
    const int64_t terms = std::min(s.block, s.k - b * s.block);
    if (terms < s.block) {
      std::copy(x, x + terms, tail);
      std::fill(tail + terms, tail + s.block, 0.0f);
    }
    quantize_block(terms < s.block ? tail : x, s.block, layout.element, row, scale[b], scale[layout.blocks + b]);
  }
}

struct Tile {
  std::array<const uint8_t*, kRows> a;
  const uint8_t* panel;
  const float *scale, *zero;
  int64_t zero_step, blocks, block_bytes, row_codes;
  int32_t units;  // of a block
};

// Unit u of a block for all rows.
template <DotKind kKind, int kBits, int kCount>
inline void add_unit(const std::array<const uint8_t*, kRows>& a, const uint8_t* block, int u, i32x4 (&acc)[kCount][2]) {
  const NBitsUnit codes = unpack_unit<kBits>(block, u);
  if constexpr (kKind == DotKind::kNone) {
    const u16x8 left = reinterpret_cast<u16x8>(codes.left), right = reinterpret_cast<u16x8>(codes.right);
    const i8x16 left_even = reinterpret_cast<i8x16>(left & 255), left_odd = reinterpret_cast<i8x16>(left >> 8);
    const i8x16 right_even = reinterpret_cast<i8x16>(right & 255), right_odd = reinterpret_cast<i8x16>(right >> 8);
    for (int r = 0; r < kCount; ++r) {
      const i8x16 even = load_splat32<i8x16>(a[static_cast<size_t>(r)] + 8 * u);
      const i8x16 odd = load_splat32<i8x16>(a[static_cast<size_t>(r)] + 8 * u + 4);
      acc[r][0] = Dot<kKind>::add(Dot<kKind>::add(acc[r][0], left_even, even), left_odd, odd);
      acc[r][1] = Dot<kKind>::add(Dot<kKind>::add(acc[r][1], right_even, even), right_odd, odd);
    }
  } else {
    for (int r = 0; r < kCount; ++r) {
      const i8x16 x = load_splat32<i8x16>(a[static_cast<size_t>(r)] + 4 * u);
      acc[r][0] = Dot<kKind>::add(acc[r][0], x, codes.left);
      acc[r][1] = Dot<kKind>::add(acc[r][1], x, codes.right);
    }
  }
}

template <DotKind kKind, int kBits, int kCount>
__attribute__((noinline)) void run_tile(const Tile& t, f32x4 (&out)[kRows][2]) {
  constexpr int kUnitCodes = kKind == DotKind::kNone ? 8 : 4;
  constexpr int kChains = kCount == 1 ? 4 : 1;  // of one row, so that additions do not wait for each other
  std::array<const uint8_t*, kRows> a = t.a;
  std::array<const float*, kRows> facts;
  f32x4 sum[kCount][2];
  for (int r = 0; r < kCount; ++r) {
    facts[static_cast<size_t>(r)] = reinterpret_cast<const float*>(a[static_cast<size_t>(r)] + t.row_codes);
    sum[r][0] = out[r][0];
    sum[r][1] = out[r][1];
  }
  const uint8_t* block = t.panel;
  const float *scale = t.scale, *zero = t.zero;
  for (int64_t b = 0; b < t.blocks; ++b) {
    i32x4 acc[kChains][kCount][2] = {};
    const uint8_t* codes = block;
    for (int32_t u = t.units; u > 0; u -= 4) {
      add_unit<kKind, kBits, kCount>(a, codes, 0, acc[0]);
      add_unit<kKind, kBits, kCount>(a, codes, 1, acc[1 % kChains]);
      add_unit<kKind, kBits, kCount>(a, codes, 2, acc[2 % kChains]);
      add_unit<kKind, kBits, kCount>(a, codes, 3, acc[3 % kChains]);
      for (int r = 0; r < kCount; ++r) a[static_cast<size_t>(r)] += 4 * kUnitCodes;
      codes += 16 * kBits;
    }
    for (int r = 0; r < kCount; ++r) {
      const float* fact = facts[static_cast<size_t>(r)] + b;
      const f32x4 by_row = load_splat32<f32x4>(fact), minus_sum = load_splat32<f32x4>(fact + t.blocks);
      for (int half = 0; half < 2; ++half) {
        i32x4 whole = acc[0][r][half];
        for (int c = 1; c < kChains; ++c) whole += acc[c][r][half];
        const f32x4 centered = madd(load<f32x4>(zero + 4 * half), minus_sum, to_float(whole));
        sum[r][half] = madd(centered * load<f32x4>(scale + 4 * half), by_row, sum[r][half]);
      }
    }
    block += t.block_bytes;
    scale += 8;
    zero += t.zero_step;
  }
  for (int r = 0; r < kCount; ++r) {
    out[r][0] = sum[r][0];
    out[r][1] = sum[r][1];
  }
}

using TileFn = void (*)(const Tile&, f32x4 (&)[kRows][2]);
struct TileFns {
  TileFn one, four;
};

template <DotKind kKind>
TileFns tiles_of_bits(int bits) {
  switch (bits) {
    case 2:
      return {run_tile<kKind, 2, 1>, run_tile<kKind, 2, kRows>};
    case 4:
      return {run_tile<kKind, 4, 1>, run_tile<kKind, 4, kRows>};
    default:
      return {run_tile<kKind, 8, 1>, run_tile<kKind, 8, kRows>};
  }
}

TileFns tiles_of(DotKind kind, int bits) {
  return with_dot(kind, [bits]<DotKind kKind>() { return tiles_of_bits<kKind>(bits); });
}

// Rows [m, m + rows) of columns [8 p, 8 p + 8).
void run_panel(const GemmNBits& g, const TileFns& tiles, Tile& t, int64_t m, int64_t rows, int64_t p) {
  const NBitsShape& s = g.w.shape;
  const int64_t columns = std::min<int64_t>(8, s.n - 8 * p);
  t.panel = g.w.panel(p);
  t.scale = g.w.panel_scale(p);
  t.zero = g.w.panel_zero(p);
  f32x4 start[2];
  load_columns(g.bias == nullptr ? nullptr : g.bias + 8 * p, columns, start);
  f32x4 out[kRows][2];
  for (auto& row : out) {
    row[0] = start[0];
    row[1] = start[1];
  }
  (rows == 1 ? tiles.one : tiles.four)(t, out);
  for (int64_t r = 0; r < rows; ++r) store_columns(out[r], columns, g.lo, g.hi, g.c + (m + r) * s.n + 8 * p);
}

}  // namespace

std::optional<int64_t> gemm_nbits_int8_scratch(const NBitsShape& s, int64_t m) {
  const auto rows = checked_mul(m, RowLayout(s, DotKind::kNone).bytes);
  return rows ? checked_add(*rows, 4 * s.block) : std::nullopt;
}

void gemm_nbits_int8(const GemmNBits& g, void* scratch) {
  const NBitsShape& s = g.w.shape;
  const RowLayout layout(s, g.w.kind);
  uint8_t* rows = static_cast<uint8_t*>(scratch);
  float* tail = reinterpret_cast<float*>(rows + g.m * layout.bytes);
  for (int64_t i = 0; i < g.m; ++i) quantize_row(s, layout, g.a + i * s.k, tail, rows + i * layout.bytes);
  const TileFns tiles = tiles_of(g.w.kind, s.bits);
  const int64_t group = std::max<int64_t>(kGroupBytes / std::max<int64_t>(s.panel_bytes(), 1), 1);
  parallel_for(s.panels(), 4, [&](int64_t begin, int64_t end) {
    Tile t{};
    t.zero_step = g.w.zero_step;
    t.blocks = s.blocks();
    t.block_bytes = s.block_bytes();
    t.row_codes = layout.codes;
    t.units = static_cast<int32_t>(s.block / 4);
    for (int64_t p0 = begin; p0 < end; p0 += group) {
      for (int64_t m = 0, count; m < g.m; m += count) {
        count = g.m - m >= 3 ? std::min<int64_t>(kRows, g.m - m) : 1;
        for (int64_t r = 0; r < kRows; ++r) {
          t.a[static_cast<size_t>(r)] = rows + (m + std::min(r, count - 1)) * layout.bytes;
        }
        for (int64_t p = p0; p < std::min(p0 + group, end); ++p) run_panel(g, tiles, t, m, count, p);
      }
    }
  });
}

}  // namespace halftone
