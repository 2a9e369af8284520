// What is kept of a tensor's values over the calibration data: extremes, a histogram that widens as values come, and
// averages of the extremes; never activations, so 10,000 images take no more memory than 10. Observers (observer.h)
// turn it into a range. The order of updates does not matter (but for the averages), and merging two equals having
// seen both streams. NaN and infinities are counted, not used.
// Sampling: of an update of n values, extremes come from all of them and the histogram from one of every k
// neighbours, counted k times, k = max(1, floor(n / 2^15)).
#pragma once

#include <cstdint>
#include <span>

#include "core/stats/choose_params.h"
#include "core/stats/histogram.h"

namespace halftone {

class Observation {
 public:
  // Takes the values of one tensor of one run.
  void update(std::span<const float> values);
  void merge(const Observation& other);

  Range extremes() const { return extremes_; }  // contains 0
  // Formula: m = the first update's extremes, then m += 0.01 * (extremes - m). Source: onnxruntime's moving average.
  Range average() const { return average_; }
  const Histogram& histogram() const { return histogram_; }
  uint64_t updates() const { return updates_; }        // with at least one finite value
  uint64_t count() const { return count_; }            // finite values seen
  uint64_t non_finite() const { return non_finite_; }  // NaN and infinities seen

 private:
  Range extremes_, average_;
  Histogram histogram_;
  uint64_t updates_ = 0, count_ = 0, non_finite_ = 0;
};

}  // namespace halftone
