// Weights as indices of a few levels that need not be evenly spaced.
//
// Before: y = Op(x, w)
// After:  y = Op(x, Reshape(Gather(levels, Cast(codes)) * scales))
//         One codebook for a tensor, or (k-means) one for each output channel: GatherElements(levels, Cast(codes)).
//         No Mul where one scale serves all (it is in the levels), no Reshape but behind blocks.
// Conditions: weights_of.h; opset 13 for codes of 8 bits, 21 for 4 (up to 4 bits a code), raised here. Blocks take the
//         longest length up to the one asked for that divides what is summed over, or are channels where that is short.
// Formula: w = scale * levels[code], the nearest level; scales by least squares of the weight, or the largest
//         magnitude. Levels: core/stats/levels.h; the breakpoint of piecewise_linear by least squares.
// Reference: there; Miyashita et al. 2016 (logarithmic levels); Han et al. 2015 (k-means codebooks).
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& quantize_codebook_pass();

}  // namespace halftone
