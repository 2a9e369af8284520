// Min-max observer: the smallest and largest finite value seen.
#include <cmath>

#include "core/stats/observers.h"

namespace halftone {
namespace {

class MinMaxObserver final : public Observer {
 public:
  void update(std::span<const float> values) override {
    // Selects instead of branches, so that compilers vectorize; x - x is 0 for finite x only.
    float low = 0, high = 0;
    uint64_t bad = 0;
    for (const float v : values) {
      const bool finite = v - v == 0;
      bad += finite ? 0 : 1;
      const float x = finite ? v : 0;
      low = x < low ? x : low;
      high = x > high ? x : high;
    }
    range_.low = low < range_.low ? low : range_.low;
    range_.high = high > range_.high ? high : range_.high;
    count_ += values.size() - bad;
    non_finite_ += bad;
  }

  Range compute() const override { return range_; }
  uint64_t count() const override { return count_; }

 private:
  Range range_;
  uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Observer> make_minmax_observer() { return std::make_unique<MinMaxObserver>(); }

}  // namespace halftone
