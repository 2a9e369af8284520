// How much each class of channels is scaled, so that no channel is lost in a range that a larger one needs.
//
// With R_tc the largest |x| of channel c of tensor t over the calibration data, M_t the largest of R_t, and w_c the
// largest weight that reads the channel, relative to its row:
//   s = exp(-alpha mean_t log(R_tc / M_t) + beta mean log w_c).
// "smooth": alpha as given, beta = 1 - alpha. Source: Xiao et al., "SmoothQuant", 2023.
// "noise": alpha and beta chosen for each component (tensors and layers that share classes) to make the predicted noise
// least: the sum over its layers of
//   (sum_t D_t^2 sum_oc w_oc^2 / s_c^2  +  sum_o D_o^2 sum_c s_c^2 E[x_c^2]) / (12 sum_oc w_oc^2 E[x_c^2]),
// D_t the step of tensor t, D_o that of row o of the scaled weight: rounding noise of inputs and of weights over
// signal. "weights", without data: s = sqrt(mean r2 / mean r1), r1 the channel's largest weight in the nodes before and
// r2 in those behind, repeated until it settles. Source: Nagel et al. 2019, equation 11. A channel before a Clip grows
// only so far that nothing reaches the limit, and not at all where something does.
#pragma once

#include <algorithm>
#include <vector>

#include "core/passes/equalize/channels.h"

namespace halftone {

// What a channel showed on the calibration data.
struct ChannelFacts {
  float low = 0, high = 0;
  double squares = 0;  // mean of x^2
  float magnitude() const { return std::max(-low, high); }
};
using SeenChannels = std::vector<std::vector<ChannelFacts>>;  // by value; empty: not quantized, so it does not matter

struct Seen {
  SeenChannels tensors;
  std::vector<std::vector<float>> limited;  // by value that a Clip reads: largest value by channel; empty: not seen
};

// How far a class may grow before something of it reaches a Clip's limit; 1 where something does.
std::vector<double> scale_caps(const ChannelMap& map, const Seen& seen);

// The two means of the exponent, by class.
struct ScaleLogs {
  std::vector<double> activations, weights;
  std::vector<bool> seen;
};
ScaleLogs scale_logs(const Graph& graph, const ChannelMap& map, const Seen& seen);
float scale_of(const ScaleLogs& logs, const std::vector<double>& caps, size_t k, double alpha, double beta);

// One factor per class, all positive and finite.
std::vector<float> scales_by_noise(const Graph& graph, const ChannelMap& map, const Seen& seen);
std::vector<float> scales_by_smoothing(const Graph& graph, const ChannelMap& map, const Seen& seen, double alpha);
// Classes that a Clip limits stay as they are.
std::vector<float> scales_by_weights(const Graph& graph, const ChannelMap& map);

// Scales weights, biases and the constants of affine nodes. Errors: kOutOfMemory.
Status apply_scales(Graph& graph, const ChannelMap& map, const std::vector<float>& scales);

}  // namespace halftone
