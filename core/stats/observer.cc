// The tables of observers.
#include "core/stats/observer.h"

#include <algorithm>
#include <array>

#include "core/stats/observers.h"

namespace halftone {
namespace {

struct Entry {
  std::string_view name;
  Observer observer;
};

constexpr std::array kObservers = {
    Entry{"minmax", minmax_range},
    Entry{"moving_average", moving_average_range},
    Entry{"percentile", percentile_range},
    Entry{"entropy", entropy_range},
    Entry{"mse", mse_range},
    Entry{"sqnr", sqnr_range},
    Entry{"aciq", aciq_range},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kObservers.size()> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kObservers[i].name;
  return names;
}();

constexpr std::array<std::string_view, 5> kWeightNames = {"minmax", "percentile", "mse", "sqnr", "aciq"};

// Up to so many values the search looks at each of them: as exact as can be, and no slower than bins.
constexpr size_t kFew = Histogram::kBins;

}  // namespace

std::span<const std::string_view> observer_names() { return kNames; }
std::span<const std::string_view> weight_observer_names() { return kWeightNames; }

Observer find_observer(std::string_view name) {
  for (const Entry& entry : kObservers) {
    if (entry.name == name) return entry.observer;
  }
  return nullptr;
}

Range weight_range(std::string_view observer, std::span<const float> values, const Grid& grid,
                   const ObserverSettings& settings) {
  if (values.size() <= kFew && observer == "mse") return least_squares_range(Sample::of(values), grid);
  if (values.size() <= kFew && observer == "sqnr") return least_weighed_range(Sample::of(values), grid);
  Observation seen;
  seen.update(values);
  return find_observer(observer)(seen, grid, settings);
}

}  // namespace halftone
