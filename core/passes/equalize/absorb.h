// High-bias absorption: what a Relu never cuts is taken out of its channels and given to the biases behind. Scales that
// equalize weights grow biases too, and with them the ranges that activations need.
//
// Before: y = Conv_2(Relu(Conv_1(x, w1, b1)), w2, b2)
// After:  y = Conv_2(Relu(Conv_1(x, w1, b1 - c)), w2, b2 + w2 c)
// Conditions: Conv_1 has a bias and a Relu alone reads it. What the Relu makes reaches nothing but Conv without padding
//         (zeros at the border would stand for c), Gemm, all of them with a bias; on the way may be pooling, Identity,
//         Dropout, Concat, Add, and reshapes of single pixels.
// Formula: c = max(0, mean - 3 deviation) of what the Relu reads, by channel. Relu(v) = Relu(v - c) + c for v >= c:
// exact
//         where a channel stays above c, and off by no more than c for the 0.13 % of a normal distribution below.
// Reference: Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction",
// section 4.1.3.
#pragma once

#include <vector>

#include "core/passes/equalize/channels.h"

namespace halftone {

// Of one value, by channel; empty: not known.
struct ChannelMoments {
  std::vector<double> mean, deviation;
};

struct Absorption {
  int64_t channels = 0, layers = 0;             // that gave something away
  std::vector<std::vector<double>> taken = {};  // c by ValueId of what the Relu reads and by channel; empty: nothing
};

// What Relus read whose channels can be absorbed, in the order of the nodes.
std::vector<ValueId> absorbable_values(const Graph& graph, const ChannelMap& map);

// moments: by ValueId. `map` is of `graph`. Errors: kOutOfMemory.
Result<Absorption> absorb_biases(Graph& graph, const ChannelMap& map, const std::vector<ChannelMoments>& moments);

}  // namespace halftone
