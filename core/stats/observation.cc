// Piece by piece: extremes of all values, and a sample for the histogram while the piece is in the cache. Extremes are
// written as fixed lanes: compilers then use vector minimum and maximum without being allowed to reorder floating-point
// arithmetic.
#include "core/stats/observation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace halftone {
namespace {

constexpr size_t kLanes = 16, kPiece = size_t{1} << 12, kSample = size_t{1} << 15;
constexpr float kMomentum = 0.01f;

struct Lanes {
  std::array<float, kLanes> low{}, high{}, sum{};

  void take(const float* values) {
    for (size_t k = 0; k < kLanes; ++k) {
      const float v = values[k];
      low[k] = v < low[k] ? v : low[k];
      high[k] = v > high[k] ? v : high[k];
      sum[k] += v;  // not finite once a value is not, nor after an overflow
    }
  }
};

Range joined(Range a, Range b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

Range finite_extremes(std::span<const float> values, uint64_t& non_finite) {
  Range range;
  for (float v : values) {
    if (std::isfinite(v)) {
      range = joined(range, {v, v});
    } else {
      ++non_finite;
    }
  }
  return range;
}

// Extremes of the finite values; counts the others.
Range extremes_of(std::span<const float> values, uint64_t& non_finite) {
  Lanes lanes;
  const size_t whole = values.size() / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) lanes.take(values.data() + i);
  std::array<float, kLanes> rest{};
  std::copy(values.begin() + static_cast<ptrdiff_t>(whole), values.end(), rest.begin());
  lanes.take(rest.data());
  Range range;
  float sum = 0;
  for (size_t k = 0; k < kLanes; ++k) {
    range = joined(range, {lanes.low[k], lanes.high[k]});
    sum += lanes.sum[k];
  }
  return std::isfinite(sum) ? range : finite_extremes(values, non_finite);
}

// Where in the i-th run of `step` values the sample looks: spread by the golden ratio, so that no pattern of channels or
// rows is met in step.
size_t offset_of(size_t i, size_t step) {
  const auto turned = static_cast<uint32_t>(i) * 0x9e3779b9u;
  return static_cast<size_t>(uint64_t{turned} * step >> 32);
}

}  // namespace

void Observation::update(std::span<const float> values) {
  Range seen;
  uint64_t bad = 0;
  const size_t step = std::max<size_t>(1, values.size() / kSample);
  std::vector<float> sample;
  sample.reserve(std::min(values.size(), 2 * kSample));
  for (size_t begin = 0, at = 0; begin < values.size(); begin += kPiece) {
    const size_t end = std::min(values.size(), begin + kPiece);
    seen = joined(seen, extremes_of(values.subspan(begin, end - begin), bad));
    for (; at < end; at = sample.size() * step + offset_of(sample.size(), step)) sample.push_back(values[at]);
  }
  non_finite_ += bad;
  count_ += values.size() - bad;
  if (values.size() == bad) return;
  extremes_ = joined(extremes_, seen);
  const float weight = updates_ == 0 ? 1 : kMomentum;
  average_.low += weight * (seen.low - average_.low);
  average_.high += weight * (seen.high - average_.high);
  ++updates_;
  histogram_.add(sample, step);
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
