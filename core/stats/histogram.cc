// A histogram whose limits are powers of two, so that widening merges bins pairwise and exactly.
#include <cmath>

#include "core/stats/observer.h"

namespace halftone {
namespace {

// The smallest power of two above the magnitude.
double limit_for(double magnitude) {
  int exponent;
  std::frexp(magnitude, &exponent);
  return std::ldexp(1.0, exponent);
}

}  // namespace

void Histogram::widen_to(double limit) {
  if (limit_ == 0) {
    limit_ = limit;
    counts_.assign(kBins, 0);
  }
  while (limit_ < limit) {
    // Bin pairs of the inner range move to the middle half; the outer quarters become free.
    std::vector<uint64_t> wider(kBins, 0);
    for (int i = 0; i < kBins / 2; ++i) {
      const auto from = static_cast<size_t>(2 * i);
      wider[static_cast<size_t>(kBins / 4 + i)] = counts_[from] + counts_[from + 1];
    }
    counts_ = std::move(wider);
    limit_ *= 2;
  }
}

void Histogram::add(std::span<const float> values) {
  float peak = 0;
  for (const float v : values) {
    const float magnitude = std::fabs(v);
    if (magnitude > peak && std::isfinite(magnitude)) peak = magnitude;
  }
  if (peak > 0 && limit_for(peak) > limit_) widen_to(limit_for(peak));
  const double scale = limit_ > 0 ? kBins / (2 * limit_) : 0;
  for (const float v : values) {
    if (!std::isfinite(v)) continue;
    ++total_;
    if (v == 0) {
      ++zeros_;
    } else {
      ++counts_[static_cast<size_t>((static_cast<double>(v) + limit_) * scale)];
    }
  }
}

void Histogram::merge(const Histogram& other) {
  total_ += other.total_;
  zeros_ += other.zeros_;
  if (other.limit_ == 0) return;
  Histogram theirs = other;
  if (theirs.limit_ > limit_) widen_to(theirs.limit_);
  theirs.widen_to(limit_);
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += theirs.counts_[i];
}

}  // namespace halftone
