// Ranges of activations without any data: what a BatchNormalization makes has the mean beta and the deviation |gamma|
// of its channel, by training. From there, moments are carried through the operators behind and, where a network has no
// BatchNormalization left, through its weights.
// Formula: range = the widest of mean +- n deviations over the channels, twice as wide where weights alone tell it;
// Relu and Clip: of the clamped values; products with weights: mean' = sum w mean + b, variance' = sum over input
// channels of max(sum w^2, (sum w)^2) variance (channels independent; the taps of one channel independent or all alike,
// whichever gives more). A given range counts as two deviations of what is in it.
//
// Source: Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction" (n = 6).
//
// Leaves to the recipe: the ranges of the model's inputs, which nothing tells (assumed: mean 0, deviation 1).
#pragma once

#include <optional>
#include <vector>

#include "core/passes/batch_norm_outputs.h"
#include "core/stats/choose_params.h"

namespace halftone {

// By ValueId of `graph`, whose nodes are in order: a range wherever the values are float32 and something is known.
// `given`: ranges by ValueId that are known better, of inputs first of all.
std::vector<std::optional<Range>> predict_ranges(const Graph& graph, const std::vector<BatchNormOutput>& norms,
                                                 const std::vector<std::optional<Range>>& given, double deviations);

// E[x] by channel (axis 1, or the last one of a matrix) or one for all, by ValueId: of the values that follow from
// batch normalizations and constants alone, the others' lists are empty. Behind a Relu or Clip: of the clamped normal
// distribution. Source: the same, section 4.2 and appendix C.
std::vector<std::vector<double>> predict_means(const Graph& graph, const std::vector<BatchNormOutput>& norms);

}  // namespace halftone
