// Scratch: alignment, blocks that do not overlap, one block after the first round, limits.
#include "core/runtime/scratch.h"

#include <gtest/gtest.h>

#include <cstring>

namespace halftone {
namespace {

TEST(Scratch, BlocksAreAlignedAndApart) {
  Scratch scratch;
  for (int round = 0; round < 3; ++round) {
    std::vector<uint8_t*> blocks;
    for (int64_t bytes : {1, 100, 64, 0, 5000}) {
      auto block = scratch.take(bytes);
      ASSERT_TRUE(block.ok());
      EXPECT_EQ(reinterpret_cast<uintptr_t>(*block) % 64, 0u);
      blocks.push_back(static_cast<uint8_t*>(*block));
      std::memset(blocks.back(), static_cast<int>(blocks.size()), static_cast<size_t>(bytes));
    }
    EXPECT_EQ(blocks[0][0], 1);
    EXPECT_EQ(blocks[1][99], 2);
    EXPECT_EQ(blocks[2][63], 3);
    EXPECT_EQ(blocks[4][4999], 5);
    scratch.reset();
  }
}

TEST(Scratch, SecondRoundFindsOneBlock) {
  Scratch scratch;
  for (int64_t bytes : {1000, 2000, 3000}) ASSERT_TRUE(scratch.take(bytes).ok());
  scratch.reset();
  const int64_t held = scratch.bytes();
  EXPECT_GE(held, 6000);
  for (int64_t bytes : {1000, 2000, 3000}) ASSERT_TRUE(scratch.take(bytes).ok());
  scratch.reset();
  EXPECT_EQ(scratch.bytes(), held);
}

TEST(Scratch, AbsurdSizesAreRefused) {
  Scratch scratch;
  for (int64_t bytes : {int64_t{-1}, INT64_MAX}) {
    const auto refused = scratch.take(bytes);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  }
}

}  // namespace
}  // namespace halftone
