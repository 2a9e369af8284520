// SQNR, cosine and largest error of two signals.
#include "core/stats/distortion.h"

#include <cmath>
#include <limits>

#include "core/base/check.h"

namespace halftone {

Distortion distortion(std::span<const float> reference, std::span<const float> other) {
  HT_CHECK(reference.size() == other.size());
  double signal = 0, noise = 0, power = 0, product = 0, peak = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double r = reference[i], x = other[i];
    const double e = r - x;
    signal += r * r;
    power += x * x;
    product += r * x;
    noise += e * e;
    peak = std::fmax(peak, std::fabs(e));
  }
  Distortion d;
  d.max_abs = peak;
  d.sqnr_db = noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal / noise);
  const double norms = std::sqrt(signal) * std::sqrt(power);
  d.cosine = norms > 0 ? product / norms : (signal == power ? 1 : 0);
  return d;
}

}  // namespace halftone
