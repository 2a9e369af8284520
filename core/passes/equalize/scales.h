// How much each class of channels is scaled, so that no channel is lost in a range that a larger one needs.
// By activations, with R_tc the largest |x| of channel c of tensor t over the calibration data, M_t the largest of R_t,
// and w_c the largest weight that reads the channel, relative to the row it is in:
//   s = exp(-alpha mean_t log(R_tc / M_t) + (1 - alpha) mean log w_c).
// (Repeating this with the weights that it made measured no better on seven networks, and worse on two.)
// Source: Xiao et al., "SmoothQuant", 2023, here for whole classes and before any layer, not normalizations alone.
// By weights, without data: s = sqrt(mean r2 / mean r1), r1 the channel's largest weight in the nodes before and r2 in
// those behind, as the scales so far have made them, repeated until it settles. Source: Nagel et al. 2019, equation 11.
// A channel before a Clip grows only so far that nothing reaches the limit, and not at all where something does.
#pragma once

#include <vector>

#include "core/passes/equalize/channels.h"

namespace halftone {

// What the calibration data showed, by value and channel; empty: not seen, or it does not matter.
struct SeenChannels {
  std::vector<std::vector<float>> magnitudes;  // largest |x| of what will be quantized
  std::vector<std::vector<float>> limited;     // largest x of what a Clip reads
};

// One factor per class, all positive and finite.
std::vector<float> scales_by_activations(const Graph& graph, const ChannelMap& map, const SeenChannels& seen,
                                         double alpha);
// Classes that a Clip limits stay as they are.
std::vector<float> scales_by_weights(const Graph& graph, const ChannelMap& map);

// Scales weights, biases and the constants of affine nodes. Errors: kOutOfMemory.
Status apply_scales(Graph& graph, const ChannelMap& map, const std::vector<float>& scales);

}  // namespace halftone
