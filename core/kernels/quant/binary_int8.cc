// Runs of bytes, sixteen a step. Where no pair of codes can lead beyond 2^21 steps of the result (all sane scales), the
// clamp that keeps rounding valid is left to the saturation of narrowing (a quarter faster); other parameters,
// and runs below sixteen, go one by one. The reciprocal instead of the division would change last bits for 10 % of
// speed.
#include "core/kernels/quant/binary_int8.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/quant/centered_reals.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int64_t kStep = 16;
constexpr float kMaxSteps = 2097152.0f;

template <bool kMul, typename R>
inline R apply(R a, R b) {
  return kMul ? a * b : a + b;
}

inline float real_of(const ByteOperand& x, int64_t i) {
  return static_cast<float>(static_cast<int32_t>(x.data[i * x.step] ^ x.flip) - x.zero) * x.scale;
}

template <bool kMul>
void run_bytes(const ByteOperand& a, const ByteOperand& b, int64_t n, const ByteResult& r, uint8_t* y) {
  for (int64_t i = 0; i < n; ++i) {
    float v = apply<kMul>(real_of(a, i), real_of(b, i)) / r.scale;
    v = v > r.range.low_real() ? v : r.range.low_real();
    v = v < r.range.high_real() ? v : r.range.high_real();
    y[i] = static_cast<uint8_t>(static_cast<uint8_t>(round_small(v) + r.range.zero_point) ^ r.flip);
  }
}

inline u8x16 splat_byte(int32_t v) { return u8x16{} + static_cast<uint8_t>(v); }

// An operand's codes sixteen at a time; one that stays the same is read from a vector full of it.
struct Codes {
  explicit Codes(const ByteOperand& x)
      : data(x.step == 0 ? same : x.data), step(x.step), flip(splat_byte(x.flip)), zero(x.zero), scale(splat(x.scale)) {
    if (step == 0) store(same, splat_byte(*x.data));
  }
  Codes(const Codes&) = delete;

  void reals(int64_t i, f32x4 out[4]) const {
    zero.of16(load<u8x16>(data + i * step) ^ flip, out);
    for (int k = 0; k < 4; ++k) out[k] *= scale;
  }

  uint8_t same[16];
  const uint8_t* data;
  int64_t step;
  u8x16 flip;
  CenteredReals zero;
  f32x4 scale;
};

template <bool kMul>
void run_vectors(const ByteOperand& left, const ByteOperand& right, int64_t n, const ByteResult& r, uint8_t* y) {
  const Codes a(left), b(right);
  const f32x4 divisor = splat(r.scale), bias = splat(kRoundingBias);
  const i32x4 offset = splat(r.range.zero_point - kRoundingBiasBits);
  const u8x16 low = splat_byte(r.range.low), high = splat_byte(r.range.high), flip = splat_byte(r.flip);
  for (int64_t i = 0; i < n;) {
    f32x4 u[4], v[4];
    a.reals(i, u);
    b.reals(i, v);
    i32x4 w[4];
    for (int k = 0; k < 4; ++k) {
      w[k] = wrapping_add(reinterpret_cast<i32x4>(apply<kMul>(u[k], v[k]) / divisor + bias), offset);
    }
    const u8x16 codes = narrow_unsigned(narrow(w[0], w[1]), narrow(w[2], w[3]));
    store(y + i, min(max(codes, low), high) ^ flip);
    // The last step overlaps the one before it.
    i = i + kStep < n ? std::min(i + kStep, n - kStep) : n;
  }
}

// The largest magnitude of an operand.
float reach(const ByteOperand& x) {
  return static_cast<float>(std::max(std::abs(x.zero), std::abs(255 - x.zero))) * std::abs(x.scale);
}

template <bool kMul>
void run(const ByteOperand& a, const ByteOperand& b, int64_t n, const ByteResult& result, uint8_t* y) {
  const bool in_bounds = apply<kMul>(reach(a), reach(b)) / result.scale < kMaxSteps;
  return n >= kStep && in_bounds ? run_vectors<kMul>(a, b, n, result, y) : run_bytes<kMul>(a, b, n, result, y);
}

}  // namespace

void binary_int8_run(BinaryInt8 op, const ByteOperand& a, const ByteOperand& b, int64_t n, const ByteResult& result,
                     uint8_t* y) {
  if (op == BinaryInt8::kMul) return run<true>(a, b, n, result, y);
  ByteOperand second = b;
  if (op == BinaryInt8::kSub) second.scale = -second.scale;  // a - b = a + -b, bit for bit
  run<false>(a, second, n, result, y);
}

// Sixteen byte shuffles over pieces of the table would be as many instructions, and measured no faster.
void table_run(const uint8_t* x, int64_t n, const uint8_t* table, uint8_t* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = table[x[i]];
}

}  // namespace halftone
