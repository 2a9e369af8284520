// The observers, one per file; observer.cc is their table.
#pragma once

#include "core/stats/observer.h"
#include "core/stats/range_search.h"

namespace halftone {

Range minmax_range(const Observation& seen, const Grid& grid, const ObserverSettings& settings);
Range moving_average_range(const Observation& seen, const Grid& grid, const ObserverSettings& settings);
Range percentile_range(const Observation& seen, const Grid& grid, const ObserverSettings& settings);
Range entropy_range(const Observation& seen, const Grid& grid, const ObserverSettings& settings);
Range mse_range(const Observation& seen, const Grid& grid, const ObserverSettings& settings);
Range sqnr_range(const Observation& seen, const Grid& grid, const ObserverSettings& settings);
Range aciq_range(const Observation& seen, const Grid& grid, const ObserverSettings& settings);

// The two that a weight's own values can be given to.
Range least_squares_range(const Sample& sample, const Grid& grid);
Range least_weighed_range(const Sample& sample, const Grid& grid);

}  // namespace halftone
