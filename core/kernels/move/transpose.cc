// Transposed matrices; see the header.
#include "core/kernels/move/transpose.h"

#include <algorithm>

#include "core/kernels/move/element.h"
#include "core/kernels/rare.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

// Any matrix, in square blocks that stay in the cache.
template <typename T>
HT_RARE void transpose_elements(T* dst, int64_t dst_step, const T* src, int64_t src_step, int64_t m, int64_t n) {
  constexpr int64_t kBlock = 16;
  for (int64_t i0 = 0; i0 < m; i0 += kBlock) {
    for (int64_t j0 = 0; j0 < n; j0 += kBlock) {
      for (int64_t i = i0; i < std::min(i0 + kBlock, m); ++i) {
        for (int64_t j = j0; j < std::min(j0 + kBlock, n); ++j) dst[i * dst_step + j] = src[j * src_step + i];
      }
    }
  }
}

// The square of kSide x kSide elements at src and dst.
constexpr int64_t side(uint32_t) { return 4; }
inline void turn_square(uint32_t* dst, int64_t dst_step, const uint32_t* src, int64_t src_step) {
  i32x4 r[4];
  for (int k = 0; k < 4; ++k) r[k] = load<i32x4>(src + k * src_step);
  const i32x4 a = zip_low(r[0], r[2]), b = zip_low(r[1], r[3]), c = zip_high(r[0], r[2]), d = zip_high(r[1], r[3]);
  store(dst, zip_low(a, b));
  store(dst + dst_step, zip_high(a, b));
  store(dst + 2 * dst_step, zip_low(c, d));
  store(dst + 3 * dst_step, zip_high(c, d));
}

constexpr int64_t side(uint8_t) { return 8; }
inline void turn_square(uint8_t* dst, int64_t dst_step, const uint8_t* src, int64_t src_step) {
  i8x16 r[8];
  for (int k = 0; k < 8; ++k) r[k] = load_half<i8x16>(src + k * src_step);
  // Rows 0 and 4, 2 and 6, ... side by side: after three rounds every vector holds two columns.
  const auto zip = [](i8x16 a, i8x16 b) { return zip_low(a, b); };
  const i8x16 a = zip(r[0], r[4]), b = zip(r[1], r[5]), c = zip(r[2], r[6]), d = zip(r[3], r[7]);
  const i8x16 e = zip_low(a, c), f = zip_high(a, c), g = zip_low(b, d), h = zip_high(b, d);
  const i8x16 columns[4] = {zip_low(e, g), zip_high(e, g), zip_low(f, h), zip_high(f, h)};
  for (int k = 0; k < 4; ++k) {
    store_half(dst + 2 * k * dst_step, columns[k]);
    store_high_half(dst + (2 * k + 1) * dst_step, columns[k]);
  }
}

// Squares along j within stretches of i as long as half a cache line or more, so that every line is read once. The last
// squares overlap. m and n are at least a square's side.
template <typename T>
void transpose_squares(T* dst, int64_t dst_step, const T* src, int64_t src_step, int64_t m, int64_t n) {
  constexpr int64_t kSide = side(T{}), kStretch = 4 * kSide;
  for (int64_t i0 = 0; i0 < m; i0 += kStretch) {
    const int64_t end = std::min(i0 + kStretch, m);
    for (int64_t j0 = 0; j0 < n; j0 += kSide) {
      const int64_t j = std::min(j0, n - kSide);
      for (int64_t i1 = i0; i1 < end; i1 += kSide) {
        const int64_t i = std::min(i1, m - kSide);
        turn_square(dst + i * dst_step + j, dst_step, src + j * src_step + i, src_step);
      }
    }
  }
}

// Three planes into pixels of three elements, a vector of each plane at a time.
inline void interleave(const uint32_t* a, const uint32_t* b, const uint32_t* c, uint32_t* pixels) {
  const i32x4 x = load<i32x4>(a), y = load<i32x4>(b), z = load<i32x4>(c);
  const i32x4 low = zip_low(x, y), high = zip_high(x, y);  // x0 y0 x1 y1, x2 y2 x3 y3
  store(pixels, __builtin_shufflevector(low, __builtin_shufflevector(z, x, 0, 5, 1, 6), 0, 1, 4, 5));
  store(pixels + 4, __builtin_shufflevector(__builtin_shufflevector(low, z, 3, 5, 3, 5), high, 0, 1, 4, 5));
  store(pixels + 8, __builtin_shufflevector(z, high, 2, 6, 7, 3));
}
inline void interleave(const uint8_t* a, const uint8_t* b, const uint8_t* c, uint8_t* pixels) {
  const i8x16 x = load<i8x16>(a), y = load<i8x16>(b), z = load<i8x16>(c);
  const i8x16 p = __builtin_shufflevector(x, y, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
  store(pixels, __builtin_shufflevector(p, z, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
  const i8x16 q = __builtin_shufflevector(x, y, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
  store(pixels + 16, __builtin_shufflevector(q, z, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15));
  const i8x16 r = __builtin_shufflevector(x, y, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
  store(pixels + 32, __builtin_shufflevector(r, z, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31));
}

// Pixels of three elements into three planes.
inline void separate(const uint32_t* pixels, uint32_t* a, uint32_t* b, uint32_t* c) {
  const i32x4 x = load<i32x4>(pixels), y = load<i32x4>(pixels + 4), z = load<i32x4>(pixels + 8);
  // x: a0 b0 c0 a1, y: b1 c1 a2 b2, z: c2 a3 b3 c3.
  store(a, __builtin_shufflevector(__builtin_shufflevector(x, y, 0, 3, 6, 6), z, 0, 1, 2, 5));
  store(b, __builtin_shufflevector(__builtin_shufflevector(x, y, 1, 4, 7, 7), z, 0, 1, 2, 6));
  store(c, __builtin_shufflevector(__builtin_shufflevector(x, y, 2, 5, 5, 5), z, 0, 1, 4, 7));
}
inline void separate(const uint8_t* pixels, uint8_t* a, uint8_t* b, uint8_t* c) {
  const i8x16 x = load<i8x16>(pixels), y = load<i8x16>(pixels + 16), z = load<i8x16>(pixels + 32);
  const i8x16 p = __builtin_shufflevector(x, y, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
  store(a, __builtin_shufflevector(p, z, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29));
  const i8x16 q = __builtin_shufflevector(x, y, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
  store(b, __builtin_shufflevector(q, z, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30));
  const i8x16 r = __builtin_shufflevector(x, y, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
  store(c, __builtin_shufflevector(r, z, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31));
}

// m pixels, at least a vector of them; the last step overlaps.
template <typename T>
void interleave_planes(T* pixels, const T* planes, int64_t step, int64_t m) {
  constexpr int64_t kLanes = 16 / static_cast<int64_t>(sizeof(T));
  for (int64_t i0 = 0; i0 < m; i0 += kLanes) {
    const int64_t i = std::min(i0, m - kLanes);
    interleave(planes + i, planes + step + i, planes + 2 * step + i, pixels + 3 * i);
  }
}
template <typename T>
void separate_planes(T* planes, int64_t step, const T* pixels, int64_t n) {
  constexpr int64_t kLanes = 16 / static_cast<int64_t>(sizeof(T));
  for (int64_t i0 = 0; i0 < n; i0 += kLanes) {
    const int64_t i = std::min(i0, n - kLanes);
    separate(pixels + 3 * i, planes + i, planes + step + i, planes + 2 * step + i);
  }
}

}  // namespace

template <typename T>
void transpose_matrix(T* dst, int64_t dst_step, const T* src, int64_t src_step, int64_t m, int64_t n) {
  if constexpr (std::is_same_v<T, uint8_t> || std::is_same_v<T, uint32_t>) {
    constexpr int64_t kSide = side(T{}), kLanes = 16 / static_cast<int64_t>(sizeof(T));
    if (m >= kSide && n >= kSide) return transpose_squares(dst, dst_step, src, src_step, m, n);
    if (n == 3 && dst_step == 3 && m >= kLanes) return interleave_planes(dst, src, src_step, m);
    if (m == 3 && src_step == 3 && n >= kLanes) return separate_planes(dst, dst_step, src, n);
  }
  transpose_elements(dst, dst_step, src, src_step, m, n);
}

template void transpose_matrix(uint8_t*, int64_t, const uint8_t*, int64_t, int64_t, int64_t);
template void transpose_matrix(uint16_t*, int64_t, const uint16_t*, int64_t, int64_t, int64_t);
template void transpose_matrix(uint32_t*, int64_t, const uint32_t*, int64_t, int64_t, int64_t);
template void transpose_matrix(uint64_t*, int64_t, const uint64_t*, int64_t, int64_t, int64_t);
template void transpose_matrix(Pair*, int64_t, const Pair*, int64_t, int64_t, int64_t);
template void transpose_matrix(std::string*, int64_t, const std::string*, int64_t, int64_t, int64_t);

}  // namespace halftone
