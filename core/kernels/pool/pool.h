// Pooling over planes: input [planes][in...], output [planes][out...], windows as in geometry of convolution.
//   max:      y = max over the window's elements inside the input
//   average:  y = sum of them / count, where count is their number, or (count_pads) the number of window positions
//             inside the input and its pads
// Element types are listed at each function. Integer averages: see average_pool_int8.
#pragma once

#include "core/kernels/axes.h"

namespace halftone {

struct PoolGeometry {
  int64_t planes = 1;
  Axes3 in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, pad{0, 0, 0}, pad_end{0, 0, 0};

  int64_t in_plane() const { return in[0] * in[1] * in[2]; }
  int64_t out_plane() const { return out[0] * out[1] * out[2]; }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
};

// What the window of output o is divided by along axis `a`: its positions inside the input, or inside input and pads.
inline int64_t divisor_along(const PoolGeometry& g, size_t a, int64_t o, bool count_pads) {
  const int64_t low = count_pads ? -g.pad[a] : 0, high = g.in[a] + (count_pads ? g.pad_end[a] : 0);
  return inside_span(high - low, g.kernel[a], g.dilation[a], o * g.stride[a] - g.pad[a] - low).size();
}

// T: float, double, int8_t, uint8_t. A window without an element gives the type's lowest value.
template <typename T>
void max_pool(const PoolGeometry& geometry, const T* x, T* y);

// Flat position in x of each maximum (the first one in window order); `column_major` counts depth fastest within a
// plane.
template <typename T>
void max_pool_indices(const PoolGeometry& geometry, const T* x, bool column_major, int64_t* indices);

void average_pool_f32(const PoolGeometry& geometry, const float* x, bool count_pads, float* y);

// y = mean of each plane of `size` elements.
void global_average_f32(int64_t planes, int64_t size, const float* x, float* y);
template <typename T>
void global_max(int64_t planes, int64_t size, const T* x, T* y);

// Integer average: the sum of (x - x_zero) over the window is requantized with multiplier (s_x / s_y) / count. T, U:
// int8_t or uint8_t. `scratch`: out[2] int32. The window must hold fewer than 2^22 elements.
struct PoolRequant {
  float ratio;  // s_x / s_y
  int32_t x_zero, y_zero;
};
template <typename T, typename U>
void average_pool_int8(const PoolGeometry& geometry, const T* x, bool count_pads, const PoolRequant& q, U* y,
                       int32_t* scratch);
template <typename T, typename U>
void global_average_int8(int64_t planes, int64_t size, const T* x, const PoolRequant& q, U* y);

}  // namespace halftone
