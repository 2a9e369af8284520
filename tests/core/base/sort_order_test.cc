#include "core/base/sort_order.h"

#include <gtest/gtest.h>

#include <string>

namespace halftone {
namespace {

TEST(SortOrder, PlacesOfEqualElementsKeepTheirOrder) {
  const std::vector<std::string> words = {"pear", "fig", "plum", "kiwi", "yam", ""};
  const auto shorter = [&](int64_t a, int64_t b) {
    return words[static_cast<size_t>(a)].size() < words[static_cast<size_t>(b)].size();
  };
  EXPECT_EQ(sorted_order(6, shorter), (std::vector<int64_t>{5, 1, 4, 0, 2, 3}));
}

TEST(SortOrder, SortsTheGivenPlacesOnly) {
  const float scores[] = {0.1f, 0.9f, 0.5f, 0.7f};
  std::vector<int64_t> order = {3, 0, 1};
  sort_order(order, [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
  EXPECT_EQ(order, (std::vector<int64_t>{1, 3, 0}));
}

TEST(SortOrder, OfNothingIsEmpty) {
  EXPECT_TRUE(sorted_order(0, [](int64_t, int64_t) { return true; }).empty());
}

}  // namespace
}  // namespace halftone
