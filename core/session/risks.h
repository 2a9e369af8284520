// What will make a float model hard to quantize, from its weights and its graph alone: nothing is run, no data is
// needed. Each finding comes with the recipe step that answers it.
//   wide_channels   max / median of a weight's channel maxima    per_channel scales, equalize
//   outlier_weights max / rms within a weight's channels         weight_observer "mse"
//   batch_norm      running variances or scales near 0           equalize by weights
//   depthwise       one input channel per output: few products   8 bits there when the rest gets fewer
//   ends            first and last layer                         8 bits there when the rest gets fewer
//   layer_norm      LayerNormalization before products           equalize (SmoothQuant)
//   open_tail       Softmax, Sigmoid, Exp of unbounded values    activation_observer "sqnr"
//   islands         sums between float operators                 skip_islands
//   float_operators what has no integer form here                none
// Source: Nagel et al. 2021, "A White Paper on Neural Network Quantization", for what hurts and what helps.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/graph/graph.h"

namespace halftone {

// {findings: [{id, severity: "high" | "medium" | "low", message, where, count, nodes, hint, step: a recipe step or
// null}]}, the most severe first. Errors: as prepare_to_quantize().
Result<Json> find_risks(const Model& model);

}  // namespace halftone
