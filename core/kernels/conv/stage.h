// Staging: a band of input rows copied into scratch together with its padding, so that the loops over taps need no
// bounds and strided windows read consecutive elements. Staged planes are [channel][kd][row][phase][column]: input
// column ow * stride + q lies in phase q at column ow. It is about the input's size once, never the im2col matrix.
// A tap (c, kd, kh, kw) of output pixel (row r of the band, ow) is at tap_offset + r * output_pitch + ow.
#pragma once

#include <algorithm>

#include "core/base/checked.h"
#include "core/kernels/conv/geometry.h"
#include "core/kernels/short_copy.h"
#include "core/kernels/simd.h"

namespace halftone {

struct Stage {
  int64_t band = 1;      // output rows staged together
  int64_t rows = 1;      // staged rows of one plane
  int64_t row_step = 1;  // input rows from one staged row to the next
  int64_t tap_rows = 1;  // staged rows from one kh to the next
  int64_t phases = 1;    // column phases in use
  int64_t phase_columns = 1;
  int64_t pitch = 1;         // elements of a staged row
  int64_t output_pitch = 1;  // elements from an output row's taps to those of the next
  int64_t planes = 1;        // channels * kernel depth
  // Elements of scratch; absurd windows give a number that nobody can allocate.
  int64_t size() const { return checked_product({{planes, rows, pitch}}).value_or(int64_t{1} << 40); }
};

// Bands of as many output rows as keep `planes` staged planes near `budget` elements.
inline Stage plan_stage(const ConvGeometry& g, int64_t channels, int64_t budget) {
  Stage s;
  s.planes = channels * g.kernel[0];
  const bool dilated = g.kernel[1] > 1 && g.dilation[1] > 1;
  s.phases = g.kernel[2] == 1 ? 1 : g.stride[2];
  s.phase_columns = g.out[2] + (g.kernel[2] - 1) * g.dilation[2] / g.stride[2];
  s.pitch = s.phases * s.phase_columns;
  s.tap_rows = 1;
  if (g.kernel[1] == 1) {
    s.row_step = g.stride[1];
    s.output_pitch = s.pitch;
  } else {
    s.row_step = dilated ? g.dilation[1] : 1;
    s.output_pitch = dilated ? 0 : g.stride[1] * s.pitch;
  }
  const int64_t overlap = g.kernel[1] == 1 ? 0 : g.kernel[1] - 1, rows_per_output = g.kernel[1] == 1 ? 1 : g.stride[1];
  const double room = static_cast<double>(budget) / (static_cast<double>(s.planes) * static_cast<double>(s.pitch) + 1);
  s.band = std::max<int64_t>(1, (static_cast<int64_t>(room) - overlap) / rows_per_output);
  s.band = dilated ? 1 : std::min(s.band, g.out[1]);
  s.rows = (s.band - 1) * rows_per_output + overlap + 1;
  return s;
}

// Offsets of the taps of `channels` channels, in the weight's order.
inline void tap_offsets(const ConvGeometry& g, const Stage& s, int64_t channels, int64_t* offsets) {
  for (int64_t plane = 0; plane < channels * g.kernel[0]; ++plane) {
    for (int64_t kh = 0; kh < g.kernel[1]; ++kh) {
      for (int64_t kw = 0; kw < g.kernel[2]; ++kw) {
        const int64_t column = kw * g.dilation[2];
        *offsets++ = (plane * s.rows + kh * s.tap_rows) * s.pitch + column % g.stride[2] * s.phase_columns +
                     column / g.stride[2];
      }
    }
  }
}

// out[i] = in[2 * i], reading no further than in[2 * n - 2]. V: a vector of T.
template <typename V, typename T>
void copy_every_second(const T* in, int64_t n, T* out) {
  constexpr int64_t kLanes = sizeof(V) / sizeof(T);
  int64_t i = 0;
  for (; i + kLanes < n; i += kLanes) {
    store(out + i, every_second(load<V>(in + 2 * i), load<V>(in + 2 * i + kLanes)));
  }
  for (; i < n; ++i) out[i] = in[2 * i];
}
inline void copy_every_second(const float* in, int64_t n, float* out) { copy_every_second<f32x4>(in, n, out); }
inline void copy_every_second(const uint8_t* in, int64_t n, uint8_t* out) { copy_every_second<u8x16>(in, n, out); }

// One staged row from one input row: the columns inside the input. Those outside hold `pad` from the start.
template <typename T>
void stage_row(const ConvGeometry& g, const Stage& s, const T* in, T* out) {
  for (int64_t q = 0; q < s.phases; ++q, out += s.phase_columns) {
    const int64_t offset = q - g.pad[2], stride = g.stride[2];
    const Span inside = inside_span(g.in[2], s.phase_columns, stride, offset);
    if (inside.size() == 0) continue;
    const T* from = in + (inside.begin * stride + offset);
    T* to = out + inside.begin;
    if (stride == 1) {
      copy_short(to, from, inside.size() * static_cast<int64_t>(sizeof(T)));
    } else if (stride == 2) {
      copy_every_second(from, inside.size(), to);
    } else {
      for (int64_t i = 0; i < inside.size(); ++i) to[i] = from[i * stride];
    }
  }
}

// Pads everything: once, before the first band.
template <typename T>
void clear_stage(const Stage& s, int64_t slack, T pad, T* out) {
  std::fill_n(out, s.size() + slack, pad);
}

// Stages output rows [oh, oh + count) of output depth `od` from `channels` input planes.
template <typename T>
void stage_band(const ConvGeometry& g, const Stage& s, const T* x, int64_t channels, int64_t od, int64_t oh,
                int64_t count, T pad, T* out) {
  const int64_t rows = s.rows - (s.band - count) * (s.output_pitch / s.pitch);
  const int64_t row_bytes = s.pitch * static_cast<int64_t>(sizeof(T));
  for (int64_t c = 0; c < channels; ++c) {
    for (int64_t kd = 0; kd < g.kernel[0]; ++kd, out += s.rows * s.pitch) {
      const int64_t d = od * g.stride[0] + kd * g.dilation[0] - g.pad[0];
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t h = oh * g.stride[1] - g.pad[1] + r * s.row_step;
        if (d >= 0 && d < g.in[0] && h >= 0 && h < g.in[1]) {
          stage_row(g, s, x + ((c * g.in[0] + d) * g.in[1] + h) * g.in[2], out + r * s.pitch);
        } else {
          fill_short(out + r * s.pitch, splat_bytes(pad), row_bytes);
        }
      }
    }
  }
}

}  // namespace halftone
