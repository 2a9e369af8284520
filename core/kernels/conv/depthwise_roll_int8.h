// 3x3 integer depthwise convolution along one output row (depthwise.h, rolls): eight channels, column by column. Sums
// come without their bias and wait in memory: a loop that requantizes them too has more to keep than there are
// registers.
#pragma once

#include "core/kernels/conv/depthwise.h"
#include "core/kernels/dot/dot_probe.h"
#include "core/kernels/simd.h"

namespace halftone {

inline constexpr int64_t kRollChannels = 8;

// Outputs [begin, end) of the row; sums: two vectors an output. weights: as depthwise_int8.h packs them.
using RollInt8Fn = void (*)(const ConvGeometry& geometry, const uint8_t* weights, const RollRow& row, int64_t channel,
                            int64_t begin, int64_t end, i32x4* sums);
RollInt8Fn roll_int8(DotKind kind, bool is_signed);

}  // namespace halftone
