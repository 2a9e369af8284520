// What float and integer convolutions share: scratch, staging image by image, and the walk over tiles.
#pragma once

#include <algorithm>

#include "core/kernels/conv/rows.h"
#include "core/kernels/conv/stage.h"

namespace halftone {

// Scratch: [row tables][offsets][a run of zero points][staged image].
struct ConvScratch {
  ConvRuns runs;
  Stage stage;
  int64_t table_bytes, offset_bytes, outside_bytes;

  ConvScratch(const ConvGeometry& g, const ConvRuns& r, int64_t element) : runs(r), stage() {
    const auto aligned = [](int64_t bytes) { return (bytes + 63) / 64 * 64; };
    table_bytes = aligned(row_table_bytes(r.runs));
    offset_bytes = aligned(r.runs * static_cast<int64_t>(sizeof(int64_t)));
    outside_bytes = aligned(r.length * element);
    if (r.staged) stage = plan_stage(g, r, element);
  }
  int64_t bytes() const { return table_bytes + offset_bytes + outside_bytes + stage.bytes; }
  RowTable tables(void* scratch) const { return static_cast<RowTable>(scratch); }
  int64_t* offsets(void* scratch) const {
    return reinterpret_cast<int64_t*>(static_cast<uint8_t*>(scratch) + table_bytes);
  }
  uint8_t* outside(void* scratch) const { return static_cast<uint8_t*>(scratch) + table_bytes + offset_bytes; }
  uint8_t* staged(void* scratch) const { return outside(scratch) + outside_bytes; }
};

// x: input bytes, `element` bytes each; stage(image, out) makes the copy. Depth: `Part part(block)` says which runs a
// depth block takes (rows_of(part) as ConvRows wants it). run(part, table, rows, first output pixel over all images,
// group, panels) computes a tile.
template <typename Depth, typename StageFn, typename Run>
void conv_product(const ConvGeometry& g, const ConvScratch& s, const uint8_t* x, int64_t element, const uint8_t* panels,
                  int64_t panel_bytes, const Depth& depth, void* scratch, StageFn&& stage, Run&& run) {
  const bool staged = s.runs.staged;
  const int64_t pixel = staged ? s.stage.pixel : g.in_channels() * element;
  const ConvRows rows(g, s.runs, staged ? s.stage.dims : g.in, staged ? Axes3{0, 0, 0} : g.pad, pixel,
                      staged ? nullptr : s.outside(scratch), s.offsets(scratch));
  const int64_t images = staged ? g.batch : 1, group_bytes = pixel / g.groups;
  TileGrid grid{.m = g.batch / images * g.out_plane(),
                .n = g.filters,
                .runs = s.runs.runs,
                .panels = panels,
                .panel_bytes = panel_bytes,
                .tables = s.tables(scratch),
                .depth_blocks = depth.blocks()};
  for (int64_t image = 0; image < images; ++image) {
    const uint8_t* source = x;
    if (staged) {
      stage(image, s.staged(scratch));
      source = s.staged(scratch);
    }
    for (int64_t group = 0; group < g.groups; ++group) {
      grid.panels = panels + group * panel_count(g.filters) * panel_bytes;
      for_each_tile(
          grid, [&](int64_t block) { return depth.part(block); },
          [&](const auto& part, int64_t first, int64_t count, RowTable table) {
            rows.fill(source + group * group_bytes, first, count, depth.rows_of(part), table);
          },
          [&](const auto& part, RowTable table, int64_t first, int64_t count, PanelSpan panels) {
            run(part, table, count, image * g.out_plane() + first, group, panels);
          });
    }
  }
}

}  // namespace halftone
