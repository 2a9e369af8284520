// Integer depthwise convolution; see the header.
#include "core/kernels/conv/depthwise_int8.h"

#include "core/kernels/conv/depthwise.h"
#include "core/kernels/conv/depthwise_roll_int8.h"
#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/interleave.h"
#include "core/kernels/inline.h"
#include "core/kernels/quant/requantize_simd.h"
#include "core/kernels/short_copy.h"

namespace halftone {
namespace {

constexpr int64_t kBlock = 8;  // channels

// Everything that all outputs share.
struct Depthwise {
  const ConvGeometry& g;
  const ConvInt8& a;
  const Requantizer requantizer;
  const i8x16 flip;
  const uint8_t* weights;
  const int32_t* bias;
  int64_t channels;

  Depthwise(const ConvGeometry& geometry, const ConvInt8& args)
      : g(geometry),
        a(args),
        requantizer(args.range, args.signed_output, args.bounded),
        flip(splat_bytes(args.form.flip_byte())),
        weights(args.weights),
        bias(args.bias),
        channels(geometry.groups) {}

  const uint8_t* weight(int64_t unit, int64_t channel) const {
    return weights + (unit * channels + channel) * kUnitBytes;
  }
};

__attribute__((noinline)) void store_sums(const Depthwise& d, int64_t at, i32x4 left, i32x4 right) {
  int32_t* y = static_cast<int32_t*>(d.a.y) + at;
  store(y, left);
  store(y + 4, right);
}

// Eight channels from element `at` of y on.
inline void store_block(const Depthwise& d, int64_t at, int64_t channel, i32x4 left, i32x4 right) {
  if (d.a.multiplier == nullptr) return store_sums(d, at, left, right);
  const float* m = d.a.multiplier + channel;
  const Requantizer& q = d.requantizer;
  store_half(static_cast<uint8_t*>(d.a.y) + at,
             q.narrow8(q.round(left, load<f32x4>(m)), q.round(right, load<f32x4>(m + 4))));
}

// --- 3x3 kernels, column by column ------------------------------------------------------------

// What roll_int8 left, with bias and multiplier: `count` outputs of eight channels, the first at element `at` of y.
void finish_row(const Depthwise& d, int64_t at, int64_t channel, int64_t count, const i32x4* sums) {
  const i32x4 bias[2] = {load<i32x4>(d.bias + channel), load<i32x4>(d.bias + channel + 4)};
  const int64_t channels = d.channels;
  if (d.a.multiplier == nullptr) {
    for (; count > 0; --count, sums += 2, at += channels) {
      store_sums(d, at, wrapping_add(sums[0], bias[0]), wrapping_add(sums[1], bias[1]));
    }
    return;
  }
  const f32x4 m[2] = {load<f32x4>(d.a.multiplier + channel), load<f32x4>(d.a.multiplier + channel + 4)};
  const Requantizer q = d.requantizer;
  const auto round = [&](int i) { return q.round(wrapping_add(sums[i], bias[i % 2]), m[i % 2]); };
  uint8_t* y = static_cast<uint8_t*>(d.a.y) + at;
  for (; count > 1; count -= 2, sums += 4, y += 2 * channels) {
    const i8x16 bytes = q.narrow16(round(0), round(1), round(2), round(3));
    store_half(y, bytes);
    store_high_half(y + channels, bytes);
  }
  if (count > 0) store_half(y, q.narrow8(round(0), round(1)));
}

void run_row(const Depthwise& d, RollInt8Fn roll, const RollRow& row) {
  for (int64_t o0 = 0; o0 < d.g.out[2]; o0 += kRollChunk) {
    const int64_t o1 = std::min(o0 + kRollChunk, d.g.out[2]);
    const auto block = [&](int64_t c) {
      i32x4 sums[2 * kRollChunk];
      roll(d.g, d.weights, row, c, o0, o1, sums);
      finish_row(d, (row.first_pixel + o0) * d.channels + c, c, o1 - o0, sums);
    };
    for_each_block<kRollChannels>(d.channels, block, [](int64_t, int64_t) {});
  }
}

// --- any window, pixel by pixel ---------------------------------------------------------------

// Channels too few for a vector.
void run_rest(const Depthwise& d, const TapSlots& slots, RowTable table, int64_t pixel, int64_t count) {
  const ActivationForm& form = d.a.form;
  const bool wide = form.kind == DotKind::kNone;
  const bool as_signed = wide ? form.is_signed : form.kind == DotKind::kSdot;
  for (int64_t c = 0; c < count; ++c) {
    auto acc = static_cast<uint32_t>(d.bias[c]);
    for (size_t i = 0; i < slots.size(); ++i) {
      if (slots[i] < 0) continue;
      const int64_t slot = static_cast<int64_t>(i), terms = unit_terms(form.kind);
      const uint8_t* unit = d.weight(slot / terms, c) + slot % terms * (kUnitBytes / terms);
      int16_t w = static_cast<int8_t>(*unit);
      if (wide) std::memcpy(&w, unit, 2);
      const auto byte = static_cast<uint8_t>(table[slots[i] * kTileRows][c] ^ form.flip_byte());
      acc += static_cast<uint32_t>(w * (as_signed ? static_cast<int8_t>(byte) : byte));
    }
    const int64_t at = pixel * d.channels + c;
    if (d.a.multiplier == nullptr) {
      static_cast<int32_t*>(d.a.y)[at] = static_cast<int32_t>(acc);
    } else {
      static_cast<uint8_t*>(d.a.y)[at] =
          static_cast<uint8_t>(requantize(static_cast<int32_t>(acc), d.a.multiplier[c], d.a.range));
    }
  }
}

template <typename D, UnitKind kUnit>
void run_pixel(const Depthwise& d, const TapSlots& slots, RowTable table, int64_t pixel) {
  constexpr int kTaps = kUnitTaps<kUnit>;
  const auto block = [&](int64_t c) {
    i32x4 acc[2] = {load<i32x4>(d.bias + c), load<i32x4>(d.bias + c + 4)};
    for (size_t i = 0; i < slots.size(); i += kTaps) {
      i8x16 tap[kTaps], x[2];
      for (size_t t = 0; t < kTaps; ++t) {
        tap[t] = load_half<i8x16>(table[std::max<int64_t>(slots[i + t], 0) * kTileRows] + c);
        if constexpr (kUnit == UnitKind::kFourBytes) tap[t] ^= d.flip;
      }
      interleave8<kUnit>(tap, x);
      const uint8_t* w = d.weight(static_cast<int64_t>(i) / kTaps, c);
      acc[0] = D::add(acc[0], load<i8x16>(w), x[0]);
      acc[1] = D::add(acc[1], load<i8x16>(w + 16), x[1]);
    }
    store_block(d, pixel * d.channels + c, c, acc[0], acc[1]);
  };
  for_each_block<kBlock>(d.channels, block, [&](int64_t, int64_t count) { run_rest(d, slots, table, pixel, count); });
}

template <typename D, UnitKind kUnit>
void run_pixels(const Depthwise& d, const DepthwiseScratch& s, void* scratch) {
  const TapSlots slots = depthwise_slots(d.g, d.a.form.kind);
  for_each_pixel(d.g, s, d.a.x, d.channels, scratch,
                 [&](RowTable table, int64_t pixel) { run_pixel<D, kUnit>(d, slots, table, pixel); });
}

}  // namespace

TapSlots depthwise_slots(const ConvGeometry& g, DotKind kind) {
  TapSlots slots;
  const int64_t terms = unit_terms(kind), columns = column_order(g) ? 3 : 1, taps = g.taps() / columns;
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t k = 0; k < (taps + terms - 1) / terms * terms; ++k) slots.push_back(k < taps ? k * columns + j : -1);
  }
  return slots;
}

Result<WeightUnits> pack_depthwise_int8(const ConvGeometry& g, std::span<const int16_t> rows,
                                        std::span<const int32_t> bias, const ActivationForm& form) {
  const int64_t terms = unit_terms(form.kind), slots = static_cast<int64_t>(rows.size()) / g.groups;
  const int64_t units = slots / terms, size = kUnitBytes / terms;
  WeightUnits w{.kind = form.kind, .rows = g.groups, .units = units, .bytes = {}, .bias = {}};
  HT_ASSIGN(w.bytes, Tensor::allocate(DType::kUint8, {units, g.groups, kUnitBytes}, "packed weights"));
  HT_ASSIGN(w.bias, folded_bias(rows, g.groups, slots, bias, form.zero()));
  for (int64_t c = 0; c < g.groups; ++c) {
    for (int64_t i = 0; i < slots; ++i) {
      const int16_t v = rows[static_cast<size_t>(c * slots + i)];
      uint8_t* to = w.bytes.mutable_bytes() + (i / terms * g.groups + c) * kUnitBytes + i % terms * size;
      std::memcpy(to, &v, static_cast<size_t>(size));  // little-endian: the low byte where one is asked for
    }
  }
  return w;
}

std::vector<int16_t> unpack_depthwise_int8(const ConvGeometry& g, DotKind kind, const uint8_t* bytes) {
  const int64_t terms = unit_terms(kind), size = kUnitBytes / terms;
  const auto slots = static_cast<int64_t>(depthwise_slots(g, kind).size());
  std::vector<int16_t> rows;
  rows.reserve(static_cast<size_t>(g.groups * slots));
  for (int64_t c = 0; c < g.groups; ++c) {
    for (int64_t i = 0; i < slots; ++i) {
      const uint8_t* from = bytes + (i / terms * g.groups + c) * kUnitBytes + i % terms * size;
      int16_t v = static_cast<int8_t>(*from);
      if (kind == DotKind::kNone) std::memcpy(&v, from, 2);
      rows.push_back(v);
    }
  }
  return rows;
}

int64_t depthwise_int8_scratch_bytes(const ConvGeometry& g) { return DepthwiseScratch(g, 1).bytes(); }

void depthwise_int8(const ConvGeometry& g, const ConvInt8& a, void* scratch) {
  const Depthwise d(g, a);
  const DepthwiseScratch s(g, 1);
  std::fill_n(s.outside(scratch), s.outside_bytes, a.form.zero_byte());
  // Rolling columns are taken as they lie.
  if (rolls(g) && d.channels >= kRollChannels && !a.form.flipped()) {
    const RollInt8Fn roll = roll_int8(a.form.kind, a.form.is_signed);
    return for_each_roll_row(g, a.x, d.channels, s.outside(scratch),
                             [&](const RollRow& row) { run_row(d, roll, row); });
  }
  with_dot(a.form.kind, [&]<DotKind kKind>() {
    if constexpr (kKind != DotKind::kNone) {
      run_pixels<Dot<kKind>, UnitKind::kFourBytes>(d, s, scratch);
    } else if (a.form.is_signed) {
      run_pixels<Dot<kKind>, UnitKind::kTwoSigned>(d, s, scratch);
    } else {
      run_pixels<Dot<kKind>, UnitKind::kTwoUnsigned>(d, s, scratch);
    }
  });
}

}  // namespace halftone
