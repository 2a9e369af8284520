// Float convolution as a matrix product. Rows are filters, columns are output pixels: strips of 8 pixels are gathered
// into panels for gemm_f32, a block of k at a time, and all filters pass over a group of strips before the next.
#include "core/kernels/conv/conv_f32.h"

#include <algorithm>
#include <limits>

#include "core/kernels/conv/depthwise_f32.h"
#include "core/kernels/conv/gather.h"
#include "core/kernels/conv/stage.h"
#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int64_t kStageBudget = 65536;  // floats of staged input
constexpr int64_t kPanelBudget = 32768;  // floats of panels
constexpr int64_t kDepthBlock = 512;     // of k
static_assert(kStrip == kPanelF32);

struct Layout {
  Stage stage;
  int64_t blocks, block;  // of k
  int64_t group;          // pixels whose panels are kept together
  int64_t stage_floats, panel_floats;
  int64_t taps;  // in all: an offset each
  int64_t bytes() const { return taps * 8 + (stage_floats + panel_floats + 32) * 4; }
};

Layout plan_layout(const ConvGeometry& g) {
  Layout l{};
  const int64_t depth = g.depth();
  l.taps = depth;
  l.blocks = std::max<int64_t>((depth + kDepthBlock - 1) / kDepthBlock, 1);
  l.block = (depth + l.blocks - 1) / l.blocks;
  l.group = std::max<int64_t>(kPanelBudget / (std::max<int64_t>(l.block, 1) * kStrip), 1) * kStrip;
  l.panel_floats = l.group * l.block;
  if (!g.pointwise()) {
    l.stage = plan_stage(g, g.channels, kStageBudget);
    l.stage_floats = l.stage.size();
  }
  return l;
}

// Panels [strips][k1 - k0][8] of `count` pixels.
void gather_panels(const Source<float>& source, int64_t first, int64_t count, int64_t k0, int64_t k1, float* out) {
  for (int64_t p = 0; p < count; p += kStrip) {
    const StripPixels strip = strip_pixels(source, first + p, std::min(kStrip, count - p));
    if (strip.consecutive) {
      const float* base = source.base + strip.offset[0];
      for (int64_t k = k0; k < k1; ++k, out += kStrip) {
        const float* from = base + source.taps[k];
        store(out, load<f32x4>(from));
        store(out + 4, load<f32x4>(from + 4));
      }
    } else {
      for (int64_t k = k0; k < k1; ++k, out += kStrip) {
        const float* from = source.base + source.taps[k];
        for (size_t i = 0; i < kStrip; ++i) out[i] = from[strip.offset[i]];
      }
    }
  }
}

// `pixels` output pixels of one group of channels; y points to the first one of its first filter.
void conv_pixels(const ConvGeometry& g, const Layout& l, const Source<float>& source, int64_t pixels, const float* w,
                 const float* bias, float lo, float hi, float* panels, float* y) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const int64_t depth = g.depth();
  for (int64_t p = 0; p < pixels; p += l.group) {
    const int64_t count = std::min(l.group, pixels - p);
    for (int64_t i = 0, k0 = 0; i < l.blocks; ++i, k0 += l.block) {
      const int64_t k1 = std::min(k0 + l.block, depth);
      const bool first = i == 0, last = i + 1 == l.blocks;
      gather_panels(source, p, count, k0, k1, panels);
      gemm_f32(GemmF32{.m = g.filters,
                       .n = count,
                       .k = k1 - k0,
                       .a = w + k0,
                       .lda = depth,
                       .b = panels,
                       .c = y + p,
                       .ldc = g.out_plane(),
                       .accumulate = !first,
                       .row_bias = first ? bias : nullptr,
                       .lo = last ? lo : -kInf,
                       .hi = last ? hi : kInf});
    }
  }
}

void conv_group(const ConvGeometry& g, const Layout& l, const ConvF32& a, const float* x, const float* w,
                const float* bias, float* y, void* scratch) {
  int64_t* taps = static_cast<int64_t*>(scratch);
  float* staged = reinterpret_cast<float*>(taps + l.taps);
  float* panels = staged + (l.stage_floats + 15) / 16 * 16;
  if (g.pointwise()) {
    const int64_t plane = g.in_plane();
    for (int64_t c = 0; c < g.channels; ++c) taps[c] = c * plane;
    conv_pixels(g, l, Source<float>{x, taps, plane, plane}, plane, w, bias, a.lo, a.hi, panels, y);
    return;
  }
  tap_offsets(g, l.stage, g.channels, taps);
  clear_stage(l.stage, 0, 0.0f, staged);
  const Source<float> source{staged, taps, g.out[2], l.stage.output_pitch};
  for (int64_t od = 0; od < g.out[0]; ++od) {
    for (int64_t oh = 0; oh < g.out[1]; oh += l.stage.band) {
      const int64_t rows = std::min(l.stage.band, g.out[1] - oh);
      stage_band(g, l.stage, x, g.channels, od, oh, rows, 0.0f, staged);
      conv_pixels(g, l, source, rows * g.out[2], w, bias, a.lo, a.hi, panels, y + (od * g.out[1] + oh) * g.out[2]);
    }
  }
}

}  // namespace

int64_t conv_f32_scratch_bytes(const ConvGeometry& g) {
  if (g.depthwise()) return depthwise_f32_scratch_bytes(g);
  const Layout l = plan_layout(g);
  return l.bytes();
}

void conv_f32(const ConvGeometry& g, const ConvF32& a, void* scratch) {
  if (g.batch * g.groups * g.filters * g.out_plane() == 0) return;
  if (g.depthwise()) return depthwise_f32(g, a, scratch);
  const Layout layout = plan_layout(g);
  for (int64_t i = 0; i < g.batch * g.groups; ++i) {
    const int64_t first_filter = i % g.groups * g.filters;
    conv_group(g, layout, a, a.x + i * g.channels * g.in_plane(), a.w + first_filter * g.depth(),
               a.bias != nullptr ? a.bias + first_filter : nullptr, a.y + i * g.filters * g.out_plane(), scratch);
  }
}

}  // namespace halftone
