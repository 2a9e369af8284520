// Observers answer with the range to quantize: one function each, from what was seen (observation.h) and the grid that
// will quantize it. All of them answer with a range that contains 0, is finite and lies within the extremes.
// Leaves to others: which tensors are watched (passes), what the range becomes (choose_params.h).
#pragma once

#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/stats/observation.h"

namespace halftone {

struct ObserverSettings {
  double percentile = 99.999;  // share of the values that "percentile" covers, in percent
};

using Observer = Range (*)(const Observation& seen, const Grid& grid, const ObserverSettings& settings);

// In the order in which they are offered; each name is explained in its file, <name>_observer.cc.
std::span<const std::string_view> observer_names();
// nullptr: no such observer.
Observer find_observer(std::string_view name);

// The same for weights, which are all there: on the values of one scale themselves where they are few. Names: those
// observers that look at values alone.
std::span<const std::string_view> weight_observer_names();
// values: finite. The range contains 0.
Range weight_range(std::string_view observer, std::span<const float> values, const Grid& grid,
                   const ObserverSettings& settings);

}  // namespace halftone
