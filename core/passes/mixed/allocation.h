// One width for each layer, so that the sum of errors is as small as a budget for the sum of costs allows.
// Formula: minimize sum_l error(l, b_l) subject to sum_l cost(l, b_l) <= budget: a multiple-choice knapsack.
//   greedy  all layers at their cheapest, then the step with the most error won per cost, for as long as one fits
//   exact   dynamic programming over the costs, which are counted in units of 1/kUnits of the budget where the budget
//   is
//           larger (rounded up, so that it always holds)
// Source: for errors that add up, Zhou et al. 2018, "Adaptive Quantization for Deep Neural Networks"; Sinha & Zoltners
// 1979, "The Multiple-Choice Knapsack Problem".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace halftone {

inline constexpr int64_t kUnits = 20000;

struct WidthChoice {
  double error = 0;
  int64_t cost = 0;
};
using LayerChoices = std::vector<WidthChoice>;  // never empty

struct FrontPoint {
  int64_t cost = 0;
  double error = 0;
};

// By layer, the index of its choice. nullopt: the cheapest choices cost more than the budget.
std::optional<std::vector<size_t>> allocate_greedily(const std::vector<LayerChoices>& layers, int64_t budget);
std::optional<std::vector<size_t>> allocate_exactly(const std::vector<LayerChoices>& layers, int64_t budget);

FrontPoint total_of(const std::vector<LayerChoices>& layers, const std::vector<size_t>& chosen);
// What a total costs and loses, and by layer the index of its choice.
struct Allocation {
  FrontPoint total;
  std::vector<size_t> chosen;
};

// What each cost buys, from the cheapest on: costs rise, errors fall. By the greedy steps, or the best for each budget
// (budgets in units as above, the greedy steps among them).
std::vector<Allocation> greedy_front(const std::vector<LayerChoices>& layers);
std::vector<Allocation> exact_front(const std::vector<LayerChoices>& layers);

}  // namespace halftone
