// Integer convolution; see the header.
#include "core/kernels/conv/conv_int8.h"

#include <algorithm>
#include <vector>

#include "core/base/checked.h"
#include "core/kernels/conv/conv_f32.h"
#include "core/kernels/conv/depthwise_int8.h"
#include "core/kernels/conv/product.h"
#include "core/kernels/gemm/tile_int8.h"

namespace halftone {
namespace {

ConvRuns int8_runs(const ConvGeometry& g, const ActivationForm& form) {
  return plan_runs(g, unit_terms(form.kind), form.kind == DotKind::kNone || form.flipped());
}

// Sums stay in registers over the whole row.
struct WholeRows {
  int64_t runs;
  int64_t blocks() const { return 1; }
  int part(int64_t) const { return 0; }
  ConvRows::Part rows_of(int) const { return {0, runs, 0}; }
};

int64_t element_bytes(DotKind kind) { return kUnitBytes / unit_terms(kind); }

// Calls f(position in the weight tensor, position in ordered_weights) for every weight.
template <typename F>
void for_each_place(const ConvGeometry& g, DotKind kind, F&& f) {
  if (g.depthwise()) {
    const TapSlots slots = depthwise_slots(g, kind);
    const auto length = static_cast<int64_t>(slots.size());
    for (int64_t i = 0; i < g.groups * length; ++i) {
      const int64_t tap = slots[static_cast<size_t>(i % length)];
      if (tap >= 0) f(i / length * g.taps() + tap, i);
    }
    return;
  }
  const ConvRuns r = plan_runs(g, unit_terms(kind), false);
  const int64_t terms = r.runs * r.length, padded = conv_bias_size(g) / g.groups;
  for (int64_t filter = 0; filter < g.out_channels(); ++filter) {
    const int64_t from = filter * g.depth(), to = (filter / g.filters * padded + filter % g.filters) * terms;
    for_each_weight(g, r, [&](int64_t c, int64_t t, int64_t at) { f(from + c * g.taps() + t, to + at); });
  }
}

// Of one row of ordered_weights.
int64_t row_terms(const ConvGeometry& g, DotKind kind) {
  if (g.depthwise()) return static_cast<int64_t>(depthwise_slots(g, kind).size());
  const ConvRuns r = plan_runs(g, unit_terms(kind), false);
  return r.runs * r.length;
}

int64_t ordered_rows(const ConvGeometry& g) { return g.depthwise() ? g.groups : conv_bias_size(g); }

// The weights of each filter in the order in which units take them; filters that fill up a group, and terms that fill
// up a run, are zero. Depthwise: one row per channel.
std::vector<int16_t> ordered_weights(const ConvGeometry& g, std::span<const int16_t> weights, DotKind kind) {
  std::vector<int16_t> rows(static_cast<size_t>(ordered_rows(g) * row_terms(g, kind)), 0);
  for_each_place(g, kind,
                 [&](int64_t from, int64_t to) { rows[static_cast<size_t>(to)] = weights[static_cast<size_t>(from)]; });
  return rows;
}

// A weight tensor exists, but filled up it may be larger than memory.
Status check_size(const ConvGeometry& g) {
  const int64_t terms = row_terms(g, DotKind::kUsdot);
  const auto size = checked_product({{conv_bias_size(g), terms, static_cast<int64_t>(sizeof(int16_t))}});
  if (size && *size <= kMaxBytes) return ok_status();
  return Error{ErrorCode::kOutOfMemory, "The packed weights of a convolution are too large.", "", ""};
}

}  // namespace

DotKind choose_conv_dot(const ConvGeometry& g, DotKind machine, std::span<const int16_t> weights) {
  // Only the saturating dot asks which weights are neighbours.
  if (machine != DotKind::kI7 || !check_size(g).ok()) return choose_dot(machine, weights, g.depth());
  return choose_dot(machine, ordered_weights(g, weights, machine), row_terms(g, machine));
}

Result<WeightUnits> pack_conv_int8(const ConvGeometry& g, std::span<const int16_t> weights,
                                   std::span<const int32_t> bias, const ActivationForm& form) {
  HT_TRY(check_size(g));
  const std::vector<int16_t> rows = ordered_weights(g, weights, form.kind);
  if (g.depthwise()) return pack_depthwise_int8(g, rows, bias, form);
  std::vector<int32_t> starts(static_cast<size_t>(conv_bias_size(g)));
  pack_conv_bias(g, bias.empty() ? nullptr : bias.data(), starts.data());
  return pack_weight_panels(rows, conv_bias_size(g), row_terms(g, form.kind), starts, form);
}

std::vector<int16_t> unpack_conv_int8(const ConvGeometry& g, DotKind kind, const uint8_t* bytes) {
  const std::vector<int16_t> rows = g.depthwise()
                                        ? unpack_depthwise_int8(g, kind, bytes)
                                        : unpack_weight_panels(kind, bytes, ordered_rows(g), row_terms(g, kind));
  std::vector<int16_t> weights(static_cast<size_t>(g.out_channels() * g.depth()));
  for_each_place(g, kind,
                 [&](int64_t to, int64_t from) { weights[static_cast<size_t>(to)] = rows[static_cast<size_t>(from)]; });
  return weights;
}

int64_t conv_int8_scratch_bytes(const ConvGeometry& g, const ActivationForm& form) {
  if (g.depthwise()) return depthwise_int8_scratch_bytes(g);
  return ConvScratch(g, int8_runs(g, form), element_bytes(form.kind)).bytes();
}

void conv_int8(const ConvGeometry& g, const ConvInt8& a, void* scratch) {
  if (g.batch * g.out_channels() * g.out_plane() == 0) return;
  if (g.depthwise()) return depthwise_int8(g, a, scratch);
  const ConvScratch s(g, int8_runs(g, a.form), element_bytes(a.form.kind));
  const int64_t units = s.runs.length / unit_terms(a.form.kind), panels_of_group = panel_count(g.filters);
  const int64_t panel_bytes = s.runs.runs * units * kUnitBytes * kPanelColumns, ldc = g.out_channels();
  const int64_t output = a.multiplier != nullptr ? 1 : 4, image = g.in_plane() * g.in_channels();
  const TileInt8Fn run_tile = tile_int8(a.form.kind);
  const Requantizer requantizer(a.range, a.signed_output, a.bounded);
  std::fill_n(s.outside(scratch), s.outside_bytes, a.form.zero_byte());
  conv_product(
      g, s, a.x, 1, a.weights, panel_bytes, WholeRows{s.runs.runs}, scratch,
      [&](int64_t i, uint8_t* out) { stage_int8(g, s.runs, s.stage, a.x + i * image, a.form, out); },
      [&](int, RowTable table, int64_t rows, int64_t first, int64_t group, PanelSpan panels) {
        const int64_t column = panels.begin * kPanelColumns, panel = group * panels_of_group + panels.begin;
        run_tile(TileInt8{.rows = table,
                          .runs = s.runs.runs,
                          .units = units,
                          .panel = a.weights + panel * panel_bytes,
                          .panels = panels.end - panels.begin,
                          .bias = a.bias + panel * kPanelColumns,
                          .multiplier = a.multiplier != nullptr ? a.multiplier + panel * kPanelColumns : nullptr,
                          .requantizer = requantizer,
                          .c = static_cast<uint8_t*>(a.y) + (first * ldc + group * g.filters + column) * output,
                          .ldc = ldc,
                          .columns = last_columns(g.filters, panels)},
                 rows, panels.ahead);
      });
}

}  // namespace halftone
