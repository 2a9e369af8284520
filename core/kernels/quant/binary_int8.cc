// Runs of bytes, sixteen a step. Where no pair of codes can lead beyond 2^21 steps of the result (all sane scales), the
// clamp that keeps rounding valid is left to the saturation of narrowing (a quarter faster); other parameters,
// and runs below sixteen, go one by one. The reciprocal instead of the division would change last bits for 10 % of
// speed.
#include "core/kernels/quant/binary_int8.h"

#include <algorithm>

#include "core/kernels/quant/centered_reals.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

constexpr int64_t kStep = 16;
constexpr float kMaxSteps = 2097152.0f;

template <BinaryInt8 kOp, typename R>
inline R apply(R a, R b) {
  return kOp == BinaryInt8::kAdd ? a + b : kOp == BinaryInt8::kSub ? a - b : a * b;
}

inline float real_of(const ByteOperand& x, int64_t i) {
  return static_cast<float>(static_cast<int32_t>(x.data[i] ^ x.flip) - x.zero) * x.scale;
}

template <BinaryInt8 kOp>
inline uint8_t combine(float a, float b, const ByteResult& r) {
  float v = apply<kOp>(a, b) / r.scale;
  v = v > r.range.low_real() ? v : r.range.low_real();
  v = v < r.range.high_real() ? v : r.range.high_real();
  return static_cast<uint8_t>(static_cast<uint8_t>(round_small(v) + r.range.zero_point) ^ r.flip);
}

inline u8x16 splat_byte(int32_t v) { return u8x16{} + static_cast<uint8_t>(v); }

// Sixteen codes of an operand as reals: those at p, or the same one all over.
class Reals {
 public:
  explicit Reals(const ByteOperand& x)
      : centered_(x.zero), scale_(splat(x.scale)), flip_(splat_byte(x.flip)), fixed_(x.step == 0) {
    if (fixed_) value_ = splat(real_of(x, 0));
  }

  void at(const uint8_t* p, f32x4 out[4]) const {
    if (fixed_) {
      for (int k = 0; k < 4; ++k) out[k] = value_;
    } else {
      centered_.of16(load<u8x16>(p) ^ flip_, out);
      for (int k = 0; k < 4; ++k) out[k] *= scale_;
    }
  }

 private:
  CenteredReals centered_;
  f32x4 scale_, value_{};
  u8x16 flip_;
  bool fixed_;
};

template <BinaryInt8 kOp>
void run_vectors(const ByteOperand& a, const ByteOperand& b, int64_t n, const ByteResult& r, uint8_t* y) {
  const Reals left(a), right(b);
  const f32x4 divisor = splat(r.scale), bias = splat(kRoundingBias);
  const i32x4 offset = splat(r.range.zero_point - kRoundingBiasBits);
  const u8x16 low = splat_byte(r.range.low), high = splat_byte(r.range.high), flip = splat_byte(r.flip);
  const uint8_t *p = a.data, *q = b.data;
  const int64_t a_step = a.step, b_step = b.step;
  for (int64_t i = 0; i < n;) {
    f32x4 u[4], v[4];
    left.at(p + i * a_step, u);
    right.at(q + i * b_step, v);
    i32x4 w[4];
    for (int k = 0; k < 4; ++k) {
      w[k] = wrapping_add(reinterpret_cast<i32x4>(apply<kOp>(u[k], v[k]) / divisor + bias), offset);
    }
    const u8x16 codes = narrow_unsigned(narrow(w[0], w[1]), narrow(w[2], w[3]));
    store(y + i, min(max(codes, low), high) ^ flip);
    // The last step overlaps the one before it.
    i = i + kStep < n ? std::min(i + kStep, n - kStep) : n;
  }
}

// The largest magnitude of an operand.
float reach(const ByteOperand& x) {
  return static_cast<float>(std::max(std::abs(x.zero), std::abs(255 - x.zero))) * x.scale;
}

template <BinaryInt8 kOp>
void run(const ByteOperand& a, const ByteOperand& b, int64_t n, const ByteResult& result, uint8_t* y) {
  const float most = kOp == BinaryInt8::kMul ? reach(a) * reach(b) : reach(a) + reach(b);
  if (n >= kStep && most / result.scale < kMaxSteps) return run_vectors<kOp>(a, b, n, result, y);
  for (int64_t i = 0; i < n; ++i) {
    y[i] = combine<kOp>(real_of(a, i * a.step), real_of(b, i * b.step), result);
  }
}

}  // namespace

void binary_int8_run(BinaryInt8 op, const ByteOperand& a, const ByteOperand& b, int64_t n, const ByteResult& result,
                     uint8_t* y) {
  switch (op) {
    case BinaryInt8::kAdd:
      return run<BinaryInt8::kAdd>(a, b, n, result, y);
    case BinaryInt8::kSub:
      return run<BinaryInt8::kSub>(a, b, n, result, y);
    case BinaryInt8::kMul:
      return run<BinaryInt8::kMul>(a, b, n, result, y);
  }
}

// Sixteen byte shuffles over pieces of the table would be as many instructions, and measured no faster.
void table_run(const uint8_t* x, int64_t n, const uint8_t* table, uint8_t* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = table[x[i]];
}

}  // namespace halftone
