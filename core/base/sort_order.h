// Sorting by places: the order in which elements stand, not the elements, is what is sorted, so that one sort of
// integers (stable, n log n) serves every type. std::sort and std::stable_sort are 2 to 4 KB of code for each type and
// each comparison; this one is for everything but long arrays of numbers.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace halftone {

namespace internal {
using BeforeFn = bool (*)(const void* context, int64_t a, int64_t b);
void sort_order(std::span<int64_t> order, BeforeFn before, const void* context);
std::vector<int64_t> count_up(int64_t n);
}  // namespace internal

// Sorts `order`, in which before(a, b) compares what is at the places a and b.
template <typename Before>
void sort_order(std::span<int64_t> order, const Before& before) {
  const auto call = [](const void* context, int64_t a, int64_t b) {
    return (*static_cast<const Before*>(context))(a, b);
  };
  internal::sort_order(order, call, &before);
}

// The places 0 to n - 1, sorted.
template <typename Before>
std::vector<int64_t> sorted_order(int64_t n, const Before& before) {
  std::vector<int64_t> order = internal::count_up(n);
  sort_order(order, before);
  return order;
}

// Sorts a list, in which before(a, b) compares two elements.
template <typename T, typename Before = std::less<>>
void sort_list(std::vector<T>& list, const Before& before = {}) {
  const auto at = [&](int64_t place) -> const T& { return list[static_cast<size_t>(place)]; };
  const auto order =
      sorted_order(static_cast<int64_t>(list.size()), [&](int64_t a, int64_t b) { return before(at(a), at(b)); });
  std::vector<T> sorted;
  sorted.reserve(list.size());
  for (int64_t place : order) sorted.push_back(std::move(list[static_cast<size_t>(place)]));
  list = std::move(sorted);
}

}  // namespace halftone
