// Integer depthwise convolution (depthwise.h): the bytes of several taps, eight channels each, are brought into units
// of one channel after the other (dot/interleave.h), which one dot product sums.
#pragma once

#include <vector>

#include "core/base/small_vector.h"
#include "core/kernels/conv/conv_int8.h"

namespace halftone {

// Which taps make up the units, one after the other, -1 where a unit is filled up: column by column where
// column_order() says so, else in the weight's order.
using TapSlots = SmallVector<int64_t, 64>;
TapSlots depthwise_slots(const ConvGeometry& geometry, DotKind kind);

// `rows`: [channels][slots]. bytes: [units][channels][4 bytes].
Result<WeightUnits> pack_depthwise_int8(const ConvGeometry& geometry, std::span<const int16_t> rows,
                                        std::span<const int32_t> bias, const ActivationForm& form);
// The way back: `rows` from bytes.
std::vector<int16_t> unpack_depthwise_int8(const ConvGeometry& geometry, DotKind kind, const uint8_t* bytes);
int64_t depthwise_int8_scratch_bytes(const ConvGeometry& geometry);
void depthwise_int8(const ConvGeometry& geometry, const ConvInt8& args, void* scratch);

}  // namespace halftone
