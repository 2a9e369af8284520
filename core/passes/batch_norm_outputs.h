// What BatchNormalization nodes tell about the values that they make, without any data: by training, a channel has the
// mean beta and the deviation |gamma|. Folding takes the nodes away; what they told stays true of the values of the
// same names. A pass that hands on a model with folded or rescaled ones hands this on too (PassOutcome::norms), so that
// later steps of the recipe still know it. Source: Nagel et al. 2019, "Data-Free Quantization Through Weight
// Equalization and Bias Correction", section 4.2.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/graph/graph.h"

namespace halftone {

struct BatchNormOutput {
  std::string tensor;
  std::vector<double> mean, variance;  // by channel
};

// Of the graph's own nodes, and of `handed` those of other values.
std::vector<BatchNormOutput> batch_norm_outputs(const Graph& graph, std::span<const BatchNormOutput> handed = {});

}  // namespace halftone
