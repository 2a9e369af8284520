// How far a signal is from its reference: the numbers of a comparison, layer by layer.
// Formula: noise = r - x; sqnr = 10 log10(sum r^2 / sum noise^2); cosine = r.x / (|r| |x|).
#pragma once

#include <span>

namespace halftone {

struct Distortion {
  double sqnr_db = 0;  // +inf when equal; -inf when the reference is all zeros and the other is not
  double cosine = 1;   // 1 when both are zero, 0 when only one is
  double max_abs = 0;  // largest |r - x|
};

// Sizes must agree (CHECKed). Sums are doubles, in an order that does not depend on the build. NaN in either
// signal gives NaN in all three; infinities do as well where the difference is not a number.
Distortion distortion(std::span<const float> reference, std::span<const float> other);

}  // namespace halftone
