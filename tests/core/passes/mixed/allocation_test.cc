#include "core/passes/mixed/allocation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/rng.h"

namespace halftone {
namespace {

std::vector<LayerChoices> random_layers(Rng& rng, size_t layers, size_t widths) {
  std::vector<LayerChoices> list(layers);
  for (LayerChoices& choices : list) {
    double error = 100;
    int64_t cost = 0;
    for (size_t c = 0; c < widths; ++c) {
      cost += 1 + static_cast<int64_t>(rng.next() % 9);
      error *= 0.2 + 0.1 * static_cast<double>(rng.next() % 7);
      choices.push_back({error, cost});
    }
  }
  return list;
}

// Every combination.
double least_error(const std::vector<LayerChoices>& layers, int64_t budget, size_t at = 0) {
  if (budget < 0) return INFINITY;
  if (at == layers.size()) return 0;
  double least = INFINITY;
  for (const WidthChoice& choice : layers[at]) {
    least = std::min(least, choice.error + least_error(layers, budget - choice.cost, at + 1));
  }
  return least;
}

TEST(Allocation, ExactIsTheBestOfAllCombinations) {
  Rng rng(7);
  int greedy_is_worse = 0;
  for (int round = 0; round < 50; ++round) {
    const auto layers = random_layers(rng, 5, 4);
    const int64_t budget = 40 + static_cast<int64_t>(rng.next() % 40);
    const auto exact = allocate_exactly(layers, budget), greedy = allocate_greedily(layers, budget);
    const double best = least_error(layers, budget);
    ASSERT_EQ(exact.has_value(), std::isfinite(best));
    if (!exact) continue;
    EXPECT_LE(total_of(layers, *exact).cost, budget);
    EXPECT_LE(total_of(layers, *greedy).cost, budget);
    EXPECT_NEAR(total_of(layers, *exact).error, best, 1e-9 * best);
    greedy_is_worse += total_of(layers, *greedy).error > best * 1.0001;
  }
  EXPECT_GT(greedy_is_worse, 0);  // else the exact one would be for nothing
}

TEST(Allocation, LargeCostsKeepWithinTheBudget) {
  std::vector<LayerChoices> layers;
  for (int64_t l = 1; l <= 40; ++l) {
    const int64_t elements = l * l * 12345 + 7;
    layers.push_back({{1.0 / static_cast<double>(l), elements * 4}, {0.01 / static_cast<double>(l), elements * 8}});
  }
  const int64_t least = total_of(layers, std::vector<size_t>(layers.size(), 0)).cost;
  const auto exact = allocate_exactly(layers, least * 11 / 10), greedy = allocate_greedily(layers, least * 11 / 10);
  ASSERT_TRUE(exact && greedy);
  EXPECT_LE(total_of(layers, *exact).cost, least * 11 / 10);
  EXPECT_LE(total_of(layers, *exact).error, total_of(layers, *greedy).error);
  EXPECT_TRUE(allocate_exactly(layers, least).has_value());  // rounding must not lose the only one that fits
  EXPECT_FALSE(allocate_exactly(layers, least - 1).has_value());
}

void expect_falling(const std::vector<Allocation>& front, const std::vector<LayerChoices>& layers) {
  ASSERT_GT(front.size(), 6u);
  for (size_t i = 0; i < front.size(); ++i) {
    EXPECT_EQ(front[i].total.cost, total_of(layers, front[i].chosen).cost);
    if (i == 0) continue;
    EXPECT_GT(front[i].total.cost, front[i - 1].total.cost);
    EXPECT_LT(front[i].total.error, front[i - 1].total.error);
  }
}

TEST(Allocation, FrontsBuyLessErrorWithEachStep) {
  Rng rng(3);
  const auto layers = random_layers(rng, 6, 4);
  expect_falling(greedy_front(layers), layers);
  expect_falling(exact_front(layers), layers);
}

TEST(Allocation, TheExactFrontIsTheBestForEveryBudget) {
  Rng rng(11);
  size_t more = 0;
  for (int round = 0; round < 10; ++round) {
    const auto layers = random_layers(rng, 5, 4);
    const auto exact = exact_front(layers), greedy = greedy_front(layers);
    for (const Allocation& point : exact) {
      EXPECT_NEAR(point.total.error, least_error(layers, point.total.cost), 1e-9);
      EXPECT_LT(point.total.error, least_error(layers, point.total.cost - 1));
    }
    EXPECT_EQ(exact.front().total.cost, greedy.front().total.cost);
    EXPECT_NEAR(exact.back().total.error, greedy.back().total.error, 1e-9);
    more += exact.size() > greedy.size();
  }
  EXPECT_GT(more, 5u);
}

}  // namespace
}  // namespace halftone
