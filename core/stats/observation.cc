// One pass over all values for the extremes, one over the sample for the histogram. The first is written as fixed
// lanes: compilers then use vector minimum and maximum without being allowed to reorder floating-point arithmetic.
#include "core/stats/observation.h"

#include <algorithm>
#include <array>
#include <bit>

namespace halftone {
namespace {

constexpr size_t kLanes = 16, kSample = size_t{1} << 16;
constexpr float kMomentum = 0.01f;

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

Range joined(Range a, Range b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

// Extremes of at most 2^30 values; counts what is not finite.
Range extremes_of(std::span<const float> values, uint64_t& non_finite) {
  Lanes lanes;
  const size_t whole = values.size() / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) lanes.take(values.data() + i);
  std::array<float, kLanes> rest{};
  std::copy(values.begin() + static_cast<ptrdiff_t>(whole), values.end(), rest.begin());
  lanes.take(rest.data());
  Range range;
  for (size_t k = 0; k < kLanes; ++k) {
    range = joined(range, {lanes.low[k], lanes.high[k]});
    non_finite += lanes.non_finite[k];
  }
  return range;
}

}  // namespace

void Observation::update(std::span<const float> values) {
  constexpr size_t kChunk = size_t{1} << 30;  // below what a lane's counter holds
  Range seen;
  uint64_t bad = 0;
  for (size_t begin = 0; begin < values.size(); begin += kChunk) {
    seen = joined(seen, extremes_of(values.subspan(begin, std::min(kChunk, values.size() - begin)), bad));
  }
  non_finite_ += bad;
  count_ += values.size() - bad;
  if (values.size() == bad) return;
  extremes_ = joined(extremes_, seen);
  const float weight = updates_ == 0 ? 1 : kMomentum;
  average_.low += weight * (seen.low - average_.low);
  average_.high += weight * (seen.high - average_.high);
  ++updates_;
  histogram_.add(values, values.size() <= kSample ? 1 : (values.size() / kSample) | 1);
}

void Observation::merge(const Observation& other) {
  non_finite_ += other.non_finite_;
  if (other.updates_ == 0) return;
  count_ += other.count_;
  updates_ += other.updates_;
  const float weight = static_cast<float>(static_cast<double>(other.updates_) / static_cast<double>(updates_));
  average_.low += weight * (other.average_.low - average_.low);
  average_.high += weight * (other.average_.high - average_.high);
  extremes_ = joined(extremes_, other.extremes_);
  histogram_.merge(other.histogram_);
}

}  // namespace halftone
