// The probe of the relaxed dot product; see the header.
#include "core/kernels/dot/dot_probe.h"

#include "core/kernels/simd.h"

namespace halftone {

std::string_view dot_kind_name(DotKind kind) {
  switch (kind) {
    case DotKind::kUsdot:
      return "usdot";
    case DotKind::kSdot:
      return "sdot";
    case DotKind::kI7:
      return "i7";
    case DotKind::kNone:
      break;
  }
  return "none";
}

#if defined(__wasm_relaxed_simd__)

namespace {

// a * b summed over four bytes with a, b in every byte; volatile, so that the engine and not the compiler computes it.
int32_t probe(int8_t a, int8_t b) {
  volatile int8_t va = a, vb = b;
  const v128_t dot =
      wasm_i32x4_relaxed_dot_i8x16_i7x16_add(wasm_i8x16_splat(va), wasm_i8x16_splat(vb), wasm_i32x4_splat(0));
  return wasm_i32x4_extract_lane(dot, 0);
}

DotKind probed_kind() {
  if (probe(100, 127) != 4 * 100 * 127) return DotKind::kNone;
  const int32_t top_bit = probe(1, -128);  // 0x80: 128 or -128
  if (top_bit == -4 * 128) return probe(-128, -128) == 4 * 128 * 128 ? DotKind::kSdot : DotKind::kNone;
  if (top_bit != 4 * 128) return DotKind::kNone;
  const int32_t extreme = probe(127, -1);  // 0xff: a pair is 127 * 255 * 2, beyond int16
  if (extreme == 4 * 127 * 255) return DotKind::kUsdot;
  return extreme == 2 * 32767 ? DotKind::kI7 : DotKind::kNone;
}

}  // namespace

DotKind dot_kind() {
  // Probed once, at the first call: an engine's quick first compiler may have the instruction wrong where its
  // optimizing one has it right (V8 11.3 adds the products twice), and then it must not be used at all.
  static const DotKind kKind = probed_kind();
  return kKind;
}

#else

DotKind dot_kind() { return DotKind::kNone; }

#endif

}  // namespace halftone
