// Counts of a stream of values over [-limit, limit]. The limit is a power of two that doubles when a
// larger value comes, and bins then merge pairwise: exactly, so the counts depend neither on the order of
// the stream nor on how it was cut into pieces.
// Formula: with m = floor(|v| * (kBins / 2) / limit), v goes to bin kBins / 2 + m, or kBins / 2 - 1 - m
// where v < 0. Exact zeros are counted apart: after a Relu they would drown every other bin.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace halftone {

class Histogram {
 public:
  static constexpr int kBins = 2048;

  // Counts each finite value `weight` times; the others only in non_finite(). Time: about a nanosecond a value.
  void add(std::span<const float> values, uint64_t weight = 1);
  // As if this had seen the other's stream as well.
  void merge(const Histogram& other);

  double limit() const { return limit_; }  // every |v| < limit; 0: nothing but zeros seen
  double bin_width() const { return limit_ * 2 / kBins; }
  uint64_t total() const { return total_; }  // finite values, zeros included
  uint64_t zeros() const { return zeros_; }
  uint64_t non_finite() const { return non_finite_; }
  // kBins counts from -limit to limit, without the zeros; empty while limit() is 0.
  const std::vector<uint64_t>& counts() const { return counts_; }

  bool operator==(const Histogram&) const = default;

 private:
  void widen_to(double limit);

  double limit_ = 0;
  uint64_t total_ = 0, zeros_ = 0, non_finite_ = 0;
  std::vector<uint64_t> counts_;
};

}  // namespace halftone
