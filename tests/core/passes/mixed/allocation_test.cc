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

TEST(Allocation, TheFrontBuysLessErrorWithEachStep) {
  Rng rng(3);
  const auto front = pareto_front(random_layers(rng, 6, 4));
  ASSERT_GT(front.size(), 6u);
  for (size_t i = 1; i < front.size(); ++i) {
    EXPECT_GT(front[i].cost, front[i - 1].cost);
    EXPECT_LT(front[i].error, front[i - 1].error);
  }
}

}  // namespace
}  // namespace halftone
