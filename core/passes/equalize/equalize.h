// Scales channels so that each fills the range that its tensor's channels share, without changing what the float
// network computes.
//
// Before: y = Conv_2(Relu(Conv_1(x, w1, b1)), w2)
// After:  y = Conv_2(Relu(Conv_1(x, s w1, s b1)), w2 / s), s by channel
// Conditions: see ChannelMap. A Clip from 0 lets a channel grow until it would reach the limit on the calibration data;
//         with relax_clips it becomes a Relu, which lets all scales through and changes what was clipped.
// With absorb_bias, biases that a Relu never cuts move to the layers behind: absorb.h.
// Formula and reference: scales.h, absorb.h.
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& equalize_pass();

}  // namespace halftone
