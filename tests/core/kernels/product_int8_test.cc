// Products of two activations against plain sums, for all dots, types and zero points.
#include "core/kernels/gemm/product_int8.h"

#include <gtest/gtest.h>

#include "core/kernels/dot/dot.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

int32_t value(uint8_t byte, bool is_signed) { return is_signed ? static_cast<int8_t>(byte) : byte; }

void check(ProductInt8 p) {
  SCOPED_TRACE(testing::Message() << p.m << "x" << p.n << "x" << p.k << " " << dot_kind_name(p.kind) << " signed "
                                  << p.a_signed << p.b_signed << " zero " << p.a_zero << " " << p.b_zero);
  Rng rng(3);
  const auto a = random_ints<uint8_t>(rng, p.m * p.k, 0, 255), b = random_ints<uint8_t>(rng, p.k * p.n, 0, 255);
  const auto multiplier = random_floats(rng, (p.n + 7) / 8 * 8, 1e-4f, 1e-3f);
  std::vector<int32_t> sums(static_cast<size_t>(p.m * p.n) + 1, 77);
  std::vector<uint8_t> c(sums.size(), 77);
  p.multiplier = multiplier.data();
  std::vector<double> scratch(static_cast<size_t>(product_int8_scratch(p) / 8 + 2));
  pack_product_int8(p, b.data(), scratch.data());
  run_product_int8(p, a.data(), c.data(), scratch.data());
  p.multiplier = nullptr;
  run_product_int8(p, a.data(), sums.data(), scratch.data());
  for (int64_t i = 0; i < p.m; ++i) {
    for (int64_t j = 0; j < p.n; ++j) {
      int32_t sum = 0;
      for (int64_t k = 0; k < p.k; ++k) {
        sum += (value(a[static_cast<size_t>(i * p.k + k)], p.a_signed) - p.a_zero) *
               (value(b[static_cast<size_t>(k * p.n + j)], p.b_signed) - p.b_zero);
      }
      const auto at = static_cast<size_t>(i * p.n + j);
      ASSERT_EQ(sums[at], sum);
      ASSERT_EQ(value(c[at], p.signed_output), requantize(sum, multiplier[static_cast<size_t>(j)], p.range));
    }
  }
  EXPECT_EQ(sums.back(), 77);
  EXPECT_EQ(c.back(), 77);
}

TEST(ProductInt8, EveryDotGivesTheSameBits) {
  const RequantRange ranges[] = {{120, 0, 255}, {-5, -128, 127}};
  for (DotKind machine : {DotKind::kNone, DotKind::kUsdot, DotKind::kSdot, DotKind::kI7}) {
    if (!is_built(machine)) continue;
    for (int form = 0; form < 16; ++form) {
      const bool a_signed = form & 1, b_signed = form & 2, out_signed = form & 4, middle = form & 8;
      for (int64_t m : {1, 2, 5, 6, 7, 13}) {
        for (int64_t n : {1, 7, 8, 9, 31}) {
          for (int64_t k : {0, 1, 15, 16, 17, 32, 33, 129}) {
            check({.kind = product_int8_dot(machine),
                   .m = m,
                   .n = n,
                   .k = k,
                   .a_signed = a_signed,
                   .b_signed = b_signed,
                   .a_zero = a_signed ? -100 : 33,
                   .b_zero = b_signed ? (middle ? 0 : 7) : (middle ? 128 : 255),
                   .multiplier = nullptr,
                   .range = ranges[out_signed],
                   .signed_output = out_signed});
          }
        }
      }
    }
  }
}

TEST(ProductInt8, TakesManyRowsPieceByPiece) {
  check({.kind = is_built(DotKind::kUsdot) ? DotKind::kUsdot : DotKind::kNone,
         .m = 50,
         .n = 700,
         .k = 20,
         .a_signed = false,
         .b_signed = false,
         .a_zero = 3,
         .b_zero = 200,
         .multiplier = nullptr,
         .range = {0, 0, 255},
         .signed_output = false});
}

}  // namespace
}  // namespace halftone
