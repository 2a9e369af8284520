// Float convolution; see the header.
#include "core/kernels/conv/conv_f32.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/base/checked.h"
#include "core/kernels/conv/depthwise_f32.h"
#include "core/kernels/conv/product.h"
#include "core/kernels/gemm/tile_f32.h"

namespace halftone {
namespace {

ConvRuns float_runs(const ConvGeometry& g) { return plan_runs(g, 1, false); }

// Calls f(position in the weight tensor, position when packed) for every weight.
template <typename F>
void for_each_place(const ConvGeometry& g, F&& f) {
  if (g.depthwise()) {
    for (int64_t c = 0; c < g.groups; ++c) {
      for (int64_t t = 0; t < g.taps(); ++t) f(c * g.taps() + t, t * g.groups + c);
    }
    return;
  }
  const ConvRuns r = float_runs(g);
  const int64_t panel = r.runs * r.length * kPanelColumns;
  for (int64_t filter = 0; filter < g.out_channels(); ++filter) {
    const int64_t within = filter % g.filters, from = filter * g.depth();
    const int64_t to = (filter / g.filters * panel_count(g.filters) + within / kPanelColumns) * panel;
    for_each_weight(g, r, [&](int64_t c, int64_t t, int64_t at) {
      f(from + c * g.taps() + t, to + at * kPanelColumns + within % kPanelColumns);
    });
  }
}

struct Depth : DepthF32 {
  using DepthF32::DepthF32;
  ConvRows::Part rows_of(const Part& part) const { return {part.run, part.runs, part.begin * 4}; }
};

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
  std::fill_n(packed, conv_f32_packed_size(g), 0.0f);
  for_each_place(g, [&](int64_t from, int64_t to) { packed[to] = w[from]; });
}

void unpack_conv_f32(const ConvGeometry& g, const float* packed, uint8_t* w) {
  for_each_place(g, [&](int64_t to, int64_t from) { std::memcpy(w + to * 4, packed + from, 4); });
}

int64_t conv_f32_scratch_bytes(const ConvGeometry& g) {
  if (g.depthwise()) return depthwise_f32_scratch_bytes(g);
  return ConvScratch(g, float_runs(g), 4).bytes();
}

void conv_f32(const ConvGeometry& g, const ConvF32& a, void* scratch) {
  if (g.batch * g.out_channels() * g.out_plane() == 0) return;
  if (g.depthwise()) return depthwise_f32(g, a, scratch);
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const ConvScratch s(g, float_runs(g), 4);
  const Depth depth(s.runs.runs, s.runs.length);
  const int64_t terms = s.runs.runs * s.runs.length, panels_of_group = panel_count(g.filters);
  const int64_t ldc = g.out_channels(), image = g.in_plane() * g.in_channels();
  std::fill_n(s.outside(scratch), s.outside_bytes, uint8_t{0});
  conv_product(
      g, s, reinterpret_cast<const uint8_t*>(a.x), 4, reinterpret_cast<const uint8_t*>(a.w), terms * kPanelColumns * 4,
      depth, scratch, [&](int64_t i, uint8_t* out) { stage_f32(g, s.runs, s.stage, a.x + i * image, out); },
      [&](const DepthF32::Part& part, RowTable table, int64_t rows, int64_t first, int64_t group, PanelSpan panels) {
        const int64_t column = panels.begin * kPanelColumns, panel = group * panels_of_group + panels.begin;
        const int64_t at = first * ldc + group * g.filters + column;
        const float* start = part.first ? a.addend : a.y;
        const int64_t skipped = part.run * s.runs.length + part.begin;
        run_tile_f32(TileF32{.rows = table,
                             .runs = part.runs,
                             .length = part.length,
                             .panel = a.w + (panel * terms + skipped) * kPanelColumns,
                             .panel_step = terms * kPanelColumns,
                             .panels = panels.end - panels.begin,
                             .bias = part.first ? a.bias + panel * kPanelColumns : nullptr,
                             .start = start == nullptr ? nullptr : start + at,
                             .c = a.y + at,
                             .ldc = ldc,
                             .columns = last_columns(g.filters, panels),
                             .lo = part.last ? a.lo : -kInf,
                             .hi = part.last ? a.hi : kInf},
                     rows, panels.ahead);
      });
}

}  // namespace halftone
