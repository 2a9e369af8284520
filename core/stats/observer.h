// Observers watch a tensor's values over the calibration data and answer with a range to quantize.
// They stream: one histogram that widens as values come, never whole activations, so 10,000 images
// take no more memory than 10. Merging two observers equals having seen both streams.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/quant_params.h"

namespace halftone {

struct Range {
  float low = 0, high = 0;
};

// Counts over [-limit, limit], limit a power of two that doubles (bins merge pairwise, exactly) when a
// larger value comes: so the result does not depend on the order of the stream.
class Histogram {
 public:
  static constexpr int kBins = 2048;
  void add(std::span<const float> values);
  void merge(const Histogram& other);
  double limit() const { return limit_; }                          // 0: nothing but zeros seen
  const std::vector<uint64_t>& counts() const { return counts_; }  // kBins, from -limit to limit
  uint64_t total() const { return total_; }
  uint64_t zeros() const { return zeros_; }  // exact zeros, kept apart from the bins (they would fill one)

 private:
  void widen_to(double limit);
  double limit_ = 0;
  uint64_t total_ = 0, zeros_ = 0;
  std::vector<uint64_t> counts_;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void update(std::span<const float> values) = 0;
  // The range to cover; always contains 0. Empty stream: [0, 0].
  virtual Range compute() const = 0;
  virtual uint64_t count() const = 0;
  uint64_t non_finite() const { return non_finite_; }  // NaN and infinities are counted, not used

 protected:
  uint64_t non_finite_ = 0;
};

// name: "minmax". Error: kInvalidRecipe for an unknown one.
Result<std::unique_ptr<Observer>> make_observer(std::string_view name);
std::span<const std::string_view> observer_names();

// Scale and zero point that cover a range (widened to include 0) with integers of `dtype`.
// symmetric: zero_point = 0 (unsigned: mid-point), scale = max(|low|, |high|) / qmax.
// Degenerate ranges give scale 1. Scales are never subnormal.
QuantParams choose_params(Range range, DType dtype, bool symmetric);

}  // namespace halftone
