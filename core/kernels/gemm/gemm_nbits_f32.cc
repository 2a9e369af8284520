// Float product with block-quantized weights; see gemm_nbits.h.
#include <algorithm>
#include <limits>

#include "core/base/parallel.h"
#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/gemm/gemm_nbits.h"

namespace halftone {
namespace {

constexpr int64_t kGroupBytes = 131072;  // of unpacked panels at a time, as gemm_f32 groups them
constexpr float kInf = std::numeric_limits<float>::infinity();

int64_t group_panels(const NBitsShape& s) {
  return std::clamp<int64_t>(kGroupBytes / std::max<int64_t>(32 * s.k, 1), 1, std::max<int64_t>(s.panels(), 1));
}

// The byte t of every lane, as an integer of kBits.
template <int kBits>
inline i32x4 byte_lanes(i8x16 codes, int t) {
  typedef uint32_t u32x4 __attribute__((vector_size(16)));
  return reinterpret_cast<i32x4>((reinterpret_cast<u32x4>(codes) >> (8 * t)) & ((1u << kBits) - 1));
}

// --- one row ----------------------------------------------------------------------------------

// What add_unit picks a code out of a 32-bit lane with: bytes 0 and 1, of columns 0 to 3 and 4 to 7.
struct Masks {
  i32x4 left[2], right[2];
};

template <int kBits>
Masks make_masks() {
  constexpr int32_t kLeft = (1 << kBits) - 1, kRight = kBits == 8 ? kLeft : kLeft << kBits;
  Masks m{{splat(kLeft), splat(kLeft << 8)}, {splat(kRight), splat(kRight << 8)}};
  // Engines make a vector constant anew at every use; what was settled is a value to keep.
  for (int i = 0; i < 2; ++i) {
    settle(m.left[i]);
    settle(m.right[i]);
  }
  return m;
}

inline i32x4 down16(i32x4 v) {
  typedef uint32_t u32x4 __attribute__((vector_size(16)));
  return reinterpret_cast<i32x4>(reinterpret_cast<u32x4>(v) >> 16);
}

// The codes stay where they are in a 32-bit lane: (lane & mask) is code * 256^t, and the activation has the inverse of
// that factor. t = 2, 3 are moved down by 16 bits, so that signs stay out of it; columns 4 to 7 are 2^kBits larger.
inline void add_unit(i32x4 left, i32x4 right, const float* x, const Masks& mask, f32x4 (&sum)[2][2]) {
  for (int t = 0; t < 4; t += 2) {
    const f32x4 even = load_splat32<f32x4>(x + t), odd = load_splat32<f32x4>(x + t + 1);
    sum[0][0] = madd(to_float(left & mask.left[0]), even, sum[0][0]);
    sum[1][0] = madd(to_float(right & mask.right[0]), even, sum[1][0]);
    sum[0][1] = madd(to_float(left & mask.left[1]), odd, sum[0][1]);
    sum[1][1] = madd(to_float(right & mask.right[1]), odd, sum[1][1]);
    settle(sum[0][0]);
    settle(sum[1][0]);
    settle(sum[0][1]);
    settle(sum[1][1]);
    left = down16(left);
    right = down16(right);
  }
}

// Two units of a block.
template <int kBits>
inline void add_units(const uint8_t* units, const float* x, const Masks& mask, f32x4 (&sum)[2][2]) {
  if constexpr (kBits == 2) {
    const i8x16 v = load<i8x16>(units);
    const i32x4 first = reinterpret_cast<i32x4>(v), second = reinterpret_cast<i32x4>(shift_bytes(v, 4));
    add_unit(first, first, x, mask, sum);
    add_unit(second, second, x + 4, mask, sum);
  } else {
    constexpr int kRight = kBits == 8 ? 16 : 0;  // where columns 4 to 7 are
    for (int i = 0; i < 2; ++i, units += 4 * kBits, x += 4) {
      add_unit(load<i32x4>(units), load<i32x4>(units + kRight), x, mask, sum);
    }
  }
}

struct Row {
  const float *x, *block_sum;  // prepared by prepare_row
  const uint8_t* panel;
  const float *scale, *zero;
  int64_t zero_step, blocks, block_bytes;
  int32_t units;  // of a block
};

template <int kBits>
__attribute__((noinline)) void run_row(const Row& row, f32x4 (&out)[2]) {
  constexpr float kRight = kBits == 8 ? 1.0f : 1.0f / (1 << kBits);
  const float *x = row.x, *scale = row.scale, *zero = row.zero;
  const uint8_t* block = row.panel;
  const Masks mask = make_masks<kBits>();
  f32x4 left = out[0], right = out[1];
  for (int64_t b = 0; b < row.blocks; ++b) {
    f32x4 sum[2][2] = {};
    const uint8_t* units = block;
    for (int32_t u = row.units; u > 0; u -= 2, x += 8, units += 8 * kBits) add_units<kBits>(units, x, mask, sum);
    const f32x4 zeros = load_splat32<f32x4>(row.block_sum + b);
    left = madd(sum[0][0] + sum[0][1] - zeros * load<f32x4>(zero), load<f32x4>(scale), left);
    right =
        madd((sum[1][0] + sum[1][1]) * splat(kRight) - zeros * load<f32x4>(zero + 4), load<f32x4>(scale + 4), right);
    block += row.block_bytes;
    scale += 8;
    zero += row.zero_step;
  }
  out[0] = left;
  out[1] = right;
}

// x padded with zeros, odd elements divided by 256 (add_unit), and the sum of each block.
void prepare_row(const NBitsShape& s, const float* x, float* row, float* block_sum) {
  std::copy(x, x + s.k, row);
  std::fill(row + s.k, row + s.padded_k(), 0.0f);
  for (int64_t b = 0; b < s.blocks(); ++b, row += s.block) {
    f32x4 sum{};
    for (int64_t i = 0; i < s.block; i += 4) {
      const f32x4 v = load<f32x4>(row + i);
      sum += v;
      store(row + i, v * f32x4{1, 1.0f / 256, 1, 1.0f / 256});
    }
    block_sum[b] = (sum[0] + sum[2]) + (sum[1] + sum[3]);
  }
}

constexpr int64_t kMaxSingleRows = 2;  // from three on, unpacking for all rows at once is faster

void gemv(const GemmNBits& g, float* scratch) {
  const NBitsShape& s = g.w.shape;
  float* block_sum = scratch + s.padded_k();
  prepare_row(s, g.a, scratch, block_sum);
  const auto run = s.bits == 2 ? run_row<2> : s.bits == 4 ? run_row<4> : run_row<8>;
  parallel_for(s.panels(), 4, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      const int64_t columns = std::min<int64_t>(8, s.n - 8 * p);
      f32x4 sum[2];
      load_columns(g.bias == nullptr ? nullptr : g.bias + 8 * p, columns, sum);
      run({scratch, block_sum, g.w.panel(p), g.w.panel_scale(p), g.w.panel_zero(p), g.w.zero_step, s.blocks(),
           s.block_bytes(), static_cast<int32_t>(s.block / 4)},
          sum);
      store_columns(sum, columns, g.lo, g.hi, g.c + 8 * p);
    }
  });
}

// --- more rows --------------------------------------------------------------------------------

// A panel as gemm_f32 takes it: [k][8].
template <int kBits>
void unpack_panel(const NBitsWeights& w, int64_t p, float* out) {
  const NBitsShape& s = w.shape;
  const uint8_t* block = w.panel(p);
  const float *scale = w.panel_scale(p), *zero = w.panel_zero(p);
  for (int64_t k0 = 0; k0 < s.k; k0 += s.block) {
    const int64_t terms = std::min(s.block, s.k - k0);
    const f32x4 scales[2] = {load<f32x4>(scale), load<f32x4>(scale + 4)};
    const f32x4 zeros[2] = {load<f32x4>(zero), load<f32x4>(zero + 4)};
    for (int64_t u = 0; 4 * u < terms; ++u) {
      const NBitsUnit codes = unpack_unit<kBits>(block, u);
      const int count = static_cast<int>(std::min<int64_t>(4, terms - 4 * u));
      for (int t = 0; t < count; ++t, out += 8) {
        store(out, (to_float(byte_lanes<kBits>(codes.left, t)) - zeros[0]) * scales[0]);
        store(out + 4, (to_float(byte_lanes<kBits>(codes.right, t)) - zeros[1]) * scales[1]);
      }
    }
    block += s.block_bytes();
    scale += 8;
    zero += w.zero_step;
  }
}

// Rows of c [m][columns], n floats apart: c = clamp(c + bias).
void add_bias(const GemmNBits& g, const float* bias, int64_t columns, float* c) {
  for (int64_t i = 0; i < g.m; ++i, c += g.w.shape.n) {
    for (int64_t j = 0; j < columns; ++j) c[j] = std::min(std::max(c[j] + bias[j], g.lo), g.hi);
  }
}

}  // namespace

std::optional<int64_t> gemm_nbits_f32_scratch(const NBitsShape& s, int64_t m) {
  if (m <= kMaxSingleRows) return 4 * (s.padded_k() + s.blocks());
  return 4 * packed_b_f32_size(s.k, 8 * group_panels(s));
}

void gemm_nbits_f32(const GemmNBits& g, void* scratch) {
  const NBitsShape& s = g.w.shape;
  float* panels = static_cast<float*>(scratch);
  if (g.m <= kMaxSingleRows) {
    for (int64_t i = 0; i < g.m; ++i) gemv({g.w, 1, g.a + i * s.k, g.bias, g.c + i * s.n, g.lo, g.hi}, panels);
    return;
  }
  const int64_t group = group_panels(s);
  const auto unpack = s.bits == 2 ? unpack_panel<2> : s.bits == 4 ? unpack_panel<4> : unpack_panel<8>;
  for (int64_t p = 0; p < s.panels(); p += group) {
    const int64_t end = std::min(p + group, s.panels()), columns = std::min(8 * end, s.n) - 8 * p;
    for (int64_t i = p; i < end; ++i) unpack(g.w, i, panels + (i - p) * packed_b_f32_size(s.k, 8));
    gemm_f32(GemmF32{.m = g.m,
                     .n = columns,
                     .k = s.k,
                     .a = g.a,
                     .lda = s.k,
                     .b = panels,
                     .c = g.c + 8 * p,
                     .ldc = s.n,
                     .accumulate = false,
                     .bias = nullptr,
                     .lo = g.bias == nullptr ? g.lo : -kInf,
                     .hi = g.bias == nullptr ? g.hi : kInf});
    if (g.bias != nullptr) add_bias(g, g.bias + 8 * p, columns, g.c + 8 * p);
  }
}

}  // namespace halftone
