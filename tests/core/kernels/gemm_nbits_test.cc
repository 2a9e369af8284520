// Block-quantized products against plain sums: all widths of codes, forms of zero points and dots, at sizes around the
// tile and the block.
#include "core/kernels/gemm/gemm_nbits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/kernels/dot/dot.h"
#include "core/kernels/quant/quantize.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

constexpr float kLow = -1.5f, kHigh = 2.5f, kInf = std::numeric_limits<float>::infinity();

enum class Zero { kMiddle, kWhole, kReal };

struct Weights {
  NBitsShape shape;
  std::vector<uint8_t> codes;
  std::vector<float> scale, zero;  // zero empty: kMiddle

  float at(int64_t n, int64_t k) const {
    const auto b = static_cast<size_t>(n * shape.blocks() + k / shape.block);
    const float middle = static_cast<float>(1 << (shape.bits - 1));
    const auto code = static_cast<float>(packed_get(codes.data(), n * shape.padded_k() + k, shape.bits, false));
    return (code - (zero.empty() ? middle : zero[b])) * scale[b];
  }
};

// Codes behind k are random too: they must not count.
Weights make_weights(const NBitsShape& s, Zero zero, Rng& rng) {
  Weights w{s,
            random_ints<uint8_t>(rng, s.n * s.padded_k() * s.bits / 8, 0, 255),
            random_floats(rng, s.n * s.blocks(), 0.01f, 0.1f),
            {}};
  const int32_t most = (1 << s.bits) - 1;
  if (zero == Zero::kReal) w.zero = random_floats(rng, s.n * s.blocks(), 0, static_cast<float>(most));
  if (zero == Zero::kWhole) {
    for (int32_t z : random_ints<int32_t>(rng, s.n * s.blocks(), 0, most)) w.zero.push_back(static_cast<float>(z));
  }
  return w;
}

// What gemm_nbits_int8 sees of an activation: its block's int8 steps.
std::vector<float> rounded(const std::vector<float>& a, const NBitsShape& s) {
  std::vector<float> out = a;
  for (size_t row = 0; row < a.size(); row += static_cast<size_t>(s.k)) {
    for (int64_t k0 = 0; k0 < s.k; k0 += s.block) {
      float most = 0;
      const auto begin = row + static_cast<size_t>(k0), end = row + static_cast<size_t>(std::min(k0 + s.block, s.k));
      for (size_t i = begin; i < end; ++i) most = std::max(most, std::abs(a[i]));
      const float inverse = most > 0 ? 127.0f / most : 0.0f;
      for (size_t i = begin; i < end; ++i) out[i] = std::nearbyint(a[i] * inverse) * (most / 127.0f);
    }
  }
  return out;
}

void expect_product(const Weights& w, const std::vector<float>& a, const std::vector<float>& bias,
                    const std::vector<float>& c) {
  const NBitsShape& s = w.shape;
  for (size_t i = 0; i < c.size(); ++i) {
    const int64_t m = static_cast<int64_t>(i) / s.n, n = static_cast<int64_t>(i) % s.n;
    double sum = bias.empty() ? 0 : bias[static_cast<size_t>(n)], size = 1;
    for (int64_t k = 0; k < s.k; ++k) {
      const double term = double(a[static_cast<size_t>(m * s.k + k)]) * w.at(n, k);
      sum += term;
      size += std::abs(term);
    }
    sum = std::min<double>(std::max<double>(sum, kLow), kHigh);
    ASSERT_NEAR(c[i], sum, 2e-6 * size * std::max(1, s.bits / 2)) << m << " " << n;
  }
}

void check(const NBitsShape& s, int64_t m, Zero zero, bool integer, DotKind machine) {
  SCOPED_TRACE(testing::Message() << m << "x" << s.n << "x" << s.k << " bits " << s.bits << " block " << s.block
                                  << " zero " << int(zero) << " " << (integer ? dot_kind_name(machine) : "float"));
  Rng rng(7);
  const Weights w = make_weights(s, zero, rng);
  auto packed = pack_nbits(s, w.codes.data(), w.scale, w.zero, integer, machine);
  ASSERT_TRUE(packed.ok());
  std::vector<uint8_t> codes(w.codes.size(), 0xee);
  unpack_nbits(s, packed->kind, packed->bytes.bytes(), codes.data());
  ASSERT_EQ(codes, w.codes);
  std::vector<float> a = random_floats(rng, m * s.k);
  for (size_t i = 0; i < std::min<size_t>(a.size(), 16); ++i) a[i] = 0;  // a block without a largest value
  const std::vector<float> bias = m % 2 == 0 ? random_floats(rng, s.n) : std::vector<float>();
  std::vector<float> c(static_cast<size_t>(m * s.n) + 1, -1.0f);
  const GemmNBits g{*packed, m, a.data(), bias.empty() ? nullptr : bias.data(), c.data(), kLow, kHigh};
  const auto bytes = integer ? gemm_nbits_int8_scratch(s, m) : gemm_nbits_f32_scratch(s, m);
  std::vector<double> scratch(static_cast<size_t>(*bytes / 8 + 2));
  (integer ? gemm_nbits_int8 : gemm_nbits_f32)(g, scratch.data());
  EXPECT_EQ(c.back(), -1.0f);
  c.pop_back();
  expect_product(w, integer ? rounded(a, s) : a, bias, c);
}

void check_all(bool integer, DotKind machine) {
  for (int bits : {2, 4, 8}) {
    for (Zero zero : {Zero::kMiddle, Zero::kWhole, Zero::kReal}) {
      for (int64_t m : {1, 2, 5, 6, 7, 13}) {
        for (int64_t k : {1, 15, 16, 17, 32, 33, 129}) {
          const int64_t block = k % 2 == 0 || m == 7 ? 16 : 32;
          for (int64_t n : {1, 7, 8, 9, 31}) check({bits, n, k, block}, m, zero, integer, machine);
        }
      }
    }
  }
}

TEST(GemmNBits, FloatMatchesPlainSums) { check_all(false, DotKind::kNone); }

TEST(GemmNBits, FloatUnpacksGroupAfterGroup) {
  // 1,030 columns of 1,025 floats are more than one group of unpacked panels.
  check({4, 1030, 1025, 64}, 3, Zero::kWhole, false, DotKind::kNone);
}

TEST(GemmNBits, IntegersMatchPlainSumsOfRoundedActivations) {
  for (DotKind machine : {DotKind::kNone, DotKind::kUsdot, DotKind::kSdot, DotKind::kI7}) {
    if (is_built(machine)) check_all(true, machine);
  }
}

TEST(GemmNBits, IntegerSumsAreExactAtTheExtremes) {
  // All codes and all activations at their largest: the sums of i7 pairs and of 8-bit codes are as large as they get.
  for (DotKind machine : {DotKind::kNone, DotKind::kUsdot, DotKind::kSdot, DotKind::kI7}) {
    if (!is_built(machine)) continue;
    for (int bits : {2, 4, 8}) {
      const NBitsShape s{bits, 8, 128, 128};
      const std::vector<uint8_t> codes(static_cast<size_t>(8 * 128 * bits / 8), 255);
      const std::vector<float> scale(8, 1.0f), zero(8, 0.0f), a(4 * 128, -127.0f);
      auto w = pack_nbits(s, codes.data(), scale, zero, true, machine);
      ASSERT_TRUE(w.ok());
      std::vector<float> c(32);
      std::vector<double> scratch(static_cast<size_t>(*gemm_nbits_int8_scratch(s, 4) / 8 + 2));
      gemm_nbits_int8({*w, 4, a.data(), nullptr, c.data(), -kInf, kInf}, scratch.data());
      const float most = static_cast<float>((1 << bits) - 1);
      for (float v : c) EXPECT_EQ(v, -127.0f * 128 * most) << dot_kind_name(machine) << bits;
    }
  }
}

}  // namespace
}  // namespace halftone
