// Elementwise arithmetic on bytes against the formula in the header, one element at a time, and tables.
#include "core/kernels/quant/binary_int8.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

constexpr BinaryInt8 kOps[] = {BinaryInt8::kAdd, BinaryInt8::kSub, BinaryInt8::kMul};
constexpr int64_t kSizes[] = {0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 49, 100, 1000};

float real_at(const ByteOperand& x, int64_t i) {
  return static_cast<float>(static_cast<int32_t>(x.data[i * x.step] ^ x.flip) - x.zero) * x.scale;
}

uint8_t by_formula(BinaryInt8 op, float a, float b, const ByteResult& r) {
  const float real = op == BinaryInt8::kAdd ? a + b : op == BinaryInt8::kSub ? a - b : a * b;
  const int32_t code =
      std::isnan(real / r.scale)
          ? r.range.low
          : static_cast<int32_t>(std::min<double>(
                std::max<double>(std::nearbyint(real / r.scale) + r.range.zero_point, r.range.low), r.range.high));
  return static_cast<uint8_t>(code ^ r.flip);
}

struct Scales {
  float a, b, y;
};

void check_run(BinaryInt8 op, const Scales& s, int64_t n, int64_t a_step, int64_t b_step, Rng& rng) {
  const auto x = random_ints<uint8_t>(rng, n + 1, 0, 255), z = random_ints<uint8_t>(rng, n + 1, 0, 255);
  const auto flip = [&] { return static_cast<uint8_t>(rng.below(2) * 0x80); };
  const auto zero = [&] { return static_cast<int32_t>(rng.below(256)); };
  const ByteOperand a{x.data(), a_step, flip(), zero(), s.a}, b{z.data(), b_step, flip(), zero(), s.b};
  const int32_t low = static_cast<int32_t>(rng.below(2) * 100);
  const ByteResult r{s.y, {zero(), low, 255 - low / 2}, flip()};
  std::vector<uint8_t> y(static_cast<size_t>(n) + 1, 99);
  binary_int8_run(op, a, b, n, r, y.data());
  for (int64_t i = 0; i < n; ++i) {
    ASSERT_EQ(y[static_cast<size_t>(i)], by_formula(op, real_at(a, i), real_at(b, i), r)) << i << " of " << n;
  }
  ASSERT_EQ(y.back(), 99) << "written beyond the end";
}

TEST(BinaryInt8, RunsMatchTheFormula) {
  // Powers of two make ties; the last ones lead far beyond what narrowing could saturate.
  const Scales scales[] = {{0.013f, 0.021f, 0.0277f}, {0.5f, 0.25f, 1.0f}, {1, 1, 2},
                           {2, 0.125f, 0.0625f},      {3, 5, 1e-7f},       {1e30f, 1e30f, 1}};
  Rng rng(47);
  for (BinaryInt8 op : kOps) {
    for (const Scales& s : scales) {
      for (int64_t n : kSizes) {
        check_run(op, s, n, 1, 1, rng);
        check_run(op, s, n, 1, 0, rng);
        check_run(op, s, n, 0, 1, rng);
      }
    }
  }
}

TEST(BinaryInt8, EveryPairOfCodes) {
  std::vector<uint8_t> x(65536), z(65536), y(65536);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<uint8_t>(i >> 8);
    z[i] = static_cast<uint8_t>(i);
  }
  for (BinaryInt8 op : kOps) {
    const ByteOperand a{x.data(), 1, 0, 120, 0.037f}, b{z.data(), 1, 0x80, 131, 0.0191f};
    const ByteResult r{op == BinaryInt8::kMul ? 0.029f : 0.051f, {117, 0, 255}, 0x80};
    binary_int8_run(op, a, b, 65536, r, y.data());
    for (int64_t i = 0; i < 65536; ++i) {
      ASSERT_EQ(y[static_cast<size_t>(i)], by_formula(op, real_at(a, i), real_at(b, i), r));
    }
  }
}

TEST(Table, LooksUpEveryByte) {
  Rng rng(53);
  const auto table = random_ints<uint8_t>(rng, 256, 0, 255);
  for (int64_t n : kSizes) {
    const auto x = random_ints<uint8_t>(rng, n, 0, 255);
    std::vector<uint8_t> y(static_cast<size_t>(n) + 1, 99);
    table_run(x.data(), n, table.data(), y.data());
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) ASSERT_EQ(y[i], table[x[i]]);
    ASSERT_EQ(y.back(), 99);
  }
}

}  // namespace
}  // namespace halftone
