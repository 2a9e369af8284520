// Order-independent histogram; the contract is in histogram.h.
#include "core/stats/histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace halftone {
namespace {

constexpr int kHalf = Histogram::kBins / 2;
constexpr uint32_t kMagnitude = 0x7fffffff, kInfinity = 0x7f800000;
// Smallest limit. Below it the factor of add() would not be a finite float; such values share the inner bins.
constexpr double kMinLimit = 0x1p-100;

// Bits of the largest finite |v|: magnitudes order like their bit patterns.
uint32_t largest_magnitude(std::span<const float> values) {
  uint32_t largest = 0;
  for (float value : values) {
    const uint32_t m = std::bit_cast<uint32_t>(value) & kMagnitude;
    largest = std::max(largest, m < kInfinity ? m : 0u);
  }
  return largest;
}

// Smallest power of two above the float with these (non-zero) magnitude bits.
double limit_for(uint32_t magnitude) {
  const auto exponent = static_cast<uint64_t>(magnitude >> 23);  // biased by 127
  return std::max(std::bit_cast<double>((exponent + 1 + 1023 - 127) << 52), kMinLimit);
}

// Where a value is counted: its bin, or one of two slots behind the bins.
constexpr uint32_t kZero = Histogram::kBins, kNonFinite = kZero + 1, kSlots = kNonFinite + 1;
constexpr size_t kBatch = 256;

// Slots of a batch of values. By masks instead of branches: signs and zeros of activations cannot be predicted.
void slots_of(const float* values, size_t n, float factor, uint32_t* slots) {
  for (size_t i = 0; i < n; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]);
    const uint32_t magnitude = bits & kMagnitude;
    const uint32_t zero = 0u - static_cast<uint32_t>(magnitude == 0);
    const uint32_t bad = 0u - static_cast<uint32_t>(magnitude >= kInfinity);
    const auto m = static_cast<int32_t>(std::bit_cast<float>(magnitude & ~bad) * factor);
    const int32_t sign = static_cast<int32_t>(bits) >> 31;  // -1 for negative values: ~m = -1 - m
    const uint32_t bin = static_cast<uint32_t>(kHalf + (m ^ sign));
    slots[i] = (bin & ~(zero | bad)) | (kZero & zero) | (kNonFinite & bad);
  }
}

}  // namespace

void Histogram::add(std::span<const float> values, uint64_t weight) {
  const uint32_t largest = largest_magnitude(values);
  if (largest != 0) widen_to(limit_for(largest));
  const float factor = limit_ > 0 ? static_cast<float>(kHalf / limit_) : 0;

  // Neighbours often fall into one bin; two tables keep them from waiting for each other's stores.
  constexpr size_t kChunk = size_t{1} << 20;
  std::array<std::array<uint32_t, kSlots>, 2> local;
  std::array<uint32_t, kBatch> slots;
  const auto count = [&](size_t slot) { return static_cast<uint64_t>(local[0][slot] + local[1][slot]) * weight; };
  for (size_t begin = 0; begin < values.size(); begin += kChunk) {
    const auto chunk = values.subspan(begin, std::min(kChunk, values.size() - begin));
    local = {};
    for (size_t at = 0; at < chunk.size(); at += kBatch) {
      const size_t n = std::min(kBatch, chunk.size() - at);
      slots_of(chunk.data() + at, n, factor, slots.data());
      for (size_t i = 0; i < n; ++i) ++local[i & 1][slots[i]];
    }
    for (size_t b = 0; b < counts_.size(); ++b) counts_[b] += count(b);
    zeros_ += count(kZero);
    non_finite_ += count(kNonFinite);
    total_ += chunk.size() * weight - count(kNonFinite);
  }
}

void Histogram::merge(const Histogram& other) {
  total_ += other.total_;
  zeros_ += other.zeros_;
  non_finite_ += other.non_finite_;
  if (other.limit_ == 0) return;
  Histogram theirs = other;
  if (limit_ > 0) theirs.widen_to(limit_);
  widen_to(theirs.limit_);
  for (size_t b = 0; b < counts_.size(); ++b) counts_[b] += theirs.counts_[b];
}

// Merges 2^shift neighbours on each side of zero, at once.
void Histogram::widen_to(double limit) {
  if (limit <= limit_) return;
  if (limit_ == 0) {
    counts_.assign(kBins, 0);
  } else {
    const int shift = std::min(std::ilogb(limit) - std::ilogb(limit_), 31);
    std::vector<uint64_t> wide(kBins, 0);
    for (int m = 0; m < kHalf; ++m) {
      wide[static_cast<size_t>(kHalf + (m >> shift))] += counts_[static_cast<size_t>(kHalf + m)];
      wide[static_cast<size_t>(kHalf - 1 - (m >> shift))] += counts_[static_cast<size_t>(kHalf - 1 - m)];
    }
    counts_ = std::move(wide);
  }
  limit_ = limit;
}

}  // namespace halftone
