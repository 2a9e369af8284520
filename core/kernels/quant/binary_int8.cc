// Loops over runs of bytes, simple enough for the compiler to vectorize.
#include "core/kernels/quant/binary_int8.h"

namespace halftone {
namespace {

template <BinaryInt8 kOp>
inline uint8_t combine(float a, float b, const ByteResult& r) {
  const float real = kOp == BinaryInt8::kAdd ? a + b : kOp == BinaryInt8::kSub ? a - b : a * b;
  float v = real / r.scale;
  v = v > r.range.low_real() ? v : r.range.low_real();
  v = v < r.range.high_real() ? v : r.range.high_real();
  return static_cast<uint8_t>(static_cast<uint8_t>(round_small(v) + r.range.zero_point) ^ r.flip);
}

inline float real_of(const ByteOperand& x, int64_t i) {
  return static_cast<float>(static_cast<int32_t>(x.data[i] ^ x.flip) - x.zero) * x.scale;
}

template <BinaryInt8 kOp>
void run(const ByteOperand& a_in, const ByteOperand& b_in, int64_t n, const ByteResult& result, uint8_t* y) {
  // Copies that nothing else points to, so that stores to y leave them alone.
  const ByteOperand a = a_in, b = b_in;
  const ByteResult r = result;
  if (a.step != 0 && b.step != 0) {
    for (int64_t i = 0; i < n; ++i) y[i] = combine<kOp>(real_of(a, i), real_of(b, i), r);
  } else if (a.step != 0) {
    const float fixed = real_of(b, 0);
    for (int64_t i = 0; i < n; ++i) y[i] = combine<kOp>(real_of(a, i), fixed, r);
  } else {
    const float fixed = real_of(a, 0);
    for (int64_t i = 0; i < n; ++i) y[i] = combine<kOp>(fixed, real_of(b, i * b.step), r);
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

void table_run(const uint8_t* x, int64_t n, const uint8_t* table, uint8_t* y) {
  for (int64_t i = 0; i < n; ++i) y[i] = table[x[i]];
}

}  // namespace halftone
