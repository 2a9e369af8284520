// Pooling row by row: each tap of the window is applied to the whole stretch of outputs for which it is inside.
#include "core/kernels/pool/pool.h"

#include <limits>

#include "core/kernels/inline.h"
#include "core/kernels/quant/requantize.h"
#include "core/kernels/rare.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

// Calls begin(y_row), then tap(y_row, x, count) for every tap row piece: y_row[o] meets x[o * stride], o in [0, count),
// then end(y_row, od, oh).
template <typename T, typename Begin, typename Tap, typename End>
void pool_rows(const PoolGeometry& g, const T* x, Begin begin, Tap tap, End end) {
  for (int64_t row = 0; row < g.planes * g.out[0] * g.out[1]; ++row) {
    const int64_t oh = row % g.out[1], od = row / g.out[1] % g.out[0];
    const T* plane = x + row / (g.out[1] * g.out[0]) * g.in_plane();
    begin(row * g.out[2]);
    for (int64_t kd = 0; kd < g.kernel[0]; ++kd) {
      const int64_t d = od * g.stride[0] + kd * g.dilation[0] - g.pad[0];
      if (d < 0 || d >= g.in[0]) continue;
      for (int64_t kh = 0; kh < g.kernel[1]; ++kh) {
        const int64_t h = oh * g.stride[1] + kh * g.dilation[1] - g.pad[1];
        if (h < 0 || h >= g.in[1]) continue;
        const T* in_row = plane + (d * g.in[1] + h) * g.in[2];
        for (int64_t kw = 0; kw < g.kernel[2]; ++kw) {
          const int64_t offset = kw * g.dilation[2] - g.pad[2];
          const Span inside = inside_span(g.in[2], g.out[2], g.stride[2], offset);
          if (inside.size() == 0) continue;
          tap(row * g.out[2] + inside.begin, in_row + inside.begin * g.stride[2] + offset, inside.size());
        }
      }
    }
    end(row * g.out[2], od, oh);
  }
}

// out[i] = max(out[i], in[i * stride]), reading no further than the last one.
template <typename T>
void max_strided(const T* in, int64_t stride, int64_t n, T* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = in[i * stride] > out[i] ? in[i * stride] : out[i];
}

template <typename V, typename T>
void max_vectors(const T* in, int64_t stride, int64_t n, T* out) {
  constexpr int64_t kLanes = sizeof(V) / sizeof(T);
  int64_t i = 0;
  if (stride == 1) {
    for (; i + kLanes <= n; i += kLanes) store(out + i, max(load<V>(in + i), load<V>(out + i)));
  } else if (stride == 2) {
    for (; i + kLanes < n; i += kLanes) {
      const V x = every_second(load<V>(in + 2 * i), load<V>(in + 2 * i + kLanes));
      store(out + i, max(x, load<V>(out + i)));
    }
  }
  max_strided(in + i * stride, stride, n - i, out + i);
}

void take_max(const float* in, int64_t stride, int64_t n, float* out) { max_vectors<f32x4>(in, stride, n, out); }
void take_max(const int8_t* in, int64_t stride, int64_t n, int8_t* out) { max_vectors<i8x16>(in, stride, n, out); }
void take_max(const uint8_t* in, int64_t stride, int64_t n, uint8_t* out) { max_vectors<u8x16>(in, stride, n, out); }
void take_max(const double* in, int64_t stride, int64_t n, double* out) { max_strided(in, stride, n, out); }

}  // namespace

template <typename T>
void max_pool(const PoolGeometry& g, const T* x, T* y) {
  constexpr T kLowest =
      std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
  pool_rows(
      g, x, [&](int64_t at) { std::fill_n(y + at, g.out[2], kLowest); },
      [&](int64_t at, const T* in, int64_t count) { take_max(in, g.stride[2], count, y + at); },
      [](int64_t, int64_t, int64_t) {});
}

template <typename T>
HT_RARE void max_pool_indices(const PoolGeometry& g, const T* x, bool column_major, int64_t* indices) {
  auto better = [&](int64_t at, const T* in) {
    int64_t& best = indices[at];
    if (best < 0 || *in > x[best]) best = in - x;
  };
  pool_rows(
      g, x, [&](int64_t at) { std::fill_n(indices + at, g.out[2], int64_t{-1}); },
      [&](int64_t at, const T* in, int64_t count) {
        for (int64_t o = 0; o < count; ++o) better(at + o, in + o * g.stride[2]);
      },
      [](int64_t, int64_t, int64_t) {});
  const int64_t plane = g.in_plane();
  for (int64_t i = 0; i < g.planes * g.out_plane(); ++i) {
    indices[i] = std::max<int64_t>(indices[i], 0);
    if (!column_major) continue;
    const int64_t within = indices[i] % plane;
    const int64_t d = within / (g.in[1] * g.in[2]), h = within / g.in[2] % g.in[1], w = within % g.in[2];
    indices[i] += (w * g.in[1] + h) * g.in[0] + d - within;
  }
}

void average_pool_f32(const PoolGeometry& g, const float* x, bool count_pads, float* y) {
  const int64_t stride = g.stride[2];
  pool_rows(
      g, x, [&](int64_t at) { std::fill_n(y + at, g.out[2], 0.0f); },
      [&](int64_t at, const float* in, int64_t count) {
        for (int64_t o = 0; o < count; ++o) y[at + o] += in[o * stride];
      },
      [&](int64_t at, int64_t od, int64_t oh) {
        const int64_t rows = divisor_along(g, 0, od, count_pads) * divisor_along(g, 1, oh, count_pads);
        for (int64_t o = 0; o < g.out[2]; ++o) {
          y[at + o] /= static_cast<float>(std::max<int64_t>(rows * divisor_along(g, 2, o, count_pads), 1));
        }
      });
}

void global_average_f32(int64_t planes, int64_t size, const float* x, float* y) {
  constexpr int64_t kLanes = 8;
  for (int64_t p = 0; p < planes; ++p, x += size) {
    float sums[kLanes] = {};
    int64_t i = 0;
    for (; i + kLanes <= size; i += kLanes) {
      for (int64_t j = 0; j < kLanes; ++j) sums[j] += x[i + j];
    }
    float sum = 0;
    for (; i < size; ++i) sum += x[i];
    for (float s : sums) sum += s;
    y[p] = sum / static_cast<float>(size);
  }
}

template <typename T>
void global_max(int64_t planes, int64_t size, const T* x, T* y) {
  for (int64_t p = 0; p < planes; ++p, x += size) y[p] = *std::max_element(x, x + size);
}

namespace {

// Integers of either sign are the same bytes once the range is that of their type, so that one instance writes both.
template <typename U>
RequantRange range_of(const PoolRequant& q) {
  return {q.y_zero, std::numeric_limits<U>::min(), std::numeric_limits<U>::max()};
}

template <typename T>
HT_NOINLINE void average_pool_bytes(const PoolGeometry& g, const T* x, bool count_pads, const PoolRequant& q,
                                    const RequantRange& range, uint8_t* y, int32_t* scratch) {
  const int64_t stride = g.stride[2];
  int64_t row_start = 0;
  pool_rows(
      g, x,
      [&](int64_t at) {
        row_start = at;
        std::fill_n(scratch, g.out[2], 0);
      },
      [&](int64_t at, const T* in, int64_t count) {
        int32_t* sums = scratch + (at - row_start);
        for (int64_t o = 0; o < count; ++o) sums[o] += in[o * stride] - q.x_zero;
      },
      [&](int64_t at, int64_t od, int64_t oh) {
        const int64_t rows = divisor_along(g, 0, od, count_pads) * divisor_along(g, 1, oh, count_pads);
        for (int64_t o = 0; o < g.out[2]; ++o) {
          const int64_t count = std::max<int64_t>(rows * divisor_along(g, 2, o, count_pads), 1);
          y[at + o] = static_cast<uint8_t>(requantize(scratch[o], q.ratio / static_cast<float>(count), range));
        }
      });
}

template <typename T>
HT_NOINLINE void global_average_bytes(int64_t planes, int64_t size, const T* x, const PoolRequant& q,
                                      const RequantRange& range, uint8_t* y) {
  const float multiplier = q.ratio / static_cast<float>(size);
  for (int64_t p = 0; p < planes; ++p, x += size) {
    int32_t sum = 0;
    for (int64_t i = 0; i < size; ++i) sum += x[i];
    y[p] = static_cast<uint8_t>(requantize(sum - static_cast<int32_t>(size) * q.x_zero, multiplier, range));
  }
}

}  // namespace

template <typename T, typename U>
void average_pool_int8(const PoolGeometry& g, const T* x, bool count_pads, const PoolRequant& q, U* y,
                       int32_t* scratch) {
  average_pool_bytes(g, x, count_pads, q, range_of<U>(q), reinterpret_cast<uint8_t*>(y), scratch);
}

template <typename T, typename U>
void global_average_int8(int64_t planes, int64_t size, const T* x, const PoolRequant& q, U* y) {
  global_average_bytes(planes, size, x, q, range_of<U>(q), reinterpret_cast<uint8_t*>(y));
}

template void max_pool(const PoolGeometry&, const float*, float*);
template void max_pool(const PoolGeometry&, const double*, double*);
template void max_pool(const PoolGeometry&, const int8_t*, int8_t*);
template void max_pool(const PoolGeometry&, const uint8_t*, uint8_t*);
template void max_pool_indices(const PoolGeometry&, const float*, bool, int64_t*);
template void max_pool_indices(const PoolGeometry&, const double*, bool, int64_t*);
template void max_pool_indices(const PoolGeometry&, const int8_t*, bool, int64_t*);
template void max_pool_indices(const PoolGeometry&, const uint8_t*, bool, int64_t*);
template void global_max(int64_t, int64_t, const float*, float*);
template void global_max(int64_t, int64_t, const int8_t*, int8_t*);
template void global_max(int64_t, int64_t, const uint8_t*, uint8_t*);
template void average_pool_int8(const PoolGeometry&, const int8_t*, bool, const PoolRequant&, int8_t*, int32_t*);
template void average_pool_int8(const PoolGeometry&, const int8_t*, bool, const PoolRequant&, uint8_t*, int32_t*);
template void average_pool_int8(const PoolGeometry&, const uint8_t*, bool, const PoolRequant&, int8_t*, int32_t*);
template void average_pool_int8(const PoolGeometry&, const uint8_t*, bool, const PoolRequant&, uint8_t*, int32_t*);
template void global_average_int8(int64_t, int64_t, const int8_t*, const PoolRequant&, int8_t*);
template void global_average_int8(int64_t, int64_t, const int8_t*, const PoolRequant&, uint8_t*);
template void global_average_int8(int64_t, int64_t, const uint8_t*, const PoolRequant&, int8_t*);
template void global_average_int8(int64_t, int64_t, const uint8_t*, const PoolRequant&, uint8_t*);

}  // namespace halftone
