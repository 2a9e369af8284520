// The memory plan: no two buffers that live together overlap, alignment, limits, and how tight it is.
#include "core/compile/memory_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr int64_t kNoLimit = int64_t{1} << 40;

void expect_valid(const std::vector<BufferLife>& buffers, const MemoryPlan& plan) {
  ASSERT_EQ(plan.offsets.size(), buffers.size());
  for (size_t i = 0; i < buffers.size(); ++i) {
    EXPECT_EQ(plan.offsets[i] % kBufferAlignment, 0);
    EXPECT_LE(plan.offsets[i] + buffers[i].bytes, plan.bytes);
    for (size_t j = 0; j < i; ++j) {
      if (buffers[i].first > buffers[j].last || buffers[j].first > buffers[i].last) continue;
      const bool apart = plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                         plan.offsets[j] + buffers[j].bytes <= plan.offsets[i];
      EXPECT_TRUE(apart) << i << " and " << j;
    }
  }
}

TEST(MemoryPlan, ChainNeedsTwoBuffers) {
  std::vector<BufferLife> chain;
  for (int32_t i = 0; i < 10; ++i) chain.push_back({1024, i, i + 1});
  const auto plan = plan_memory(chain, kNoLimit);
  ASSERT_TRUE(plan.ok());
  expect_valid(chain, *plan);
  EXPECT_EQ(plan->bytes, 2048);
}

TEST(MemoryPlan, SmallBufferGoesIntoTheSmallestGap) {
  // Around a buffer that lives throughout, two gaps of 256 and 128 open at step 2.
  const std::vector<BufferLife> buffers = {{512, 0, 3}, {256, 0, 1}, {128, 0, 1}, {320, 0, 3}, {128, 2, 3}};
  const auto plan = plan_memory(buffers, kNoLimit);
  ASSERT_TRUE(plan.ok());
  expect_valid(buffers, *plan);
  EXPECT_EQ(plan->bytes, 512 + 320 + 256 + 128);
}

TEST(MemoryPlan, RandomLivesNeverOverlap) {
  Rng rng(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<BufferLife> buffers;
    for (int i = 0; i < 120; ++i) {
      const auto first = static_cast<int32_t>(rng.below(60));
      buffers.push_back({rng.below(5000), first, first + static_cast<int32_t>(rng.below(10))});
    }
    const auto plan = plan_memory(buffers, kNoLimit);
    ASSERT_TRUE(plan.ok());
    expect_valid(buffers, *plan);
    int64_t bound = 0;
    for (int32_t step = 0; step < 70; ++step) {
      int64_t alive = 0;
      for (const BufferLife& b : buffers) {
        if (b.first <= step && step <= b.last) alive += (b.bytes + 63) / 64 * 64;
      }
      bound = std::max(bound, alive);
    }
    EXPECT_LE(plan->bytes, bound * 3 / 2);
  }
}

TEST(MemoryPlan, PastTheLimitIsAnError) {
  const std::vector<BufferLife> together = {{1024, 0, 1}, {1024, 0, 1}};
  EXPECT_TRUE(plan_memory(together, 2048).ok());
  const auto refused = plan_memory(together, 2047);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  EXPECT_FALSE(plan_memory(std::vector<BufferLife>{{INT64_MAX, 0, 0}}, kNoLimit).ok());
}

TEST(MemoryPlan, NothingNeedsNothing) {
  const auto plan = plan_memory({}, kNoLimit);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->bytes, 0);
}

}  // namespace
}  // namespace halftone
