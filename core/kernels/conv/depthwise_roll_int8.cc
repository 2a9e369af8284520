// 3x3 integer depthwise convolution along a row; see the header.
#include "core/kernels/conv/depthwise_roll_int8.h"

#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/interleave.h"
#include "core/kernels/dot/operands.h"
#include "core/kernels/inline.h"

namespace halftone {
namespace {

template <UnitKind kUnit>
inline constexpr int kColumnUnits = kUnit == UnitKind::kFourBytes ? 1 : 2;

// What the loops read is copied here: through references it could change with everything that is stored.
template <typename D, UnitKind kUnit>
class Roll {
 public:
  static constexpr int kUnits = kColumnUnits<kUnit>;
  using Column = i8x16[kUnits][2];

  Roll(const ConvGeometry& g, const uint8_t* weights, const RollRow& row, int64_t channel, i32x4* sums)
      : sums_(sums),
        top_(row.rows[0] + channel),
        middle_(row.rows[1] + channel),
        bottom_(row.rows[2] + channel),
        channels_(g.groups),
        columns_(g.in[2]),
        pad_(g.pad[2]) {
    const i8x16 zero = load_half<i8x16>(row.outside);
    to_units(zero, zero, zero, outside_);
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 3; ++j) {
        for (int u = 0; u < kUnits; ++u)
          w_[j][u][i] = load<i8x16>(weights + ((j * kUnits + u) * channels_ + channel) * kUnitBytes + 16 * i);
      }
    }
  }

  HT_INLINE void stride1(int64_t o0, int64_t o1) const {
    i32x4 first[2], second[2], third[2];
    clear(first);
    clear(second);
    clear(third);
    int64_t column = o0 - pad_;
    for (int64_t o = o0 - 2; o < o1; ++o, ++column) {
      Column x;
      load_column(column, x);
      add(first, x, 2);
      add(second, x, 1);
      add(third, x, 0);
      if (o >= o0) keep(o - o0, first);
      for (int i = 0; i < 2; ++i) {
        first[i] = second[i];
        second[i] = third[i];
      }
      clear(third);
    }
  }

  HT_INLINE void stride2(int64_t o0, int64_t o1) const {
    Column x;
    i32x4 acc[2], next[2];
    int64_t column = 2 * o0 - pad_;
    clear(next);
    load_column(column, x);
    add(next, x, 0);
    for (int64_t o = o0; o < o1; ++o, column += 2) {
      acc[0] = next[0];
      acc[1] = next[1];
      clear(next);
      load_column(column + 1, x);
      add(acc, x, 1);
      load_column(column + 2, x);
      add(acc, x, 2);
      add(next, x, 0);
      keep(o - o0, acc);
    }
  }

 private:
  // Bytes of one input column as units. A fourth tap has weight zero: any byte will do.
  HT_INLINE static void to_units(i8x16 top, i8x16 middle, i8x16 bottom, Column& x) {
    const i8x16 front = zip_low(top, middle), back = zip_low(bottom, bottom);
    if constexpr (kUnit == UnitKind::kFourBytes) {
      x[0][0] = zip_low_units(front, back);
      x[0][1] = zip_high_units(front, back);
    } else {
      widen_pairs<kUnit>(front, x[0][0], x[0][1]);
      widen_pairs<kUnit>(back, x[1][0], x[1][1]);
    }
  }
  HT_INLINE void load_column(int64_t column, Column& x) const {
    if (static_cast<uint64_t>(column) < static_cast<uint64_t>(columns_)) {
      const int64_t at = column * channels_;
      return to_units(load_half<i8x16>(top_ + at), load_half<i8x16>(middle_ + at), load_half<i8x16>(bottom_ + at), x);
    }
    for (int u = 0; u < kUnits; ++u) {
      x[u][0] = outside_[u][0];
      x[u][1] = outside_[u][1];
    }
  }
  HT_INLINE static void clear(i32x4 (&acc)[2]) { acc[0] = acc[1] = i32x4{}; }
  HT_INLINE void add(i32x4 (&acc)[2], const Column& x, int j) const {
    for (int u = 0; u < kUnits; ++u) {
      acc[0] = D::add(acc[0], w_[j][u][0], x[u][0]);
      acc[1] = D::add(acc[1], w_[j][u][1], x[u][1]);
    }
  }
  HT_INLINE void keep(int64_t i, const i32x4 (&acc)[2]) const {
    sums_[2 * i] = acc[0];
    sums_[2 * i + 1] = acc[1];
  }

  i32x4* sums_;
  const uint8_t *top_, *middle_, *bottom_;
  int64_t channels_, columns_, pad_;
  Column outside_;
  i8x16 w_[3][kUnits][2];  // by kernel column
};

// Its own function with the object in it, so that its members are values in registers and not memory that is stored to.
template <typename D, UnitKind kUnit>
void roll_row(const ConvGeometry& g, const uint8_t* weights, const RollRow& row, int64_t channel, int64_t o0,
              int64_t o1, i32x4* sums) {
  const Roll<D, kUnit> roll(g, weights, row, channel, sums);
  if (g.stride[2] == 1) return roll.stride1(o0, o1);
  roll.stride2(o0, o1);
}

}  // namespace

RollInt8Fn roll_int8(DotKind kind, bool is_signed) {
  return with_dot(kind, [&]<DotKind kKind>() -> RollInt8Fn {
    if constexpr (kKind != DotKind::kNone) return roll_row<Dot<kKind>, UnitKind::kFourBytes>;
    return is_signed ? roll_row<Dot<kKind>, UnitKind::kTwoSigned> : roll_row<Dot<kKind>, UnitKind::kTwoUnsigned>;
  });
}

}  // namespace halftone
