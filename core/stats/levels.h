// Sets of levels that are not evenly spaced, for weights stored as an index into a codebook. All but k-means are
// symmetric and scaled to a largest magnitude of 1; sorted, distinct, at most 2^bits of them.
//   power_of_two           0 and +-2^-i
//   additive_power_of_two  sums of a few powers of two, dealt out so that sums differ (Li et al. 2020, "Additive
//                          Powers-of-Two Quantization", APoT)
//   piecewise_linear       half of the levels even over [-p, p], half over what is beyond (Fang et al. 2020, PWLQ)
//   normal_float           quantiles of the normal distribution, exact zero (Dettmers et al. 2023, QLoRA: NF4)
//   k-means                what fits the values themselves best (Lloyd 1982; k-means++: Arthur, Vassilvitskii 2007)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace halftone {

// bits from 2 to 8.
std::vector<float> power_of_two_levels(int bits);
std::vector<float> additive_power_of_two_levels(int bits);
// 0 < breakpoint < 1.
std::vector<float> piecewise_linear_levels(int bits, double breakpoint);
std::vector<float> normal_float_levels(int bits);

// At most `count` centers of finite values. The same values and seed give the same levels everywhere.
std::vector<float> kmeans_levels(std::span<const float> values, int64_t count, uint64_t seed);

}  // namespace halftone
