// Observers watch a tensor's values over the calibration data and answer with a range to quantize.
// They stream: two numbers or one histogram that widens as values come, never whole activations, so
// 10,000 images take no more memory than 10. Order does not matter, and merging two observers equals
// having seen both streams. NaN and infinities are counted, not used.
// Leaves to others: which tensors are watched (passes), what the range becomes (choose_params.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "core/base/result.h"
#include "core/stats/choose_params.h"
#include "core/stats/histogram.h"

namespace halftone {

class Observer {
 public:
  virtual ~Observer() = default;
  // The name it was made by.
  virtual std::string_view name() const = 0;
  // Takes the values of one tensor of one run.
  virtual void update(std::span<const float> values) = 0;
  // Adds what `other` has seen; CHECKs that both were made by the same name.
  virtual void merge(const Observer& other) = 0;
  // The range to cover; always contains 0 and is finite. Empty stream: [0, 0].
  virtual Range compute() const = 0;

  uint64_t count() const { return count_; }            // finite values seen
  uint64_t non_finite() const { return non_finite_; }  // NaN and infinities seen

 protected:
  uint64_t count_ = 0;
  uint64_t non_finite_ = 0;
};

// name: one of observer_names(). Error: kInvalidRecipe naming the unknown one, with the known ones as hint.
Result<std::unique_ptr<Observer>> make_observer(std::string_view name);

// "minmax": the smallest and the largest value seen.
std::span<const std::string_view> observer_names();

}  // namespace halftone
