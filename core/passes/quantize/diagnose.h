// Facts for diagnosis, as parts of the report: what was seen of a tensor against what its integers cover, and what
// encoding did to each channel of a weight. Numbers are rounded to four digits: they are for eyes.
#pragma once

#include "core/base/json.h"
#include "core/passes/quantize/weights.h"
#include "core/stats/observation.h"

namespace halftone {

// {observed_low, observed_high, zeros, clipped, sqnr, histogram: {low, high, counts}}: `zeros` and `clipped` (beyond
// what the codes cover) are shares of all values; `sqnr` in dB is predicted from the histogram (null: no error, or
// nothing but zeros). The histogram has at most 128 bins over the observed range, zeros left out.
Json tensor_facts(const Observation& seen, const QuantParams& params, const Grid& grid);

// {sqnr, dead, channels: {low, high, sqnr}}: `dead` lists output channels without a weight; the lists are by output
// channel, and left out where there are more than 4,096.
Json weight_facts(const WeightFacts& facts);

}  // namespace halftone
