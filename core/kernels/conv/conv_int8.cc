// Integer convolution as a matrix product; the counterpart of conv_f32.cc, with taps gathered in units.
#include "core/kernels/conv/conv_int8.h"

#include <algorithm>

#include "core/kernels/conv/depthwise_int8.h"
#include "core/kernels/conv/gather.h"
#include "core/kernels/conv/stage.h"
#include "core/kernels/dot/interleave.h"
#include "core/kernels/gemm/gemm_int8.h"

namespace halftone {
namespace {

constexpr int64_t kStageBudget = 131072;  // bytes of staged input
constexpr int64_t kPanelBudget = 262144;  // bytes of panels
static_assert(kStrip == kPanelInt8);

struct Layout {
  Stage stage;
  int64_t taps;  // in all, filled up to whole units
  int64_t units, group;
  int64_t stage_bytes, panel_bytes;
  int64_t bytes() const { return taps * 8 + stage_bytes + panel_bytes + 128; }
};

Layout plan_layout(const ConvGeometry& g, DotKind kind) {
  Layout l{};
  l.units = unit_count(kind, g.depth());
  l.taps = l.units * unit_terms(kind);
  const int64_t strip_bytes = std::max<int64_t>(l.units, 1) * kStrip * kUnitBytes;
  l.group = std::max<int64_t>(kPanelBudget / strip_bytes, 1) * kStrip;
  l.panel_bytes = l.group / kStrip * strip_bytes;
  if (!g.pointwise()) {
    l.stage = plan_stage(g, g.channels, kStageBudget);
    l.stage_bytes = l.stage.size();
  }
  return l;
}

// Panels [strips][units][8][4 bytes] of `count` pixels.
template <UnitKind kUnit>
void gather_panels(const Source<uint8_t>& source, int64_t first, int64_t count, int64_t units, uint8_t flip,
                   uint8_t* out) {
  constexpr int kTaps = kUnitTaps<kUnit>;
  const i8x16 flips = i8x16{} + static_cast<int8_t>(flip);
  for (int64_t p = 0; p < count; p += kStrip) {
    const StripPixels strip = strip_pixels(source, first + p, std::min(kStrip, count - p));
    const uint8_t* base = source.base + (strip.consecutive ? strip.offset[0] : 0);
    const int64_t* taps = source.taps;
    for (int64_t u = 0; u < units; ++u, taps += kTaps, out += kStrip * kUnitBytes) {
      i8x16 tap[kTaps], unit[2];
      for (int t = 0; t < kTaps; ++t) {
        if (strip.consecutive) {
          tap[t] = load_half<i8x16>(base + taps[t]);
        } else {
          uint8_t pixels[kStrip];
          for (size_t i = 0; i < kStrip; ++i) pixels[i] = base[taps[t] + strip.offset[i]];
          tap[t] = load_half<i8x16>(pixels);
        }
        if constexpr (kUnit == UnitKind::kFourBytes) tap[t] ^= flips;
      }
      interleave8<kUnit>(tap, unit);
      store(out, unit[0]);
      store(out + 16, unit[1]);
    }
  }
}

using GatherFn = void (*)(const Source<uint8_t>&, int64_t, int64_t, int64_t, uint8_t, uint8_t*);

GatherFn gather_of(const ActivationForm& form) {
  switch (unit_kind(form.kind, form.is_signed)) {
    case UnitKind::kFourBytes:
      return gather_panels<UnitKind::kFourBytes>;
    case UnitKind::kTwoSigned:
      return gather_panels<UnitKind::kTwoSigned>;
    case UnitKind::kTwoUnsigned:
      break;
  }
  return gather_panels<UnitKind::kTwoUnsigned>;
}

// One group of channels of one image: which filters, where its output goes.
struct GroupRun {
  const ConvGeometry& g;
  const Layout& l;
  const ConvInt8& a;
  int64_t first_filter;
  int64_t output;  // elements before it in y
  uint8_t* panels;
};

// `pixels` output pixels from `first` of the group's output planes on.
void conv_pixels(const GroupRun& run, const Source<uint8_t>& source, int64_t first, int64_t pixels) {
  const ConvInt8& a = run.a;
  const GatherFn gather = gather_of(a.form);
  const int64_t element = a.multiplier != nullptr ? 1 : static_cast<int64_t>(sizeof(int32_t));
  for (int64_t p = 0; p < pixels; p += run.l.group) {
    const int64_t count = std::min(run.l.group, pixels - p);
    gather(source, p, count, run.l.units, a.form.flip_byte(), run.panels);
    gemm_int8(GemmInt8{.kind = a.form.kind,
                       .weights_are_rows = true,
                       .m = run.g.filters,
                       .n = count,
                       .units = run.l.units,
                       .a = a.weights.bytes.bytes() + run.first_filter * run.l.units * kUnitBytes,
                       .b = run.panels,
                       .bias = a.weights.bias.data<int32_t>().data() + run.first_filter,
                       .multiplier = a.multiplier != nullptr ? a.multiplier + run.first_filter : nullptr,
                       .range = a.range,
                       .signed_output = a.signed_output,
                       .c = static_cast<uint8_t*>(a.y) + (run.output + first + p) * element,
                       .ldc = run.g.out_plane()});
  }
}

void conv_group(const GroupRun& run, const uint8_t* x, int64_t* taps, uint8_t* staged) {
  const ConvGeometry& g = run.g;
  const int64_t depth = g.depth();
  auto fill_up = [&] {
    for (int64_t t = depth; t < run.l.taps; ++t) taps[t] = taps[depth - 1];  // times zero weights
  };
  if (g.pointwise()) {
    const int64_t plane = g.in_plane();
    for (int64_t c = 0; c < g.channels; ++c) taps[c] = c * plane;
    fill_up();
    return conv_pixels(run, Source<uint8_t>{x, taps, plane, plane}, 0, plane);
  }
  const Stage& stage = run.l.stage;
  tap_offsets(g, stage, g.channels, taps);
  clear_stage(stage, 0, run.a.form.zero_byte(), staged);
  fill_up();
  const Source<uint8_t> source{staged, taps, g.out[2], stage.output_pitch};
  for (int64_t od = 0; od < g.out[0]; ++od) {
    for (int64_t oh = 0; oh < g.out[1]; oh += stage.band) {
      const int64_t rows = std::min(stage.band, g.out[1] - oh);
      stage_band(g, stage, x, g.channels, od, oh, rows, run.a.form.zero_byte(), staged);
      conv_pixels(run, source, (od * g.out[1] + oh) * g.out[2], rows * g.out[2]);
    }
  }
}

}  // namespace

int64_t conv_int8_scratch_bytes(const ConvGeometry& g, DotKind kind) {
  if (g.depthwise()) return depthwise_int8_scratch_bytes(g, kind);
  return plan_layout(g, kind).bytes();
}

void conv_int8(const ConvGeometry& g, const ConvInt8& a, void* scratch) {
  if (g.batch * g.groups * g.filters * g.out_plane() == 0) return;
  if (g.depthwise()) return depthwise_int8(g, a, scratch);
  const Layout layout = plan_layout(g, a.form.kind);
  int64_t* taps = static_cast<int64_t*>(scratch);
  uint8_t* panels = reinterpret_cast<uint8_t*>(taps + layout.taps);
  uint8_t* staged = panels + layout.panel_bytes;
  for (int64_t i = 0; i < g.batch * g.groups; ++i) {
    const GroupRun run{.g = g,
                       .l = layout,
                       .a = a,
                       .first_filter = i % g.groups * g.filters,
                       .output = i * g.filters * g.out_plane(),
                       .panels = panels};
    conv_group(run, a.x + i * g.channels * g.in_plane(), taps, staged);
  }
}

}  // namespace halftone
