// New codes and a new bias for one quantized layer, so that its output on what the float layer reads comes close to the
// float layer's.
// Formula: codes  W rounded under H = cov(x) + damping * mean diag by GPTQ or AdaRound, with the scales that are there,
//                 and, on coarse grids (6 bits and fewer), improved by coordinate descent
//          bias   b + (W - W^) E[x], W^ what the codes stand for: the layer's mean error is gone
// Looking at each layer by itself, on float inputs, means that all layers can be solved after one look at the data:
// where every layer's mean is right, quantized inputs are right in the mean too. (Least squares against the inputs as
// the quantized layers before make them, layer by layer, measured no better on convolutional networks and worse on a
// transformer.)
// Source: Frantar et al. 2022 (GPTQ); Nagel et al. 2020 (AdaRound); Nagel et al. 2019, section 4.2 (bias correction).
#pragma once

#include "core/passes/reconstruct/layers.h"

namespace halftone {

struct SolvedLayer {
  Tensor codes, bias;   // bias: int32; undefined where the layer has none
  int64_t changed = 0;  // codes that are others now
};

enum class RoundingMethod : uint8_t { kKeep, kGptq, kAdaRound };

struct SolveOptions {
  RoundingMethod method = RoundingMethod::kKeep;  // kKeep corrects the bias only, and needs no layer.input.sums
  double damping = 0.01;
  int iterations = 0;         // of kAdaRound
  double regularization = 0;  // the same
};

// Uses up layer.input. Errors: kOutOfMemory.
Result<SolvedLayer> solve_layer(const Graph& quantized, QuantizedLayer& layer, const SolveOptions& options);

}  // namespace halftone
