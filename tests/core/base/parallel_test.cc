// parallel_for: every index once whatever the number of threads, who runs what, and a pool that sleeps when idle.
#include "core/base/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <numeric>
#include <thread>
#include <vector>

namespace halftone {
namespace {

class Parallel : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    set_thread_count(GetParam());
    if (thread_count() != GetParam()) GTEST_SKIP() << "threads are not to be had here";
  }
  void TearDown() override { set_thread_count(1); }
};

// What needs a second thread to show.
class ParallelThreads : public Parallel {};

#if HALFTONE_THREADS
INSTANTIATE_TEST_SUITE_P(One, Parallel, testing::Values(1));
INSTANTIATE_TEST_SUITE_P(Several, Parallel, testing::Values(2, 3, 8));
INSTANTIATE_TEST_SUITE_P(Several, ParallelThreads, testing::Values(2, 3, 8));
#else
INSTANTIATE_TEST_SUITE_P(One, Parallel, testing::Values(1));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ParallelThreads);
#endif

TEST_P(Parallel, CoversEveryIndexOnceInMultiplesOfGrain) {
  for (const int64_t n : {0, 1, 7, 64, 1000}) {
    for (const int64_t grain : {0, 1, 3, 64, 4096}) {
      std::vector<int> touched(static_cast<size_t>(n), 0);  // a race here is a race in the pool
      std::atomic<bool> aligned = true;
      parallel_for(n, grain, [&](int64_t begin, int64_t end) {
        if (begin % std::max<int64_t>(grain, 1) != 0 || end > n) aligned = false;
        for (int64_t i = begin; i < end; ++i) ++touched[static_cast<size_t>(i)];
      });
      EXPECT_EQ(touched, std::vector<int>(static_cast<size_t>(n), 1)) << n << " by " << grain;
      EXPECT_TRUE(aligned);
    }
  }
}

TEST_P(Parallel, ManySmallJobsSeeEachOthersWrites) {
  std::vector<int64_t> values(97);
  std::iota(values.begin(), values.end(), 0);
  for (int round = 0; round < 3000; ++round) {
    // Reads what another thread may have written in the round before.
    std::vector<int64_t> next(values.size());
    parallel_for(97, 5, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) next[static_cast<size_t>(i)] = values[static_cast<size_t>(96 - i)] + 1;
    });
    values.swap(next);
  }
  for (int64_t i = 0; i < 97; ++i) EXPECT_EQ(values[static_cast<size_t>(i)], i + 3000);
}

TEST_P(Parallel, WorkersAtOneTimeAreDistinct) {
  std::array<std::atomic<int>, 64> inside{};
  std::atomic<bool> distinct = true, in_range = true;
  for (int round = 0; round < 200; ++round) {
    parallel_for_workers(40, 1, [&](int64_t, int64_t, int worker) {
      if (worker < 0 || worker >= thread_count()) in_range = false;
      auto& mine = inside[static_cast<size_t>(worker)];
      if (mine.fetch_add(1) != 0) distinct = false;
      mine.fetch_sub(1);
    });
  }
  EXPECT_TRUE(in_range);
  EXPECT_TRUE(distinct);
}

// The caller waits in its first piece until another thread has shown up.
TEST_P(ParallelThreads, OtherThreadsTakePart) {
  std::atomic<int> others = 0;
  parallel_for_workers(100, 1, [&](int64_t, int64_t, int worker) {
    if (worker != 0) ++others;
    while (others == 0) std::this_thread::yield();
  });
  EXPECT_GT(others, 0);
}

TEST_P(Parallel, NestedCallsRunInline) {
  std::vector<int> touched(64 * 64, 0);
  std::atomic<bool> stayed = true;
  parallel_for_workers(64, 1, [&](int64_t begin, int64_t end, int outer) {
    const auto self = std::this_thread::get_id();
    for (int64_t row = begin; row < end; ++row) {
      parallel_for_workers(64, 1, [&](int64_t first, int64_t last, int worker) {
        if (worker != outer || std::this_thread::get_id() != self) stayed = false;
        for (int64_t i = first; i < last; ++i) ++touched[static_cast<size_t>(row * 64 + i)];
      });
    }
  });
  EXPECT_TRUE(stayed);
  EXPECT_EQ(touched, std::vector<int>(64 * 64, 1));
}

TEST_P(ParallelThreads, CallersOnSeveralThreadsDoNotMeet) {
  std::atomic<int64_t> total = 0;
  const auto caller = [&] {
    for (int round = 0; round < 300; ++round) {
      parallel_for(50, 2, [&](int64_t begin, int64_t end) { total += end - begin; });
    }
  };
  std::thread other(caller);
  caller();
  other.join();
  EXPECT_EQ(total, 2 * 300 * 50);
}

// Processor time of the whole process while nothing is asked for: a spinning worker would take all of it.
TEST_P(ParallelThreads, IdleThreadsSleep) {
  std::atomic<int64_t> sum = 0;
  parallel_for(1000, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::clock_t start = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 0.06);
  EXPECT_EQ(sum, 1000);
}

TEST(SetThreadCount, MayChangeBetweenCalls) {
  for (const int count : {1, 4, 2, 2, 0, 3, 1}) {
    set_thread_count(count);
    EXPECT_LE(thread_count(), std::max(count, 1));
    std::atomic<int64_t> sum = 0;
    parallel_for(100, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
    EXPECT_EQ(sum, 100);
  }
  EXPECT_EQ(thread_count(), 1);
}

}  // namespace
}  // namespace halftone
