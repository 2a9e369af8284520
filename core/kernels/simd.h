// The vector operations that kernels are written in: 128 bits, as WebAssembly has them. Types are the compiler's vector
// extensions, so + - * and comparisons are plain C++; this header adds what operators cannot say.
//   __wasm_simd128__       wasm_simd128.h (and relaxed_madd for floats under __wasm_relaxed_simd__)
//   __SSE4_1__             the same operations on x86, so that sanitizers see the real loops
//   otherwise              lane by lane
// Every operation but madd gives the same bits in all three. The integer dot products of four bytes: dot/dot4.h.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE4_1__)
#include <smmintrin.h>
#endif

namespace halftone {

typedef float f32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));

// 16 bytes from any address.
template <typename V>
inline V load(const void* p) {
  V v;
  std::memcpy(&v, p, sizeof(V));
  return v;
}

template <typename V>
inline void store(void* p, V v) {
  std::memcpy(p, &v, sizeof(V));
}

// 8 bytes in the low half, zeros above.
template <typename V>
inline V load_half(const void* p) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<V>(wasm_v128_load64_zero(p));
#else
  V v = {};
  std::memcpy(&v, p, 8);
  return v;
#endif
}

template <typename V>
inline void store_half(void* p, V v) {
#if defined(__wasm_simd128__)
  wasm_v128_store64_lane(p, reinterpret_cast<v128_t>(v), 0);
#else
  std::memcpy(p, &v, 8);
#endif
}

// 8 bytes from the high half.
template <typename V>
inline void store_high_half(void* p, V v) {
#if defined(__wasm_simd128__)
  wasm_v128_store64_lane(p, reinterpret_cast<v128_t>(v), 1);
#else
  std::memcpy(p, reinterpret_cast<const char*>(&v) + 8, 8);
#endif
}

inline f32x4 splat(float v) { return f32x4{v, v, v, v}; }
inline i32x4 splat(int32_t v) { return i32x4{v, v, v, v}; }

// The 4 bytes at p in every lane.
template <typename V>
inline V load_splat32(const void* p) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<V>(wasm_v128_load32_splat(p));
#else
  int32_t v;
  std::memcpy(&v, p, sizeof(v));
  return reinterpret_cast<V>(splat(v));
#endif
}

// a * b + c, fused where that is one instruction: for float products only, never for what feeds integers.
inline f32x4 madd(f32x4 a, f32x4 b, f32x4 c) {
#if defined(__wasm_relaxed_simd__)
  return reinterpret_cast<f32x4>(
      wasm_f32x4_relaxed_madd(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b), reinterpret_cast<v128_t>(c)));
#else
  return a * b + c;
#endif
}

// a > b ? a : b and a < b ? a : b: the second where a is NaN.
inline f32x4 max(f32x4 a, f32x4 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<f32x4>(wasm_f32x4_pmax(reinterpret_cast<v128_t>(b), reinterpret_cast<v128_t>(a)));
#elif defined(__SSE4_1__)
  return _mm_max_ps(a, b);
#else
  for (int i = 0; i < 4; ++i) a[i] = a[i] > b[i] ? a[i] : b[i];
  return a;
#endif
}

inline f32x4 min(f32x4 a, f32x4 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<f32x4>(wasm_f32x4_pmin(reinterpret_cast<v128_t>(b), reinterpret_cast<v128_t>(a)));
#elif defined(__SSE4_1__)
  return _mm_min_ps(a, b);
#else
  for (int i = 0; i < 4; ++i) a[i] = a[i] < b[i] ? a[i] : b[i];
  return a;
#endif
}

inline i8x16 max(i8x16 a, i8x16 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<i8x16>(wasm_i8x16_max(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<i8x16>(_mm_max_epi8(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  for (int i = 0; i < 16; ++i) a[i] = a[i] > b[i] ? a[i] : b[i];
  return a;
#endif
}

inline u8x16 max(u8x16 a, u8x16 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<u8x16>(wasm_u8x16_max(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<u8x16>(_mm_max_epu8(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  for (int i = 0; i < 16; ++i) a[i] = a[i] > b[i] ? a[i] : b[i];
  return a;
#endif
}

inline u8x16 min(u8x16 a, u8x16 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<u8x16>(wasm_u8x16_min(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<u8x16>(_mm_min_epu8(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  for (int i = 0; i < 16; ++i) a[i] = a[i] < b[i] ? a[i] : b[i];
  return a;
#endif
}

// Keeps what was computed before in front of what follows. LLVM likes to nest chains of multiply-adds across unrolled
// steps, which makes engines, who keep the order they are given, run out of registers.
template <typename V>
inline void settle(V& v) {
#if defined(__wasm_simd128__)
  asm volatile("" : "+r"(v));
#else
  static_cast<void>(v);
#endif
}

inline f32x4 max(f32x4 a, float b) { return max(a, splat(b)); }

inline f32x4 to_float(i32x4 v) { return __builtin_convertvector(v, f32x4); }

// Lane i: a[2i] * b[2i] + a[2i + 1] * b[2i + 1], exact (all four products of -32768 wrap).
inline i32x4 dot2(i16x8 a, i16x8 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<i32x4>(wasm_i32x4_dot_i16x8(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<i32x4>(_mm_madd_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  i32x4 r;
  for (int i = 0; i < 4; ++i) {
    r[i] = static_cast<int32_t>(static_cast<uint32_t>(a[2 * i] * b[2 * i]) +
                                static_cast<uint32_t>(a[2 * i + 1] * b[2 * i + 1]));
  }
  return r;
#endif
}

// Addition modulo 2^32: what accumulators do.
inline i32x4 wrapping_add(i32x4 a, i32x4 b) {
  typedef uint32_t u32x4 __attribute__((vector_size(16)));
  return reinterpret_cast<i32x4>(reinterpret_cast<u32x4>(a) + reinterpret_cast<u32x4>(b));
}

// Low halves / high halves of a and b, element by element in turn: a0 b0 a1 b1 ...
inline i8x16 zip_low(i8x16 a, i8x16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
inline i8x16 zip_high(i8x16 a, i8x16 b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
inline i16x8 zip_low(i16x8 a, i16x8 b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
inline i16x8 zip_high(i16x8 a, i16x8 b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }

inline i32x4 zip_low(i32x4 a, i32x4 b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
inline i32x4 zip_high(i32x4 a, i32x4 b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }

// Elements 0, 2, 4 ... of a and b one after the other.
inline f32x4 every_second(f32x4 a, f32x4 b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6); }
inline i8x16 every_second(i8x16 a, i8x16 b) {
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
inline u8x16 every_second(u8x16 a, u8x16 b) {
  return reinterpret_cast<u8x16>(every_second(reinterpret_cast<i8x16>(a), reinterpret_cast<i8x16>(b)));
}

// The low / high 8 bytes widened to 16 bits.
inline i16x8 widen_low(i8x16 v) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<i16x8>(wasm_i16x8_extend_low_i8x16(reinterpret_cast<v128_t>(v)));
#else
  return reinterpret_cast<i16x8>(zip_low(v, v)) >> 8;
#endif
}
inline i16x8 widen_high(i8x16 v) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<i16x8>(wasm_i16x8_extend_high_i8x16(reinterpret_cast<v128_t>(v)));
#else
  return reinterpret_cast<i16x8>(zip_high(v, v)) >> 8;
#endif
}
inline i16x8 widen_low(u8x16 v) { return reinterpret_cast<i16x8>(zip_low(reinterpret_cast<i8x16>(v), i8x16{})); }
inline i16x8 widen_high(u8x16 v) { return reinterpret_cast<i16x8>(zip_high(reinterpret_cast<i8x16>(v), i8x16{})); }

// Both vectors narrowed with saturation: a's lanes first.
inline i16x8 narrow(i32x4 a, i32x4 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<i16x8>(wasm_i16x8_narrow_i32x4(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<i16x8>(_mm_packs_epi32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  i16x8 r;
  for (int i = 0; i < 8; ++i) {
    const int32_t v = i < 4 ? a[i] : b[i - 4];
    r[i] = static_cast<int16_t>(v < -32768 ? -32768 : v > 32767 ? 32767 : v);
  }
  return r;
#endif
}
inline i8x16 narrow_signed(i16x8 a, i16x8 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<i8x16>(wasm_i8x16_narrow_i16x8(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<i8x16>(_mm_packs_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  i8x16 r;
  for (int i = 0; i < 16; ++i) {
    const int v = i < 8 ? a[i] : b[i - 8];
    r[i] = static_cast<int8_t>(v < -128 ? -128 : v > 127 ? 127 : v);
  }
  return r;
#endif
}
inline u8x16 narrow_unsigned(i16x8 a, i16x8 b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<u8x16>(wasm_u8x16_narrow_i16x8(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#elif defined(__SSE4_1__)
  return reinterpret_cast<u8x16>(_mm_packus_epi16(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  u8x16 r;
  for (int i = 0; i < 16; ++i) {
    const int v = i < 8 ? a[i] : b[i - 8];
    r[i] = static_cast<uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v);
  }
  return r;
#endif
}

}  // namespace halftone
