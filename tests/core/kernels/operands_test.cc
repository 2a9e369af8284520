#include "core/kernels/dot/operands.h"

#include <gtest/gtest.h>

namespace halftone {
namespace {

TEST(DotOperands, WideWeightsNeedInt16) {
  const std::vector<int16_t> wide{1, 128, 0, 0}, narrow{1, 127, -128, 0};
  for (DotKind machine : {DotKind::kUsdot, DotKind::kSdot, DotKind::kI7}) {
    EXPECT_EQ(choose_dot(machine, wide, 4), DotKind::kNone);
  }
  EXPECT_EQ(choose_dot(DotKind::kUsdot, narrow, 4), DotKind::kUsdot);
  EXPECT_EQ(choose_dot(DotKind::kSdot, narrow, 4), DotKind::kSdot);
  EXPECT_EQ(choose_dot(DotKind::kNone, narrow, 4), DotKind::kNone);
}

TEST(DotOperands, SaturatingDotOnlyWherePairsFitInt16) {
  EXPECT_EQ(choose_dot(DotKind::kI7, std::vector<int16_t>{64, -64, 127, 1, -128, 0}, 6), DotKind::kI7);
  EXPECT_EQ(choose_dot(DotKind::kI7, std::vector<int16_t>{64, 65}, 2), DotKind::kNone);
  EXPECT_EQ(choose_dot(DotKind::kI7, std::vector<int16_t>{0, 127, 127}, 3), DotKind::kI7);
  // Pairs start anew in every row: (0, 127), (127) | (0, 127), (127).
  EXPECT_EQ(choose_dot(DotKind::kI7, std::vector<int16_t>{0, 127, 127, 0, 127, 127}, 3), DotKind::kI7);
}

TEST(DotOperands, AccumulatorBoundIsTheWorstCase) {
  // 255 * 255 * 33025 is the last below 2^31.
  EXPECT_TRUE(accumulator_fits(std::vector<int16_t>(33025, 255), 33025, {}));
  EXPECT_FALSE(accumulator_fits(std::vector<int16_t>(33026, -255), 33026, {}));
  const std::vector<int32_t> bias{INT32_MAX - 255};
  EXPECT_TRUE(accumulator_fits(std::vector<int16_t>{1}, 1, bias));
  EXPECT_FALSE(accumulator_fits(std::vector<int16_t>{2}, 1, bias));
  const std::vector<int32_t> lowest{INT32_MIN};
  EXPECT_FALSE(accumulator_fits(std::vector<int16_t>{0}, 1, lowest));
}

TEST(DotOperands, FormsKeepTheDistanceToZero) {
  for (DotKind kind : {DotKind::kNone, DotKind::kUsdot, DotKind::kSdot, DotKind::kI7}) {
    for (bool is_signed : {false, true}) {
      for (int32_t zero = is_signed ? -128 : 0; zero <= (is_signed ? 127 : 255); ++zero) {
        const ActivationForm form{kind, is_signed, zero};
        for (int v = is_signed ? -128 : 0; v <= (is_signed ? 127 : 255); v += 5) {
          const auto byte = static_cast<uint8_t>(static_cast<uint8_t>(v) ^ form.flip_byte());
          const bool as_signed = kind == DotKind::kSdot || (kind == DotKind::kNone && is_signed);
          const int32_t seen = as_signed ? static_cast<int8_t>(byte) : byte;
          ASSERT_EQ(seen - form.zero(), v - zero) << dot_kind_name(kind) << is_signed;
        }
      }
    }
  }
}

TEST(DotOperands, PanelsHoldRowsSideBySide) {
  const std::vector<int16_t> w{1, 2, 3, 4, 5, -6};  // two rows of three
  const ActivationForm form{DotKind::kUsdot, false, 10};
  auto panels = pack_weight_panels(w, 2, 3, std::vector<int32_t>{100, 200}, form);
  ASSERT_TRUE(panels.ok());
  ASSERT_EQ(panels->bytes.byte_size(), 32);
  const std::vector<int> first(panels->bytes.bytes(), panels->bytes.bytes() + 12);
  EXPECT_EQ(first, (std::vector<int>{1, 2, 3, 0, 4, 5, 250, 0, 0, 0, 0, 0}));
  EXPECT_EQ(unpack_weight_panels(form.kind, panels->bytes.bytes(), 2, 3), w);
  EXPECT_EQ(panels->bias.data<int32_t>()[0], 100 - 10 * 6);
  EXPECT_EQ(panels->bias.data<int32_t>()[1], 200 - 10 * 3);
  EXPECT_EQ(panels->bias.data<int32_t>()[7], 0);
}

}  // namespace
}  // namespace halftone
