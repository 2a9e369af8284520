// What float and integer depthwise convolutions share. 3x3 kernels with stride 1 or 2 roll over a row's columns: each
// column is read once and serves three outputs, and the weights of a few channels stay in registers. Every other
// window goes pixel by pixel over pointers to its taps.
#pragma once

#include <algorithm>
#include <array>

#include "core/kernels/conv/rows.h"

namespace halftone {

inline constexpr int64_t kRollChunk = 64;  // outputs of a row before the next channels: their columns stay in the cache

// Known from the weights and attributes alone: what integer weights are laid out by.
inline bool column_order(const ConvGeometry& g) {
  return g.kernel == Axes3{1, 3, 3} && g.dilation[2] == 1 && (g.stride[2] == 1 || g.stride[2] == 2);
}
inline bool rolls(const ConvGeometry& g) {
  return column_order(g) && g.dilation[1] == 1 && g.in[0] == 1 && g.out[0] == 1 && g.pad[0] == 0;
}

// Scratch: [row tables][offsets][pixels outside: a whole row of them].
struct DepthwiseScratch {
  ConvRuns runs;
  int64_t table_bytes, offset_bytes, outside_bytes;

  DepthwiseScratch(const ConvGeometry& g, int64_t element) {
    const auto aligned = [](int64_t bytes) { return (bytes + 63) / 64 * 64; };
    runs.runs = g.taps();
    table_bytes = aligned(row_table_bytes(g.taps()));
    offset_bytes = aligned(g.taps() * static_cast<int64_t>(sizeof(int64_t)));
    outside_bytes = aligned(g.in[2] * g.groups * element + 16);
  }
  int64_t bytes() const { return table_bytes + offset_bytes + outside_bytes; }
  uint8_t* outside(void* scratch) const { return static_cast<uint8_t*>(scratch) + table_bytes + offset_bytes; }
};

// The rows of the input under one output row, and where it goes.
struct RollRow {
  std::array<const uint8_t*, 3> rows;
  const uint8_t* outside;
  int64_t first_pixel;  // of the output row, over all images
};

// Calls row(RollRow) for every output row, in parallel.
template <typename Row>
void for_each_roll_row(const ConvGeometry& g, const uint8_t* x, int64_t pixel_bytes, const uint8_t* outside,
                       Row&& row) {
  const int64_t row_bytes = g.in[2] * pixel_bytes;
  const int64_t grain = std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(row_bytes, 1));
  parallel_for(g.batch * g.out[1], grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const uint8_t* image = x + i / g.out[1] * g.in[1] * row_bytes;
      RollRow r{.rows = {}, .outside = outside, .first_pixel = i * g.out[2]};
      for (int64_t k = 0; k < 3; ++k) {
        const int64_t h = i % g.out[1] * g.stride[1] - g.pad[1] + k;
        r.rows[static_cast<size_t>(k)] = h >= 0 && h < g.in[1] ? image + h * row_bytes : outside;
      }
      row(r);
    }
  });
}

// Calls pixel(table, output pixel) for every output pixel, in parallel; table[tap * kTileRows] points to the tap's
// channels.
template <typename Pixel>
void for_each_pixel(const ConvGeometry& g, const DepthwiseScratch& s, const uint8_t* x, int64_t pixel_bytes,
                    void* scratch, Pixel&& pixel) {
  int64_t* offsets = reinterpret_cast<int64_t*>(static_cast<uint8_t*>(scratch) + s.table_bytes);
  const ConvRows rows(g, s.runs, g.in, g.pad, pixel_bytes, s.outside(scratch), offsets);
  const int64_t grain = std::max<int64_t>(1, (1 << 16) / std::max<int64_t>(pixel_bytes * g.taps(), 1));
  parallel_for_workers(g.batch * g.out_plane(), grain, [&](int64_t begin, int64_t end, int worker) {
    RowTable table = static_cast<RowTable>(scratch) + worker * row_table_size(g.taps());
    const ConvRows::Part all{0, g.taps(), 0};
    for (int64_t i = begin; i < end; ++i) {
      rows.fill(x, i, 1, all, table);
      pixel(table, i);
    }
  });
}

// Calls block(first channel) so that blocks of kWidth cover all channels: the last one may overlap the one before.
// Fewer channels than a block: rest(0, channels).
template <int64_t kWidth, typename Block, typename Rest>
void for_each_block(int64_t channels, Block&& block, Rest&& rest) {
  if (channels < kWidth) return rest(int64_t{0}, channels);
  for (int64_t c = 0; c + kWidth <= channels; c += kWidth) block(c);
  if (channels % kWidth != 0) block(channels - kWidth);
}

}  // namespace halftone
