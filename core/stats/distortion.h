// How far a signal is from its reference.
#pragma once

#include <span>

namespace halftone {

struct Distortion {
  double sqnr_db = 0;  // 10 log10(sum r^2 / sum (r - x)^2); +inf when equal
  double cosine = 1;   // r.x / (|r| |x|); 1 when both are zero
  double max_abs = 0;
};

// Sizes must agree (CHECKed). Accumulates in double.
Distortion distortion(std::span<const float> reference, std::span<const float> other);

}  // namespace halftone
