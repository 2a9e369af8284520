// Integer grids: their codes for every width, and what simulates widths that no type has.
#include "core/stats/grid.h"

#include <gtest/gtest.h>

namespace halftone {
namespace {

TEST(Grid, CodesOfEveryWidth) {
  for (int bits = 2; bits <= 16; ++bits) {
    const int levels = 1 << bits;
    for (const bool is_signed : {false, true}) {
      for (const bool restricted : {false, true}) {
        const Grid grid = make_grid({.bits = bits, .is_signed = is_signed, .restricted = restricted});
        EXPECT_EQ(grid.levels(), levels - restricted);
        EXPECT_EQ(grid.highest, is_signed ? levels / 2 - 1 : levels - 1);
        EXPECT_EQ(grid.middle, is_signed ? 0 : levels / 2);
        EXPECT_EQ(grid.middle - grid.lowest, grid.highest - grid.middle + (restricted ? 0 : 1));
        const DTypeInfo& type = dtype_info(grid.dtype);
        EXPECT_EQ(type.kind, is_signed ? DKind::kSigned : DKind::kUnsigned);
        EXPECT_LE(type.lowest, grid.lowest);
        EXPECT_GE(type.highest, grid.highest);
        EXPECT_TRUE(type.bits == bits || type.bits < 2 * bits) << bits;  // the narrowest there is
      }
    }
  }
}

TEST(Grid, StorageOfActivationsIsAByteAtLeast) {
  const struct {
    int bits;
    DType type;
    bool clip;
  } cases[] = {{2, DType::kUint8, true},  {7, DType::kUint8, true},   {8, DType::kUint8, false},
               {9, DType::kUint16, true}, {15, DType::kUint16, true}, {16, DType::kUint16, false}};
  for (const auto& c : cases) {
    const Grid grid = make_grid({.bits = c.bits, .is_signed = false, .least_storage = 8});
    EXPECT_EQ(grid.dtype, c.type) << c.bits;
    EXPECT_EQ(needs_clip(grid), c.clip) << c.bits;
  }
  EXPECT_FALSE(needs_clip(make_grid({.bits = 8, .restricted = true})));
  EXPECT_TRUE(needs_clip(make_grid({.bits = 7, .restricted = true})));
}

TEST(GridDeathTest, OtherWidthsAreOurBug) {
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(make_grid({.bits = 1})), "");
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(make_grid({.bits = 17})), "");
}

}  // namespace
}  // namespace halftone
