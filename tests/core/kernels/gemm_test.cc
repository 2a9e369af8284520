// Both matrix products against plain sums, at sizes around the tile and the block.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/kernels/dot/dot.h"
#include "core/kernels/dot/operands.h"
#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/gemm/gemm_int8.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

struct Size {
  int64_t m, n, k;
};

const Size kSizes[] = {{1, 1, 1},     {1, 8, 3},    {2, 7, 4},    {3, 9, 5},   {4, 15, 16},
                       {5, 16, 7},    {6, 8, 8},    {7, 17, 9},   {12, 33, 2}, {13, 31, 31},
                       {1, 1000, 64}, {2, 3, 1025}, {7, 40, 513}, {19, 5, 0},  {6, 700, 40}};

size_t index(int64_t i) { return static_cast<size_t>(i); }

std::vector<double> products(const Size& s, const std::vector<float>& a, const std::vector<float>& b) {
  std::vector<double> c(index(s.m * s.n), 0.0);
  for (int64_t i = 0; i < s.m; ++i) {
    for (int64_t p = 0; p < s.k; ++p) {
      for (int64_t j = 0; j < s.n; ++j) c[index(i * s.n + j)] += double(a[index(i * s.k + p)]) * b[index(p * s.n + j)];
    }
  }
  return c;
}

TEST(GemmF32, MatchesPlainSums) {
  for (const Size& s : kSizes) {
    SCOPED_TRACE(testing::Message() << s.m << "x" << s.n << "x" << s.k);
    Rng rng(3);
    const auto a = random_floats(rng, s.m * s.k), b = random_floats(rng, s.k * s.n),
               bias = random_floats(rng, (s.n + 7) / 8 * 8), start = random_floats(rng, s.m * s.n);
    std::vector<float> packed(index(packed_b_f32_size(s.k, s.n)));
    pack_b_f32(b.data(), s.k, s.n, s.n, 1, 0.5f, packed.data());
    const auto expected = products(s, a, b);
    for (bool accumulate : {false, true}) {
      std::vector<float> c = start;
      gemm_f32({s.m, s.n, s.k, a.data(), s.k, packed.data(), c.data(), s.n, accumulate,
                accumulate ? nullptr : bias.data(), -kInf, 0.25f});
      for (int64_t i = 0; i < s.m * s.n; ++i) {
        const double before = accumulate ? start[index(i)] : bias[index(i % s.n)];
        ASSERT_NEAR(c[index(i)], std::min(before + 0.5 * expected[index(i)], 0.25), 1e-4) << i;
      }
    }
  }
}

TEST(GemmF32, UnpackingGivesTheMatrixBackBitByBit) {
  for (const Size& s : kSizes) {
    Rng rng(4);
    auto b = random_floats(rng, s.k * s.n);
    if (!b.empty()) b[0] = std::numeric_limits<float>::signaling_NaN();
    for (bool transposed : {false, true}) {
      const int64_t row_step = transposed ? 1 : s.n, column_step = transposed ? s.k : 1;
      std::vector<float> packed(index(packed_b_f32_size(s.k, s.n))), back(b.size());
      pack_b_f32(b.data(), s.k, s.n, row_step, column_step, 1, packed.data());
      unpack_b_f32(packed.data(), s.k, s.n, row_step, column_step, reinterpret_cast<uint8_t*>(back.data()));
      EXPECT_TRUE(b.empty() || std::memcmp(back.data(), b.data(), b.size() * 4) == 0) << s.n << "x" << s.k;
    }
  }
}

TEST(GemmF32, PacksTransposedOperand) {
  const std::vector<float> b{1, 2, 3, 4, 5, 6};  // 3 x 2 transposed: columns (1 2 3), (4 5 6)
  std::vector<float> packed(24, -1.0f);
  pack_b_f32(b.data(), 3, 2, 1, 3, 2.0f, packed.data());
  EXPECT_EQ(packed, (std::vector<float>{2, 8, 0, 0, 0, 0, 0, 0, 4, 10, 0, 0, 0, 0, 0, 0, 6, 12, 0, 0, 0, 0, 0, 0}));
}

TEST(GemmF32, WritesOnlyItsColumns) {
  const std::vector<float> a(7, 1.0f), packed(8, 2.0f);
  std::vector<float> c(7 * 5, -1.0f);
  gemm_f32({7, 3, 1, a.data(), 1, packed.data(), c.data(), 5, false, nullptr, -kInf, kInf});
  for (size_t i = 0; i < c.size(); ++i) EXPECT_EQ(c[i], i % 5 < 3 ? 2.0f : -1.0f);
}

void check_int8(const Size& s, DotKind machine, bool is_signed) {
  SCOPED_TRACE(testing::Message() << s.m << "x" << s.n << "x" << s.k << " " << dot_kind_name(machine) << is_signed);
  Rng rng(5);
  const int32_t limit = machine == DotKind::kI7 ? 64 : 127;
  const auto x = random_ints<uint8_t>(rng, s.m * s.k, 0, 255);
  const auto w = random_ints<int16_t>(rng, s.n * s.k, -limit, limit);  // [n][k]
  const auto bias = random_ints<int32_t>(rng, s.n, -1000, 1000);
  auto multiplier = random_floats(rng, (s.n + 7) / 8 * 8, 1e-3f, 0.02f);
  const ActivationForm form{choose_dot(machine, w, s.k), is_signed, 33};
  ASSERT_EQ(form.kind, machine);
  auto panels = pack_weight_panels(w, s.n, s.k, bias, form);
  ASSERT_TRUE(panels.ok());
  std::vector<uint8_t> rows(index(s.m * panels->units * kUnitBytes)), c(index(s.m * s.n));
  pack_activation_rows(x.data(), s.m, s.k, form, rows.data());
  std::vector<int32_t> sums(c.size());
  GemmInt8 g{.kind = form.kind,
             .m = s.m,
             .n = s.n,
             .units = panels->units,
             .a = rows.data(),
             .b = panels->bytes.bytes(),
             .bias = panels->bias.data<int32_t>().data(),
             .multiplier = multiplier.data(),
             .range = {-5, -128, 127},
             .signed_output = true,
             .bounded = false,
             .c = c.data(),
             .ldc = s.n};
  gemm_int8(g);
  g.bounded = true;  // 255 * 127 * 1025 * 0.02 is below 2^22
  std::vector<uint8_t> same(c.size());
  g.c = same.data();
  gemm_int8(g);
  ASSERT_EQ(same, c);
  g.multiplier = nullptr;
  g.c = sums.data();
  gemm_int8(g);
  for (int64_t i = 0; i < s.m; ++i) {
    for (int64_t j = 0; j < s.n; ++j) {
      int32_t sum = bias[index(j)];
      for (int64_t p = 0; p < s.k; ++p) {
        const uint8_t byte = x[index(i * s.k + p)];
        sum += ((is_signed ? static_cast<int8_t>(byte) : byte) - 33) * w[index(j * s.k + p)];
      }
      ASSERT_EQ(sums[index(i * s.n + j)], sum);
      ASSERT_EQ(static_cast<int8_t>(c[index(i * s.n + j)]), requantize(sum, multiplier[index(j)], g.range));
    }
  }
}

TEST(GemmInt8, EveryDotGivesTheSameBits) {
  for (const Size& s : kSizes) {
    for (DotKind machine : {DotKind::kNone, DotKind::kUsdot, DotKind::kSdot, DotKind::kI7}) {
      if (!is_built(machine)) continue;
      for (bool is_signed : {false, true}) check_int8(s, machine, is_signed);
    }
  }
}

}  // namespace
}  // namespace halftone
