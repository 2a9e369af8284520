// Scale and zero point: against numbers worked out by hand, and what must hold for any range.
#include "core/stats/choose_params.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>
#include <limits>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// All codes of a storage type; symmetric: without the lowest.
Grid grid_of(DType dtype, bool symmetric) {
  const DTypeInfo& info = dtype_info(dtype);
  return make_grid(
      {.bits = info.bits, .is_signed = info.kind == DKind::kSigned, .symmetric = symmetric, .restricted = symmetric});
}

TEST(ChooseParams, Table) {
  struct Case {
    Range range;
    DType dtype;
    bool symmetric;
    float scale;
    int32_t zero_point;
  };
  const Case cases[] = {
      {{0, 255}, DType::kUint8, false, 1, 0},
      {{0, 255}, DType::kInt8, false, 1, -128},
      {{-127, 128}, DType::kUint8, false, 1, 127},
      {{-255, 0}, DType::kUint8, false, 1, 255},
      {{-255, 0}, DType::kInt8, false, 1, 127},
      {{10, 510}, DType::kUint8, false, 2, 0},  // widened to 0
      {{-510, -10}, DType::kUint8, false, 2, 255},
      {{-1, 1}, DType::kUint8, false, 2.0f / 255, 128},  // -low / scale is 127.5: to even
      {{-6, 6}, DType::kInt8, true, 6.0f / 127, 0},
      {{-3, 6.35f}, DType::kInt8, true, 0.05f, 0},
      {{-6.35f, 3}, DType::kInt8, true, 0.05f, 0},
      {{-1, 0.5f}, DType::kUint8, true, 1.0f / 127, 128},
      {{0, 15}, DType::kUint4, false, 1, 0},
      {{-7, 7}, DType::kInt4, true, 1, 0},
      {{-1, 1}, DType::kInt16, true, 1.0f / 32767, 0},
      {{0, 65535}, DType::kUint16, false, 1, 0},
      {{0, 0}, DType::kUint8, false, 1, 0},
      {{0, 0}, DType::kInt8, false, 1, 0},
      {{0, 0}, DType::kInt8, true, 1, 0},
      {{0, 0}, DType::kUint8, true, 1, 128},
      {{-1e-40f, 1e-40f}, DType::kInt8, true, 1, 0},  // the scale would be subnormal
      {{kNan, kNan}, DType::kInt8, false, 1, 0},
      {{kNan, 255}, DType::kUint8, false, 1, 0},
      {{0, kInf}, DType::kInt8, true, FLT_MAX / 127, 0},
  };
  for (const Case& c : cases) {
    const QuantParams p = choose_params(c.range, grid_of(c.dtype, c.symmetric));
    EXPECT_EQ(p.dtype, c.dtype);
    EXPECT_TRUE(p.per_tensor());
    ASSERT_EQ(p.scale.size(), 1u);
    ASSERT_EQ(p.zero_point.size(), 1u);
    EXPECT_FLOAT_EQ(p.scale[0], c.scale) << c.range.low << " " << c.range.high << " " << dtype_name(c.dtype);
    EXPECT_EQ(p.zero_point[0], c.zero_point) << c.range.low << " " << c.range.high << " " << dtype_name(c.dtype);
  }
}

TEST(ChooseParams, AnyRangeIsCoveredToHalfAStepAndScalesAreNormal) {
  Rng rng(8);
  for (int i = 0; i < 20000; ++i) {
    const float low = -std::ldexp(rng.uniform(), static_cast<int>(rng.below(240)) - 120);
    const float high = std::ldexp(rng.uniform(), static_cast<int>(rng.below(240)) - 120);
    for (const DType dtype :
         {DType::kInt8, DType::kUint8, DType::kInt4, DType::kUint4, DType::kInt16, DType::kUint16}) {
      for (const bool symmetric : {false, true}) {
        const QuantParams p = choose_params({low, high}, grid_of(dtype, symmetric));
        const double scale = static_cast<double>(p.scale[0]), zero = p.zero_point[0];
        ASSERT_GE(p.scale[0], FLT_MIN);
        ASSERT_TRUE(std::isfinite(p.scale[0]));
        const DTypeInfo& info = dtype_info(dtype);
        ASSERT_GE(zero, info.lowest);
        ASSERT_LE(zero, info.highest);
        const double slack = scale * (0.5 + 1e-6 * info.highest);
        ASSERT_LE((info.lowest - zero) * scale - slack, static_cast<double>(low));
        ASSERT_GE((info.highest - zero) * scale + slack, static_cast<double>(high));
      }
    }
  }
}

TEST(ChooseParams, SymmetricOnTheFullGridLetsTheLowestCodeCover) {
  const Grid full = make_grid({.bits = 8, .symmetric = true});
  EXPECT_FLOAT_EQ(choose_params({-6.4f, 3}, full).scale[0], 0.05f);
  EXPECT_FLOAT_EQ(choose_params({-3, 6.35f}, full).scale[0], 0.05f);
}

TEST(ChooseParams, PowersOfTwoAreRoundedUp) {
  for (const bool symmetric : {false, true}) {
    for (int bits = 2; bits <= 16; ++bits) {
      const Grid grid =
          make_grid({.bits = bits, .symmetric = symmetric, .restricted = symmetric, .power_of_two = true});
      for (const Range range : {Range{-1, 1}, Range{-0.3f, 7.1f}, Range{0, 1e-20f}, Range{-1e30f, 0}}) {
        const QuantParams p = choose_params(range, grid);
        int exponent = 0;
        EXPECT_EQ(std::frexp(p.scale[0], &exponent), 0.5f);
        const double exact =
            scale_for(range, make_grid({.bits = bits, .symmetric = symmetric, .restricted = symmetric}));
        EXPECT_GE(p.scale[0], exact * (1 - 1e-7));
        EXPECT_LT(p.scale[0], exact * 2);
        const Range covers = covered(p, grid);
        EXPECT_LE(covers.low, range.low * (1 - 1e-6) + p.scale[0] / 2);
        EXPECT_GE(covers.high, range.high * (1 - 1e-6) - p.scale[0] / 2);
      }
    }
  }
}

}  // namespace
}  // namespace halftone
