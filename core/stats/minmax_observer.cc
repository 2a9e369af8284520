// Observer "minmax": from the smallest to the largest value seen. Nothing saturates; one outlier costs every other
// value precision.
#include "core/stats/observers.h"

namespace halftone {

Range minmax_range(const Observation& seen, const Grid&, const ObserverSettings&) { return seen.extremes(); }

}  // namespace halftone
