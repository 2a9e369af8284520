// Both solvers of the knapsack.
#include "core/passes/mixed/allocation.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace halftone {
namespace {

std::vector<size_t> cheapest(const std::vector<LayerChoices>& layers) {
  std::vector<size_t> chosen;
  for (const LayerChoices& choices : layers) {
    const auto least = std::min_element(choices.begin(), choices.end(), [](const WidthChoice& a, const WidthChoice& b) {
      return a.cost < b.cost || (a.cost == b.cost && a.error < b.error);
    });
    chosen.push_back(static_cast<size_t>(least - choices.begin()));
  }
  return chosen;
}

// Takes the best step that keeps within the budget until there is none; `visit` sees every total.
std::vector<size_t> climb(const std::vector<LayerChoices>& layers, int64_t budget,
                          const std::function<void(FrontPoint)>& visit) {
  std::vector<size_t> chosen = cheapest(layers);
  FrontPoint total = total_of(layers, chosen);
  for (;;) {
    visit(total);
    size_t layer = 0, choice = 0;
    double most = 0;
    for (size_t l = 0; l < layers.size(); ++l) {
      const WidthChoice& now = layers[l][chosen[l]];
      for (size_t c = 0; c < layers[l].size(); ++c) {
        const double won = now.error - layers[l][c].error;
        const int64_t more = layers[l][c].cost - now.cost;
        if (won <= 0 || more > budget - total.cost) continue;
        const double rate = won / static_cast<double>(std::max<int64_t>(1, more));
        if (rate <= most) continue;
        most = rate;
        layer = l;
        choice = c;
      }
    }
    if (most == 0) return chosen;
    total.cost += layers[layer][choice].cost - layers[layer][chosen[layer]].cost;
    total.error += layers[layer][choice].error - layers[layer][chosen[layer]].error;
    chosen[layer] = choice;
  }
}

}  // namespace

FrontPoint total_of(const std::vector<LayerChoices>& layers, const std::vector<size_t>& chosen) {
  FrontPoint total;
  for (size_t l = 0; l < layers.size(); ++l) {
    total.cost += layers[l][chosen[l]].cost;
    total.error += layers[l][chosen[l]].error;
  }
  return total;
}

std::optional<std::vector<size_t>> allocate_greedily(const std::vector<LayerChoices>& layers, int64_t budget) {
  if (total_of(layers, cheapest(layers)).cost > budget) return std::nullopt;
  return climb(layers, budget, [](FrontPoint) {});
}

std::vector<FrontPoint> pareto_front(const std::vector<LayerChoices>& layers) {
  std::vector<FrontPoint> front;
  climb(layers, std::numeric_limits<int64_t>::max() / 2, [&](FrontPoint point) { front.push_back(point); });
  return front;
}

std::optional<std::vector<size_t>> allocate_exactly(const std::vector<LayerChoices>& layers, int64_t budget) {
  const std::optional<std::vector<size_t>> greedy = allocate_greedily(layers, budget);
  if (!greedy) return std::nullopt;
  const int64_t unit = std::max<int64_t>(1, (budget + kUnits - 1) / kUnits);
  const auto room = static_cast<size_t>(budget / unit);
  const double none = std::numeric_limits<double>::infinity();
  // error[u]: the least error of the layers so far that cost at most u units; taken[l][u]: the choice that gave it.
  std::vector<double> error(room + 1, 0.0), next(room + 1);
  std::vector<std::vector<uint8_t>> taken(layers.size(), std::vector<uint8_t>(room + 1));
  for (size_t l = 0; l < layers.size(); ++l) {
    std::fill(next.begin(), next.end(), none);
    for (size_t c = 0; c < layers[l].size(); ++c) {
      const auto units = static_cast<size_t>((layers[l][c].cost + unit - 1) / unit);
      for (size_t u = units; u <= room; ++u) {
        const double sum = error[u - units] + layers[l][c].error;
        if (sum >= next[u]) continue;
        next[u] = sum;
        taken[l][u] = static_cast<uint8_t>(c);
      }
    }
    error.swap(next);
  }
  // Rounded up, costs may leave no room where the budget is just enough.
  if (error[room] >= total_of(layers, *greedy).error) return greedy;
  std::vector<size_t> chosen(layers.size());
  size_t at = room;
  for (size_t l = layers.size(); l-- > 0;) {
    chosen[l] = taken[l][at];
    at -= static_cast<size_t>((layers[l][chosen[l]].cost + unit - 1) / unit);
  }
  return chosen;
}

}  // namespace halftone
