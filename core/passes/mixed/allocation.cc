// Both solvers of the knapsack.
#include "core/passes/mixed/allocation.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "core/base/sort_order.h"

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
                          const std::function<void(FrontPoint, const std::vector<size_t>&)>& visit) {
  std::vector<size_t> chosen = cheapest(layers);
  FrontPoint total = total_of(layers, chosen);
  for (;;) {
    visit(total, chosen);
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

// The best allocation for every budget up to one, by dynamic programming.
class Table {
 public:
  Table(const std::vector<LayerChoices>& layers, int64_t budget)
      : layers_(layers),
        unit_(std::max<int64_t>(1, (budget + kUnits - 1) / kUnits)),
        room_(static_cast<size_t>(budget / unit_)),
        error_(room_ + 1, 0.0),
        taken_(layers.size(), std::vector<uint8_t>(room_ + 1)) {
    std::vector<double> next(room_ + 1);
    for (size_t l = 0; l < layers.size(); ++l) {
      std::fill(next.begin(), next.end(), std::numeric_limits<double>::infinity());
      for (size_t c = 0; c < layers[l].size(); ++c) {
        const size_t units = units_of(layers[l][c]);
        for (size_t u = units; u <= room_; ++u) {
          const double sum = error_[u - units] + layers[l][c].error;
          if (sum >= next[u]) continue;
          next[u] = sum;
          taken_[l][u] = static_cast<uint8_t>(c);
        }
      }
      error_.swap(next);
    }
  }

  size_t room() const { return room_; }
  // The least error of all layers for at most u units; infinite: there is none.
  double error(size_t u) const { return error_[u]; }
  std::vector<size_t> chosen(size_t u) const {
    std::vector<size_t> list(layers_.size());
    for (size_t l = layers_.size(); l-- > 0;) {
      list[l] = taken_[l][u];
      u -= units_of(layers_[l][list[l]]);
    }
    return list;
  }

 private:
  // Rounded up, so that the budget always holds.
  size_t units_of(const WidthChoice& choice) const { return static_cast<size_t>((choice.cost + unit_ - 1) / unit_); }

  const std::vector<LayerChoices>& layers_;
  const int64_t unit_;
  const size_t room_;
  std::vector<double> error_;                // after the last layer, by units
  std::vector<std::vector<uint8_t>> taken_;  // by layer and units
};

// Those that cost more than another one and lose as much, or more, go.
std::vector<Allocation> not_dominated(std::vector<Allocation> all) {
  sort_list(all, [](const Allocation& a, const Allocation& b) {
    return a.total.cost < b.total.cost || (a.total.cost == b.total.cost && a.total.error < b.total.error);
  });
  std::vector<Allocation> front;
  for (Allocation& one : all) {
    if (front.empty() || one.total.error < front.back().total.error) front.push_back(std::move(one));
  }
  return front;
}

std::vector<size_t> dearest(const std::vector<LayerChoices>& layers) {
  std::vector<size_t> chosen;
  for (const LayerChoices& choices : layers) {
    const auto best = std::min_element(choices.begin(), choices.end(), [](const WidthChoice& a, const WidthChoice& b) {
      return a.error < b.error || (a.error == b.error && a.cost < b.cost);
    });
    chosen.push_back(static_cast<size_t>(best - choices.begin()));
  }
  return chosen;
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
  return climb(layers, budget, [](FrontPoint, const std::vector<size_t>&) {});
}

std::optional<std::vector<size_t>> allocate_exactly(const std::vector<LayerChoices>& layers, int64_t budget) {
  const std::optional<std::vector<size_t>> greedy = allocate_greedily(layers, budget);
  if (!greedy) return std::nullopt;
  const Table table(layers, budget);
  // Rounded up, costs may leave no room where the budget is just enough.
  if (table.error(table.room()) >= total_of(layers, *greedy).error) return greedy;
  return table.chosen(table.room());
}

std::vector<Allocation> greedy_front(const std::vector<LayerChoices>& layers) {
  std::vector<Allocation> front;
  climb(layers, std::numeric_limits<int64_t>::max() / 2, [&](FrontPoint total, const std::vector<size_t>& chosen) {
    front.push_back({total, chosen});
  });
  return not_dominated(std::move(front));
}

std::vector<Allocation> exact_front(const std::vector<LayerChoices>& layers) {
  std::vector<Allocation> all = greedy_front(layers);
  const Table table(layers, total_of(layers, dearest(layers)).cost);
  double least = std::numeric_limits<double>::infinity();
  for (size_t u = 0; u <= table.room(); ++u) {
    if (table.error(u) >= least) continue;
    least = table.error(u);
    std::vector<size_t> chosen = table.chosen(u);
    const FrontPoint total = total_of(layers, chosen);
    all.push_back({total, std::move(chosen)});
  }
  return not_dominated(std::move(all));
}

}  // namespace halftone
