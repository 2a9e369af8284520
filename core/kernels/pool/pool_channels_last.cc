// Windows of channels-last pooling, a block of channels at a time; see the header.
#include "core/kernels/pool/pool_channels_last.h"

#include <limits>
#include <type_traits>

#include "core/kernels/quant/requantize_simd.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

// The elements of one window that are inside the input: `count` steps along each axis from `first`, in elements.
struct Taps {
  int64_t first = 0;
  Axes3 count{1, 1, 1}, step{1, 1, 1};
  int64_t inside() const { return count[0] * count[1] * count[2]; }
};

// Calls visit(pointer) for every tap in window order.
template <typename T, typename Visit>
inline void for_each_tap(const Taps& taps, const T* x, Visit visit) {
  const T* depth = x + taps.first;
  for (int64_t d = 0; d < taps.count[0]; ++d, depth += taps.step[0]) {
    const T* row = depth;
    for (int64_t h = 0; h < taps.count[1]; ++h, row += taps.step[1]) {
      const T* at = row;
      for (int64_t w = 0; w < taps.count[2]; ++w, at += taps.step[2]) visit(at);
    }
  }
}

// Window positions of output o along axis `a` that are inside the input; no division for windows that fit.
Span inside_positions(const PoolGeometry& g, size_t a, int64_t o) {
  const int64_t first = o * g.stride[a] - g.pad[a];
  if (first >= 0 && first + (g.kernel[a] - 1) * g.dilation[a] < g.in[a]) return {0, g.kernel[a]};
  return inside_span(g.in[a], g.kernel[a], g.dilation[a], first);
}

// Calls run(taps, pixel, o) for the outputs o of one row of [batch][depth][height]; rows are independent.
template <typename Run>
inline void pool_row(const PoolGeometry& g, int64_t channels, int64_t row, Run run) {
  const Axes3 step{g.in[1] * g.in[2] * channels, g.in[2] * channels, channels};
  Axes3 o{row / g.out[1] % g.out[0], row % g.out[1], 0};
  Taps taps;
  const auto enter = [&](size_t a) {
    const Span inside = inside_positions(g, a, o[a]);
    taps.count[a] = inside.size();
    taps.step[a] = g.dilation[a] * step[a];
    return (o[a] * g.stride[a] - g.pad[a] + inside.begin * g.dilation[a]) * step[a];
  };
  const int64_t batch = row / (g.out[0] * g.out[1]) * g.in_plane() * channels;
  const int64_t start = batch + enter(0) + enter(1);
  for (; o[2] < g.out[2]; ++o[2]) {
    taps.first = start + enter(2);
    run(taps, row * g.out[2] + o[2], o);
  }
}

// The divisor of an average, which `inside` already is where pads do not count or the whole window is inside.
int64_t window_count(const PoolGeometry& g, const Axes3& o, int64_t inside, bool count_pads) {
  if (!count_pads || inside == g.taps()) return std::max<int64_t>(inside, 1);
  int64_t count = 1;
  for (size_t a = 0; a < 3; ++a) count *= divisor_along(g, a, o[a], true);
  return std::max<int64_t>(count, 1);
}

int64_t rows_of(const PoolGeometry& g) { return g.planes * g.out[0] * g.out[1]; }

// Covers channels [0, n) by blocks of four vectors, then of one, the last of which overlaps; channel by channel where
// there is not even one vector.
template <typename Four, typename Single, typename One>
inline void in_blocks(int64_t n, int64_t lanes, Four four, Single single, One one) {
  int64_t c = 0;
  if (n < lanes) {
    for (; c < n; ++c) one(c);
    return;
  }
  for (; c + 4 * lanes <= n; c += 4 * lanes) four(c);
  for (; c + lanes <= n; c += lanes) single(c);
  if (c < n) single(n - lanes);
}

template <typename T>
struct VectorOf;
template <>
struct VectorOf<float> {
  using Type = f32x4;
};
template <>
struct VectorOf<int8_t> {
  using Type = i8x16;
};
template <>
struct VectorOf<uint8_t> {
  using Type = u8x16;
};

template <typename T>
constexpr T kLowest = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                           : std::numeric_limits<T>::lowest();

template <int kVectors, typename T>
inline void max_block(const Taps& taps, const T* x, T* y) {
  using V = typename VectorOf<T>::Type;
  constexpr int64_t kLanes = sizeof(V) / sizeof(T);
  V best[kVectors];
  for (V& v : best) v = V{} + kLowest<T>;
  for_each_tap(taps, x, [&](const T* at) {
    for (int k = 0; k < kVectors; ++k) best[k] = max(load<V>(at + k * kLanes), best[k]);
  });
  for (int k = 0; k < kVectors; ++k) store(y + k * kLanes, best[k]);
}

template <int kVectors>
inline void mean_block(const Taps& taps, const float* x, float count, float* y) {
  f32x4 sum[kVectors] = {};
  for_each_tap(taps, x, [&](const float* at) {
    for (int k = 0; k < kVectors; ++k) sum[k] += load<f32x4>(at + 4 * k);
  });
  for (int k = 0; k < kVectors; ++k) store(y + 4 * k, sum[k] / splat(count));
}

// Adds sums of 16 channels in 16 bits to those in 32.
__attribute__((noinline)) void widen_sums(u16x8 low, u16x8 high, int32_t* sums) {
  const i16x8 halves[2] = {reinterpret_cast<i16x8>(low), reinterpret_cast<i16x8>(high)};
  for (int h = 0; h < 2; ++h, sums += 8) {
    store(sums, load<i32x4>(sums) + reinterpret_cast<i32x4>(zip_low(halves[h], i16x8{})));
    store(sums + 4, load<i32x4>(sums + 4) + reinterpret_cast<i32x4>(zip_high(halves[h], i16x8{})));
  }
}

// Sums of bytes over a window, 16 channels a vector: up to 256 taps in 16 bits (unsigned, 256 * 255 fits), and what is
// beyond them in 32 bits. `sums`: 16 * kVectors zeros.
template <int kVectors>
inline void sum_bytes(const Taps& taps, const uint8_t* x, u8x16 flip, int32_t* sums) {
  u16x8 low[kVectors] = {}, high[kVectors] = {};
  int room = 256;
  for_each_tap(taps, x, [&](const uint8_t* at) {
    for (int k = 0; k < kVectors; ++k) {
      const u8x16 v = load<u8x16>(at + 16 * k) ^ flip;
      low[k] += reinterpret_cast<u16x8>(widen_low(v));
      high[k] += reinterpret_cast<u16x8>(widen_high(v));
    }
    if (--room > 0) return;
    room = 256;
    for (int k = 0; k < kVectors; ++k) {
      widen_sums(low[k], high[k], sums + 16 * k);
      low[k] = high[k] = u16x8{};
    }
  });
  for (int k = 0; k < kVectors; ++k) widen_sums(low[k], high[k], sums + 16 * k);
}

}  // namespace

template <typename T>
void max_pool_channels_last(const PoolGeometry& g, int64_t channels, const T* x, T* y) {
  constexpr int64_t lanes = 16 / static_cast<int64_t>(sizeof(T));
  for (int64_t row = 0; row < rows_of(g); ++row) {
    pool_row(g, channels, row, [&](const Taps& taps, int64_t pixel, const Axes3&) {
      T* out = y + pixel * channels;
      in_blocks(
          channels, lanes, [&](int64_t c) { max_block<4>(taps, x + c, out + c); },
          [&](int64_t c) { max_block<1>(taps, x + c, out + c); },
          [&](int64_t c) {
            T best = kLowest<T>;
            for_each_tap(taps, x + c, [&](const T* at) { best = *at > best ? *at : best; });
            out[c] = best;
          });
    });
  }
}

void average_pool_channels_last_f32(const PoolGeometry& g, int64_t channels, const float* x, bool count_pads,
                                    float* y) {
  for (int64_t row = 0; row < rows_of(g); ++row) {
    pool_row(g, channels, row, [&](const Taps& taps, int64_t pixel, const Axes3& o) {
      const auto count = static_cast<float>(window_count(g, o, taps.inside(), count_pads));
      float* out = y + pixel * channels;
      in_blocks(
          channels, 4, [&](int64_t c) { mean_block<4>(taps, x + c, count, out + c); },
          [&](int64_t c) { mean_block<1>(taps, x + c, count, out + c); },
          [&](int64_t c) {
            float sum = 0;
            for_each_tap(taps, x + c, [&](const float* at) { sum += *at; });
            out[c] = sum / count;
          });
    });
  }
}

void average_pool_channels_last_int8(const PoolGeometry& g, int64_t channels, bool count_pads, const PoolRequant& q,
                                     const BytePool& bytes) {
  const int32_t low = bytes.y_signed ? -128 : 0;
  const RequantRange range{q.y_zero, low, low + 255};
  const Requantizer requantizer(range, bytes.y_signed);
  const uint8_t flip = bytes.x_signed ? 0x80 : 0;
  const int32_t x_zero = q.x_zero + flip;
  for (int64_t row = 0; row < rows_of(g); ++row) {
    pool_row(g, channels, row, [&](const Taps& taps, int64_t pixel, const Axes3& o) {
      const float multiplier = q.ratio / static_cast<float>(window_count(g, o, taps.inside(), count_pads));
      const int32_t zeros = static_cast<int32_t>(taps.inside()) * x_zero;
      uint8_t* out = bytes.y + pixel * channels;
      const auto block = [&]<int kVectors>(std::integral_constant<int, kVectors>, int64_t c) {
        int32_t sums[16 * kVectors] = {};
        sum_bytes<kVectors>(taps, bytes.x + c, u8x16{} + flip, sums);
        for (int k = 0; k < kVectors; ++k) {
          i32x4 v[4];
          for (int j = 0; j < 4; ++j) {
            v[j] = requantizer.round(load<i32x4>(sums + 16 * k + 4 * j) - splat(zeros), splat(multiplier));
          }
          store(out + c + 16 * k, requantizer.narrow16(v[0], v[1], v[2], v[3]));
        }
      };
      in_blocks(
          channels, 16,
          [&](int64_t c) {
            block(std::integral_constant<int, 2>(), c);
            block(std::integral_constant<int, 2>(), c + 32);
          },
          [&](int64_t c) { block(std::integral_constant<int, 1>(), c); },
          [&](int64_t c) {
            int32_t sum = -zeros;
            for_each_tap(taps, bytes.x + c, [&](const uint8_t* at) { sum += *at ^ flip; });
            out[c] = static_cast<uint8_t>(requantize(sum, multiplier, range));
          });
    });
  }
}

PoolGeometry global_geometry(int64_t batch, int64_t size) {
  return {.planes = batch, .in = {1, 1, size}, .out = {1, 1, 1}, .kernel = {1, 1, size}};
}

template void max_pool_channels_last(const PoolGeometry&, int64_t, const float*, float*);
template void max_pool_channels_last(const PoolGeometry&, int64_t, const int8_t*, int8_t*);
template void max_pool_channels_last(const PoolGeometry&, int64_t, const uint8_t*, uint8_t*);

}  // namespace halftone
