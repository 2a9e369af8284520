// Observer "minmax". The range always contains 0, so a value that is not finite is simply read as 0.
// Written as fixed lanes: compilers then use vector minimum and maximum without being allowed to reorder
// floating-point arithmetic.
#include <algorithm>
#include <array>
#include <bit>

#include "core/stats/observers.h"

namespace halftone {
namespace {

constexpr size_t kLanes = 16;

struct Lanes {
  std::array<float, kLanes> low{}, high{};
  std::array<uint32_t, kLanes> non_finite{};

  void take(const float* values) {
    for (size_t k = 0; k < kLanes; ++k) {
      const uint32_t bits = std::bit_cast<uint32_t>(values[k]);
      const bool bad = (bits & 0x7f800000u) == 0x7f800000u;
      const float v = std::bit_cast<float>(bad ? 0u : bits);
      low[k] = v < low[k] ? v : low[k];
      high[k] = v > high[k] ? v : high[k];
      non_finite[k] += bad ? 1u : 0u;
    }
  }
};

class MinMaxObserver final : public Observer {
 public:
  std::string_view name() const override { return "minmax"; }

  void update(std::span<const float> values) override {
    constexpr size_t kChunk = size_t{1} << 30;  // below what a lane's counter holds
    for (size_t begin = 0; begin < values.size(); begin += kChunk) {
      update_chunk(values.subspan(begin, std::min(kChunk, values.size() - begin)));
    }
  }

  void merge(const Observer& other) override {
    HT_CHECK(other.name() == name());
    widen(other.compute().low, other.compute().high);
    count_ += other.count();
    non_finite_ += other.non_finite();
  }

  Range compute() const override { return range_; }

 private:
  void widen(float low, float high) {
    range_.low = std::min(range_.low, low);
    range_.high = std::max(range_.high, high);
  }

  void update_chunk(std::span<const float> values) {
    Lanes lanes;
    uint64_t bad = 0;
    const size_t whole = values.size() / kLanes * kLanes;
    for (size_t i = 0; i < whole; i += kLanes) lanes.take(values.data() + i);
    std::array<float, kLanes> rest{};
    std::copy(values.begin() + static_cast<ptrdiff_t>(whole), values.end(), rest.begin());
    lanes.take(rest.data());
    for (size_t k = 0; k < kLanes; ++k) {
      widen(lanes.low[k], lanes.high[k]);
      bad += lanes.non_finite[k];
    }
    non_finite_ += bad;
    count_ += values.size() - bad;
  }

  Range range_;
};

}  // namespace

std::unique_ptr<Observer> make_minmax_observer() { return std::make_unique<MinMaxObserver>(); }

}  // namespace halftone
