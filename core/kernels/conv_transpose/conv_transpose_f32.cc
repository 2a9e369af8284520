// Transposed convolution as a matrix product and col2im.
#include "core/kernels/conv_transpose/conv_transpose_f32.h"

#include <algorithm>
#include <limits>

#include "core/base/parallel.h"
#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/gemm/tiles.h"

namespace halftone {
namespace {

constexpr int64_t kColumnFloats = int64_t{1} << 18;  // a tile's columns stay in the cache

// Input positions of a tile: whole panels.
int64_t tile_positions(const ConvGeometry& g) {
  const int64_t fit = kColumnFloats / std::max<int64_t>(g.filters * g.taps(), 1);
  const int64_t panels = std::max<int64_t>(fit / kPanelColumns, 1);
  return std::min(panels * kPanelColumns, (g.in_plane() + kPanelColumns - 1) / kPanelColumns * kPanelColumns);
}

// First and last (exclusive) index i in [begin, end) for which i * stride + shift is inside [0, size).
void clip_run(int64_t stride, int64_t shift, int64_t size, int64_t& begin, int64_t& end) {
  if (shift < 0) begin = std::max(begin, (-shift + stride - 1) / stride);
  const int64_t room = size - 1 - shift;
  end = room < 0 ? begin : std::min(end, room / stride + 1);
}

// Adds one tap's values of positions [first, first + count) of the input plane to the output plane.
void add_tap(const ConvGeometry& g, const float* values, int64_t first, int64_t count, int64_t tap, float* plane) {
  const int64_t td = tap / (g.kernel[1] * g.kernel[2]), th = tap / g.kernel[2] % g.kernel[1], tw = tap % g.kernel[2];
  for (int64_t at = first; at < first + count;) {
    const int64_t w0 = at % g.in[2], row = at / g.in[2];
    const int64_t run = std::min(g.in[2] - w0, first + count - at);
    const int64_t d = row / g.in[1] * g.stride[0] + td * g.dilation[0] - g.pad[0],
                  h = row % g.in[1] * g.stride[1] + th * g.dilation[1] - g.pad[1];
    if (d >= 0 && d < g.out[0] && h >= 0 && h < g.out[1]) {
      int64_t begin = w0, end = w0 + run;
      const int64_t shift = tw * g.dilation[2] - g.pad[2], step = g.stride[2];
      clip_run(step, shift, g.out[2], begin, end);
      float* to = plane + (d * g.out[1] + h) * g.out[2] + shift;
      const float* from = values + (at - first) - w0;
      for (int64_t w = begin; w < end; ++w) to[w * step] += from[w];
    }
    at += run;
  }
}

void add_tile(const ConvGeometry& g, const float* columns, int64_t ldc, int64_t first, int64_t count, float* y) {
  parallel_for(g.filters, 1, [&](int64_t begin, int64_t end) {
    for (int64_t f = begin; f < end; ++f) {
      for (int64_t t = 0; t < g.taps(); ++t) {
        add_tap(g, columns + (f * g.taps() + t) * ldc, first, count, t, y + f * g.out_plane());
      }
    }
  });
}

}  // namespace

void turn_weights(const ConvGeometry& g, const float* w, float* turned) {
  const int64_t rows = g.filters * g.taps();
  for (int64_t k = 0; k < g.groups; ++k) {
    const float* from = w + k * g.channels * rows;
    float* to = turned + k * g.channels * rows;
    for (int64_t c = 0; c < g.channels; ++c) {
      for (int64_t r = 0; r < rows; ++r) to[r * g.channels + c] = from[c * rows + r];
    }
  }
}

int64_t conv_transpose_f32_scratch_bytes(const ConvGeometry& g) {
  const int64_t tile = tile_positions(g);
  return (packed_b_f32_size(g.channels, tile) + g.filters * g.taps() * tile) * static_cast<int64_t>(sizeof(float));
}

void conv_transpose_f32(const ConvGeometry& g, const ConvTransposeF32& args, void* scratch) {
  constexpr float kOpen = std::numeric_limits<float>::infinity();
  const int64_t tile = tile_positions(g), rows = g.filters * g.taps(), plane = g.in_plane();
  float* packed = static_cast<float*>(scratch);
  float* columns = packed + packed_b_f32_size(g.channels, tile);
  for (int64_t i = 0; i < g.batch * g.groups; ++i) {
    const int64_t group = i % g.groups;
    const float* x = args.x + i * g.channels * plane;
    float* y = args.y + i * g.filters * g.out_plane();
    for (int64_t f = 0; f < g.filters; ++f) {
      std::fill_n(y + f * g.out_plane(), g.out_plane(), args.bias == nullptr ? 0.0f : args.bias[group * g.filters + f]);
    }
    for (int64_t first = 0; first < plane; first += tile) {
      const int64_t count = std::min(tile, plane - first);
      pack_b_f32(x + first, g.channels, count, plane, 1, 1.0f, packed);
      gemm_f32({.m = rows,
                .n = count,
                .k = g.channels,
                .a = args.weights + group * rows * g.channels,
                .lda = g.channels,
                .b = packed,
                .c = columns,
                .ldc = tile,
                .accumulate = false,
                .bias = nullptr,
                .lo = -kOpen,
                .hi = kOpen});
      add_tile(g, columns, tile, first, count, y);
    }
  }
}

}  // namespace halftone
