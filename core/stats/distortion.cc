// Distortion of a signal; the contract is in distortion.h.
#include "core/stats/distortion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/check.h"

namespace halftone {
namespace {

constexpr size_t kLanes = 4;

// One sum per lane: vector code without reordering, and better rounding than one long sum.
struct Sums {
  std::array<double, kLanes> rr{}, xx{}, rx{}, nn{}, largest{};

  void take(const float* r, const float* x) {
    for (size_t k = 0; k < kLanes; ++k) {
      const double a = r[k], b = x[k], noise = a - b, size = std::fabs(noise);
      rr[k] += a * a;
      xx[k] += b * b;
      rx[k] += a * b;
      nn[k] += noise * noise;
      largest[k] = size > largest[k] ? size : largest[k];
    }
  }
};

double total(const std::array<double, kLanes>& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace

Distortion distortion(std::span<const float> reference, std::span<const float> other) {
  HT_CHECK(reference.size() == other.size());
  Sums sums;
  const size_t whole = reference.size() / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) sums.take(reference.data() + i, other.data() + i);
  std::array<float, kLanes> r{}, x{};
  std::copy(reference.begin() + static_cast<ptrdiff_t>(whole), reference.end(), r.begin());
  std::copy(other.begin() + static_cast<ptrdiff_t>(whole), other.end(), x.begin());
  sums.take(r.data(), x.data());

  const double rr = total(sums.rr), xx = total(sums.xx), noise = total(sums.nn);
  Distortion d;
  d.max_abs = *std::max_element(sums.largest.begin(), sums.largest.end());
  if (std::isnan(noise)) d.max_abs = noise;
  d.sqnr_db = noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(rr / noise);
  if (rr == 0 || xx == 0) {
    d.cosine = rr == xx ? 1 : 0;
  } else {
    d.cosine = total(sums.rx) / (std::sqrt(rr) * std::sqrt(xx));
  }
  return d;
}

}  // namespace halftone
