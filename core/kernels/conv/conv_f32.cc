// Float convolution; see the header.
#include "core/kernels/conv/conv_f32.h"

#include <algorithm>

#include "core/base/checked.h"
#include "core/kernels/conv/depthwise_f32.h"
#include "core/kernels/conv/product.h"
#include "core/kernels/gemm/tile_f32.h"

namespace halftone {
namespace {

ConvRuns float_runs(const ConvGeometry& g) { return plan_runs(g, 1, false); }

}  // namespace

int64_t conv_bias_size(const ConvGeometry& g) {
  if (g.depthwise()) return panel_count(g.groups) * kPanelColumns;
  return g.groups * panel_count(g.filters) * kPanelColumns;
}

int64_t conv_f32_packed_size(const ConvGeometry& g) {
  if (g.depthwise()) return g.taps() * g.groups;
  const ConvRuns r = float_runs(g);
  return checked_product({{conv_bias_size(g), r.runs, r.length}}).value_or(int64_t{1} << 40);
}

void pack_conv_f32(const ConvGeometry& g, const float* w, float* packed) {
  if (g.depthwise()) return pack_depthwise_f32(g, w, packed);
  const ConvRuns r = float_runs(g);
  const int64_t panel = r.runs * r.length * kPanelColumns;
  std::fill_n(packed, conv_f32_packed_size(g), 0.0f);
  for (int64_t f = 0; f < g.out_channels(); ++f, w += g.depth()) {
    const int64_t within = f % g.filters, column = within % kPanelColumns;
    float* to = packed + (f / g.filters * panel_count(g.filters) + within / kPanelColumns) * panel + column;
    for_each_weight(g, r, [&](int64_t c, int64_t t, int64_t at) { to[at * kPanelColumns] = w[c * g.taps() + t]; });
  }
}

int64_t conv_f32_scratch_bytes(const ConvGeometry& g) {
  if (g.depthwise()) return depthwise_f32_scratch_bytes(g);
  return ConvScratch(g, float_runs(g), 4).bytes();
}

void conv_f32(const ConvGeometry& g, const ConvF32& a, void* scratch) {
  if (g.batch * g.out_channels() * g.out_plane() == 0) return;
  if (g.depthwise()) return depthwise_f32(g, a, scratch);
  const ConvScratch s(g, float_runs(g), 4);
  const int64_t terms = s.runs.runs * s.runs.length, panels = panel_count(g.filters), ldc = g.out_channels();
  const int64_t image = g.in_plane() * g.in_channels();
  std::fill_n(s.outside(scratch), s.outside_bytes, uint8_t{0});
  conv_product(
      g, s, reinterpret_cast<const uint8_t*>(a.x), 4, terms * kPanelColumns * 4, scratch,
      [&](int64_t i, uint8_t* out) { stage_f32(g, s.runs, s.stage, a.x + i * image, out); },
      [&](RowTable table, int64_t rows, int64_t first, int64_t group, int64_t panel) {
        const int64_t column = panel * kPanelColumns, block = group * panels + panel;
        run_tile_f32(TileF32{.rows = table,
                             .runs = s.runs.runs,
                             .length = s.runs.length,
                             .panel = a.w + block * terms * kPanelColumns,
                             .bias = a.bias + block * kPanelColumns,
                             .c = a.y + first * ldc + group * g.filters + column,
                             .ldc = ldc,
                             .columns = std::min(kPanelColumns, g.filters - column),
                             .accumulate = false,
                             .lo = a.lo,
                             .hi = a.hi},
                     rows);
      });
}

}  // namespace halftone
