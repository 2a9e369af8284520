// Float depthwise convolution; see the header.
#include "core/kernels/conv/depthwise_f32.h"

#include "core/kernels/conv/depthwise.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int64_t kBlock = 4;  // channels: nine weights in registers

inline const float* floats(const uint8_t* p) { return reinterpret_cast<const float*>(p); }

// Four channels of a row's outputs [o0, o1).
struct Roll {
  const RollRow& row;
  int64_t channels, columns, pad;  // of the whole input
  int64_t channel;
  const float* w;
  f32x4 bias, lo, hi;
  float* y;  // of the row's first output
  void store_at(int64_t o, f32x4 v) const { store(y + o * channels, min(max(v, lo), hi)); }
  // False: the column holds zeros only.
  bool load_column(int64_t column, f32x4 (&x)[3]) const {
    if (column < 0 || column >= columns) return false;
    const int64_t at = column * channels + channel;
    for (size_t k = 0; k < 3; ++k) x[k] = load<f32x4>(floats(row.rows[k]) + at);
    return true;
  }
};

inline void load_weights(const Roll& r, f32x4 (&w)[3][3]) {
  for (int k = 0; k < 3; ++k) {
    for (int j = 0; j < 3; ++j) w[k][j] = load<f32x4>(r.w + (3 * k + j) * r.channels + r.channel);
  }
}

inline f32x4 add_column(f32x4 acc, const f32x4 (&x)[3], const f32x4 (&w)[3][3], int j) {
  for (int k = 0; k < 3; ++k) acc = madd(x[k], w[k][j], acc);
  return acc;
}

void roll_stride1(const Roll& r, int64_t o0, int64_t o1) {
  f32x4 w[3][3], x[3];
  load_weights(r, w);
  f32x4 first = r.bias, second = r.bias, third = r.bias;
  for (int64_t o = o0 - 2; o < o1; ++o) {
    if (r.load_column(o + 2 - r.pad, x)) {
      first = add_column(first, x, w, 2);
      second = add_column(second, x, w, 1);
      third = add_column(third, x, w, 0);
    }
    if (o >= o0) r.store_at(o, first);
    first = second;
    second = third;
    third = r.bias;
  }
}

void roll_stride2(const Roll& r, int64_t o0, int64_t o1) {
  f32x4 w[3][3], x[3];
  load_weights(r, w);
  f32x4 next = r.bias;
  int64_t column = 2 * o0 - r.pad;
  if (r.load_column(column, x)) next = add_column(next, x, w, 0);
  for (int64_t o = o0; o < o1; ++o, column += 2) {
    f32x4 acc = next;
    next = r.bias;
    if (r.load_column(column + 1, x)) acc = add_column(acc, x, w, 1);
    if (r.load_column(column + 2, x)) {
      acc = add_column(acc, x, w, 2);
      next = add_column(next, x, w, 0);
    }
    r.store_at(o, acc);
  }
}

void run_row(const ConvGeometry& g, const ConvF32& a, const RollRow& row) {
  const auto roll = g.stride[2] == 1 ? roll_stride1 : roll_stride2;
  const int64_t channels = g.groups;
  for (int64_t o0 = 0; o0 < g.out[2]; o0 += kRollChunk) {
    const int64_t o1 = std::min(o0 + kRollChunk, g.out[2]);
    const auto block = [&](int64_t c) {
      roll(Roll{row, channels, g.in[2], g.pad[2], c, a.w, load<f32x4>(a.bias + c), splat(a.lo), splat(a.hi),
                a.y + row.first_pixel * channels + c},
           o0, o1);
    };
    for_each_block<kBlock>(channels, block, [](int64_t, int64_t) {});
  }
}

void run_pixel(const ConvGeometry& g, const ConvF32& a, RowTable table, float* y) {
  const int64_t channels = g.groups, taps = g.taps();
  const auto block = [&](int64_t c) {
    f32x4 acc = load<f32x4>(a.bias + c);
    for (int64_t t = 0; t < taps; ++t) {
      acc = madd(load<f32x4>(floats(table[t * kTileRows]) + c), load<f32x4>(a.w + t * channels + c), acc);
    }
    store(y + c, min(max(acc, splat(a.lo)), splat(a.hi)));
  };
  for_each_block<kBlock>(channels, block, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; ++c) {
      float acc = a.bias[c];
      for (int64_t t = 0; t < taps; ++t) acc += floats(table[t * kTileRows])[c] * a.w[t * channels + c];
      y[c] = std::min(std::max(acc, a.lo), a.hi);
    }
  });
}

}  // namespace

int64_t depthwise_f32_scratch_bytes(const ConvGeometry& g) { return DepthwiseScratch(g, 4).bytes(); }

void depthwise_f32(const ConvGeometry& g, const ConvF32& a, void* scratch) {
  const DepthwiseScratch s(g, 4);
  const auto* x = reinterpret_cast<const uint8_t*>(a.x);
  std::fill_n(s.outside(scratch), s.outside_bytes, uint8_t{0});
  if (rolls(g) && g.groups >= kBlock) {
    for_each_roll_row(g, x, g.groups * 4, s.outside(scratch), [&](const RollRow& row) { run_row(g, a, row); });
  } else {
    for_each_pixel(g, s, x, g.groups * 4, scratch,
                   [&](RowTable table, int64_t pixel) { run_pixel(g, a, table, a.y + pixel * g.groups); });
  }
}

}  // namespace halftone
