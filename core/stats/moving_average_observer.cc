// Observer "moving_average": extremes of single inputs, averaged, so that one unusual input moves the range little.
// Formula and source: observation.h. The only observer that minds the order of inputs.
#include "core/stats/observers.h"

namespace halftone {

Range moving_average_range(const Observation& seen, const Grid&, const ObserverSettings&) { return seen.average(); }

}  // namespace halftone
