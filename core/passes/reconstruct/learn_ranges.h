// Learns ranges, without labels: those of activations and weights, block by block, so that each block's output comes as
// close to the float model's as they let it.
//
// Before: a float model, with quantize_static among the steps that follow.
// After:  the same model. The next quantize_static gets the ranges as exceptions: {"where": <value>, "low", "high"} and
//         {"where": <node>, "weight_range": <factor>}.
// Conditions: the model is float and calibration data is there. Ranges that somebody gave stay.
// Formula: minimize over the ends of the block's ranges, one after the other,
//         sum over inputs |block_q(x_q) - block(x)|^2 / sum |block(x)|^2,
//         x_q what the blocks before make of integers with the ranges that they have learnt, x what the float model
//         has. Each end, and each weight's range as a whole, grows or shrinks in steps for as long as that helps, first
//         long ones and then short ones. The search starts from what the observers found.
// Gradients of scales through a straight-through estimator (LSQ) would need derivatives of every operator in a block; a
// block has some ten ranges, so that trying them runs what will run, on integers, and needs no more than that.
// Reference: Li et al. 2021, "BRECQ: Pushing the Limit of Post-Training Quantization by Block Reconstruction";
//         the search by output error as in Wu et al. 2020, "EasyQuant"; the ranges as parameters as in Esser et al.
//         2020, "LSQ".
#pragma once

#include "core/passes/pass_def.h"

namespace halftone {

const PassDef& learn_ranges_pass();

}  // namespace halftone
