// Integer dot products over units of 4 bytes, four units a vector: acc[i] += sum over unit i of w * x, modulo 2^32.
//   Dot<kNone>   a unit is two int16: exact for all bytes, on every machine
//   Dot<kUsdot>  a unit is four bytes, w signed, x unsigned          } one relaxed instruction: what it computes is the
//   Dot<kSdot>   four bytes, both signed                             } machine's choice (dot_probe.h), so the caller
//   packs Dot<kI7>     four bytes, w signed, x unsigned, pairs saturated   } its operands to suit
// Builds without the instruction compute lane by lane what each kind would: the tests run all kinds everywhere.
#pragma once

#include "core/kernels/dot/dot_probe.h"
#include "core/kernels/simd.h"

namespace halftone {

#if defined(__wasm_relaxed_simd__)

template <DotKind>
struct Dot {
  static i32x4 add(i32x4 acc, i8x16 w, i8x16 x) {
    return reinterpret_cast<i32x4>(wasm_i32x4_relaxed_dot_i8x16_i7x16_add(
        reinterpret_cast<v128_t>(w), reinterpret_cast<v128_t>(x), reinterpret_cast<v128_t>(acc)));
  }
};

#else

template <DotKind kKind>
struct Dot {
  static int32_t pair(i8x16 w, i8x16 x, int i) {
    int32_t sum = 0;
    for (int j = i; j < i + 2; ++j) {
      const int8_t signed_x = x[j];
      sum += w[j] * (kKind == DotKind::kSdot ? signed_x : static_cast<uint8_t>(signed_x));
    }
    if (kKind != DotKind::kI7) return sum;
    return sum < -32768 ? -32768 : sum > 32767 ? 32767 : sum;
  }
  static i32x4 add(i32x4 acc, i8x16 w, i8x16 x) {
    i32x4 sums;
    for (int i = 0; i < 4; ++i) sums[i] = pair(w, x, 4 * i) + pair(w, x, 4 * i + 2);
    return wrapping_add(acc, sums);
  }
};

#endif

template <>
struct Dot<DotKind::kNone> {
  static i32x4 add(i32x4 acc, i8x16 w, i8x16 x) {
    return wrapping_add(acc, dot2(reinterpret_cast<i16x8>(w), reinterpret_cast<i16x8>(x)));
  }
};

// f.operator()<kKind>() for the kind to instantiate. With the relaxed instruction all kinds are one; builds without it
// never choose a kind, so WebAssembly leaves the emulations out, and native builds keep them for the tests.
template <typename F>
auto with_dot(DotKind kind, F&& f) {
#if defined(__wasm_relaxed_simd__)
  if (kind != DotKind::kNone) return f.template operator()<DotKind::kUsdot>();
#elif !defined(__wasm__)
  if (kind == DotKind::kUsdot) return f.template operator()<DotKind::kUsdot>();
  if (kind == DotKind::kSdot) return f.template operator()<DotKind::kSdot>();
  if (kind == DotKind::kI7) return f.template operator()<DotKind::kI7>();
#endif
  static_cast<void>(kind);
  return f.template operator()<DotKind::kNone>();
}

// Whether kernels compute as this kind of machine would: what tests may ask for.
inline bool is_built(DotKind kind) {
#if defined(__wasm_relaxed_simd__)
  return kind == DotKind::kNone || kind == dot_kind();
#elif defined(__wasm__)
  return kind == DotKind::kNone;
#else
  static_cast<void>(kind);
  return true;
#endif
}

}  // namespace halftone
