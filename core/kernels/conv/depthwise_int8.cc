// Depthwise convolution of integers over staged planes; see the header.
#include "core/kernels/conv/depthwise_int8.h"

#include "core/kernels/conv/stage.h"
#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/interleave.h"
#include "core/kernels/quant/requantize_simd.h"

namespace halftone {
namespace {

constexpr int64_t kStageBudget = 16384;  // bytes: the nearest cache
constexpr int64_t kSlack = 16;           // bytes that vectors read beyond the last row

// Everything about one channel.
struct Channel {
  const int64_t* taps;
  const uint8_t* weights;
  int64_t units;
  i32x4 bias;
  f32x4 multiplier;
  i8x16 flip;
  const Requantizer& requantizer;
};

// kVectors * 4 outputs from x on: 8 or 16.
template <typename D, UnitKind kUnit, int kVectors>
inline void accumulate(const Channel& c, const uint8_t* x, i32x4 (&acc)[kVectors]) {
  constexpr int kTaps = kUnitTaps<kUnit>;
  for (i32x4& v : acc) v = c.bias;
  const int64_t* taps = c.taps;
  for (int64_t u = 0; u < c.units; ++u, taps += kTaps) {
    const i8x16 w = load_splat32<i8x16>(c.weights + u * kUnitBytes);
    i8x16 tap[kTaps], unit[kVectors];
    for (int t = 0; t < kTaps; ++t) {
      tap[t] = kVectors == 4 ? load<i8x16>(x + taps[t]) : load_half<i8x16>(x + taps[t]);
      if constexpr (kUnit == UnitKind::kFourBytes) tap[t] ^= c.flip;
    }
    if constexpr (kVectors == 4) {
      interleave16<kUnit>(tap, unit);
    } else {
      interleave8<kUnit>(tap, unit);
    }
    for (int i = 0; i < kVectors; ++i) acc[i] = D::add(acc[i], w, unit[i]);
  }
}

template <int kVectors>
inline void store_sums(const i32x4 (&acc)[kVectors], int64_t n, int32_t* y) {
  int32_t sums[kVectors * 4];
  for (int i = 0; i < kVectors; ++i) store(sums + 4 * i, acc[i]);
  std::memcpy(y, sums, static_cast<size_t>(n) * sizeof(int32_t));
}

// One output row of n elements; `sums` instead of `y` where the int32 sums are wanted.
template <typename D, UnitKind kUnit>
void run_row(const Channel& c, const uint8_t* x, int64_t n, uint8_t* y, int32_t* sums) {
  const Requantizer& q = c.requantizer;
  int64_t i = 0;
  for (; i + 8 < n; i += 16) {
    i32x4 acc[4];
    accumulate<D, kUnit>(c, x + i, acc);
    const int64_t count = std::min<int64_t>(n - i, 16);
    if (sums != nullptr) {
      store_sums(acc, count, sums + i);
      continue;
    }
    for (i32x4& v : acc) v = q.round(v, c.multiplier);
    const i8x16 bytes = q.narrow16(acc[0], acc[1], acc[2], acc[3]);
    store_bytes(y + i, bytes, count);
  }
  if (i >= n) return;
  i32x4 acc[2];
  accumulate<D, kUnit>(c, x + i, acc);
  if (sums != nullptr) return store_sums(acc, n - i, sums + i);
  const i8x16 bytes = q.narrow8(q.round(acc[0], c.multiplier), q.round(acc[1], c.multiplier));
  store_bytes(y + i, bytes, n - i);
}

using RowFn = void (*)(const Channel&, const uint8_t*, int64_t, uint8_t*, int32_t*);

RowFn row_of(const ActivationForm& form) {
  switch (form.kind) {
    case DotKind::kUsdot:
      return run_row<Dot<DotKind::kUsdot>, UnitKind::kFourBytes>;
    case DotKind::kSdot:
      return run_row<Dot<DotKind::kSdot>, UnitKind::kFourBytes>;
    case DotKind::kI7:
      return run_row<Dot<DotKind::kI7>, UnitKind::kFourBytes>;
    case DotKind::kNone:
      break;
  }
  using D = Dot<DotKind::kNone>;
  return form.is_signed ? run_row<D, UnitKind::kTwoSigned> : run_row<D, UnitKind::kTwoUnsigned>;
}

}  // namespace

int64_t depthwise_int8_scratch_bytes(const ConvGeometry& g, DotKind kind) {
  return unit_count(kind, g.taps()) * unit_terms(kind) * 8 + plan_stage(g, 1, kStageBudget).size() + kSlack;
}

void depthwise_int8(const ConvGeometry& g, const ConvInt8& a, void* scratch) {
  const Stage stage = plan_stage(g, 1, kStageBudget);
  const int64_t units = unit_count(a.form.kind, g.taps()), tap_count = units * unit_terms(a.form.kind);
  int64_t* taps = static_cast<int64_t*>(scratch);
  uint8_t* staged = reinterpret_cast<uint8_t*>(taps + tap_count);
  tap_offsets(g, stage, 1, taps);
  for (int64_t t = g.taps(); t < tap_count; ++t) taps[t] = taps[g.taps() - 1];  // times zero weights
  clear_stage(stage, kSlack, a.form.zero_byte(), staged);
  const RowFn row = row_of(a.form);
  const Requantizer requantizer(a.range, a.signed_output);
  int64_t at = 0;
  for (int64_t i = 0; i < g.batch * g.groups; ++i) {
    const int64_t filter = i % g.groups;
    const Channel channel{.taps = taps,
                          .weights = a.weights.bytes.bytes() + filter * units * kUnitBytes,
                          .units = units,
                          .bias = splat(a.weights.bias.data<int32_t>()[static_cast<size_t>(filter)]),
                          .multiplier = splat(a.multiplier != nullptr ? a.multiplier[filter] : 0.0f),
                          .flip = splat_bytes(a.form.flip_byte()),
                          .requantizer = requantizer};
    for (int64_t od = 0; od < g.out[0]; ++od) {
      for (int64_t oh = 0; oh < g.out[1]; oh += stage.band) {
        const int64_t rows = std::min(stage.band, g.out[1] - oh);
        stage_band(g, stage, a.x + i * g.in_plane(), 1, od, oh, rows, a.form.zero_byte(), staged);
        for (int64_t r = 0; r < rows; ++r, at += g.out[2]) {
          int32_t* sums = a.multiplier == nullptr ? static_cast<int32_t*>(a.y) + at : nullptr;
          row(channel, staged + r * stage.output_pitch, g.out[2],
              sums == nullptr ? static_cast<uint8_t*>(a.y) + at : nullptr, sums);
        }
      }
    }
  }
}

}  // namespace halftone
