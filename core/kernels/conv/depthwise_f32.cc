// Depthwise convolution over staged planes; see the header.
#include "core/kernels/conv/depthwise_f32.h"

#include "core/kernels/conv/stage.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int64_t kStageBudget = 8192;  // floats: the nearest cache
constexpr int64_t kSlack = 16;          // floats that vectors read beyond the last row

// kVectors * 4 outputs from x on; kTaps > 0: that many, known to the compiler.
template <int kVectors, int kTaps>
inline void run_vectors(const float* x, const int64_t* taps, const float* w, int64_t tap_count, f32x4 bias, f32x4 lo,
                        f32x4 hi, f32x4 (&out)[kVectors]) {
  for (f32x4& v : out) v = bias;
  const int64_t count = kTaps > 0 ? kTaps : tap_count;
  for (int64_t t = 0; t < count; ++t) {
    const f32x4 weight = load_splat32<f32x4>(w + t);
    const float* from = x + taps[t];
    for (int i = 0; i < kVectors; ++i) out[i] = madd(load<f32x4>(from + 4 * i), weight, out[i]);
  }
  for (f32x4& v : out) v = min(max(v, lo), hi);
}

template <int kTaps>
void run_row(const float* x, const int64_t* taps, const float* w, int64_t tap_count, float bias_value, float lo_value,
             float hi_value, int64_t n, float* y) {
  const f32x4 bias = splat(bias_value), lo = splat(lo_value), hi = splat(hi_value);
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    f32x4 out[4];
    run_vectors<4, kTaps>(x + i, taps, w, tap_count, bias, lo, hi, out);
    for (int j = 0; j < 4; ++j) store(y + i + 4 * j, out[j]);
  }
  for (; i < n; i += 4) {
    f32x4 out[1];
    run_vectors<1, kTaps>(x + i, taps, w, tap_count, bias, lo, hi, out);
    store_bytes(y + i, reinterpret_cast<i8x16>(out[0]), 4 * (n - i));
  }
}

}  // namespace

int64_t depthwise_f32_scratch_bytes(const ConvGeometry& g) {
  return g.taps() * 8 + (plan_stage(g, 1, kStageBudget).size() + kSlack) * 4;
}

void depthwise_f32(const ConvGeometry& g, const ConvF32& a, void* scratch) {
  const Stage stage = plan_stage(g, 1, kStageBudget);
  int64_t* taps = static_cast<int64_t*>(scratch);
  float* staged = reinterpret_cast<float*>(taps + g.taps());
  tap_offsets(g, stage, 1, taps);
  clear_stage(stage, kSlack, 0.0f, staged);
  const auto row = g.taps() == 9 ? run_row<9> : g.taps() == 25 ? run_row<25> : run_row<0>;
  for (int64_t i = 0; i < g.batch * g.groups; ++i) {
    const int64_t channel = i % g.groups;
    const float bias = a.bias != nullptr ? a.bias[channel] : 0.0f;
    float* y = a.y + i * g.out_plane();
    for (int64_t od = 0; od < g.out[0]; ++od) {
      for (int64_t oh = 0; oh < g.out[1]; oh += stage.band) {
        const int64_t rows = std::min(stage.band, g.out[1] - oh);
        stage_band(g, stage, a.x + i * g.in_plane(), 1, od, oh, rows, 0.0f, staged);
        for (int64_t r = 0; r < rows; ++r, y += g.out[2]) {
          row(staged + r * stage.output_pitch, taps, a.w + channel * g.taps(), g.taps(), bias, a.lo, a.hi, g.out[2], y);
        }
      }
    }
  }
}

}  // namespace halftone
