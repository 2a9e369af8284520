// Float depthwise convolution; see the header.
#include "core/kernels/conv/depthwise_f32.h"

#include "core/kernels/conv/depthwise.h"
#include "core/kernels/inline.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int64_t kBlock = 4;  // channels: nine weights in registers

inline const float* floats(const uint8_t* p) { return reinterpret_cast<const float*>(p); }

// Four channels of one output row. What the loops read is copied here: through references it could change with every
// float that is stored.
class Roll {
 public:
  Roll(const ConvGeometry& g, const ConvF32& a, const RollRow& row, int64_t channel)
      : channels_(g.groups),
        columns_(g.in[2]),
        pad_(g.pad[2]),
        bias_(load<f32x4>(a.bias + channel)),
        lo_(splat(a.lo)),
        hi_(splat(a.hi)),
        y_(a.y + row.first_pixel * g.groups + channel) {
    for (size_t k = 0; k < 3; ++k) {
      rows_[k] = floats(row.rows[k]) + channel;
      for (size_t j = 0; j < 3; ++j) {
        w_[k][j] = load<f32x4>(a.w + static_cast<int64_t>(3 * k + j) * g.groups + channel);
      }
    }
  }

  HT_INLINE void stride1(int64_t o0, int64_t o1) const {
    f32x4 first = bias_, second = bias_, third = bias_, x[3];
    for (int64_t o = o0 - 2; o < o1; ++o) {
      if (load_column(o + 2 - pad_, x)) {
        first = add_column(first, x, 2);
        second = add_column(second, x, 1);
        third = add_column(third, x, 0);
      }
      if (o >= o0) store_at(o, first);
      first = second;
      second = third;
      third = bias_;
    }
  }

  HT_INLINE void stride2(int64_t o0, int64_t o1) const {
    f32x4 next = bias_, x[3];
    int64_t column = 2 * o0 - pad_;
    if (load_column(column, x)) next = add_column(next, x, 0);
    for (int64_t o = o0; o < o1; ++o, column += 2) {
      f32x4 acc = next;
      next = bias_;
      if (load_column(column + 1, x)) acc = add_column(acc, x, 1);
      if (load_column(column + 2, x)) {
        acc = add_column(acc, x, 2);
        next = add_column(next, x, 0);
      }
      store_at(o, acc);
    }
  }

 private:
  HT_INLINE void store_at(int64_t o, f32x4 v) const { store(y_ + o * channels_, min(max(v, lo_), hi_)); }
  // False: the column holds zeros only.
  HT_INLINE bool load_column(int64_t column, f32x4 (&x)[3]) const {
    if (static_cast<uint64_t>(column) >= static_cast<uint64_t>(columns_)) return false;
    const int64_t at = column * channels_;
    for (size_t k = 0; k < 3; ++k) x[k] = load<f32x4>(rows_[k] + at);
    return true;
  }
  // The column's own sum first: three products in a row would make each output wait for the one before.
  HT_INLINE f32x4 add_column(f32x4 acc, const f32x4 (&x)[3], size_t j) const {
    return acc + madd(x[2], w_[2][j], madd(x[1], w_[1][j], x[0] * w_[0][j]));
  }

  const float* rows_[3];
  int64_t channels_, columns_, pad_;
  f32x4 w_[3][3], bias_, lo_, hi_;
  float* y_;
};

// Out of line with the object in it, so that its members are values in registers and not memory that floats are stored
// to.
HT_NOINLINE void roll_block(const ConvGeometry& g, const ConvF32& a, const RollRow& row, int64_t channel, int64_t o0,
                            int64_t o1) {
  const Roll roll(g, a, row, channel);
  if (g.stride[2] == 1) return roll.stride1(o0, o1);
  roll.stride2(o0, o1);
}

void run_row(const ConvGeometry& g, const ConvF32& a, const RollRow& row) {
  for (int64_t o0 = 0; o0 < g.out[2]; o0 += kRollChunk) {
    const int64_t o1 = std::min(o0 + kRollChunk, g.out[2]);
    const auto block = [&](int64_t c) { roll_block(g, a, row, c, o0, o1); };
    for_each_block<kBlock>(g.groups, block, [](int64_t, int64_t) {});
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
