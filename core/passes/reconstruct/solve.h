// New codes and a new bias for one quantized layer, so that its output on the quantized model's input x comes close to
// the float layer's on x_f.
// Formula: with H = cov(x), C = cov(x_f - x, x), l = damping * mean diag(H):
//   W* = W + W C (H + l)^-1          least squares, drawn towards W where data are few
//   codes: W* rounded by GPTQ under H + l and the scales that are there
//   b* = b + W E[x_f] - W^ E[x]      W^ what the codes stand for: the mean error is gone
// Source: Frantar et al. 2022 (GPTQ); Zhang et al. 2025 ("Qronos") for the two inputs; Nagel et al. 2019 for the bias.
#pragma once

#include "core/passes/reconstruct/sums.h"

namespace halftone {

struct SolveOptions {
  bool weights = true;     // false: correct the bias only
  double damping = 0.01;   // share of H's mean diagonal
  double shrinkage = 0.5;  // more of it where there are few samples: times columns over samples
};

struct SolvedLayer {
  Tensor codes;
  Tensor bias;          // int32; undefined where the layer has none
  int64_t changed = 0;  // codes that are others now
};

// Uses up `sums`. Errors: kOutOfMemory.
Result<SolvedLayer> solve_layer(const Graph& quantized, const QuantizedLayer& layer, const SolveOptions& options,
                                LayerSums sums);

}  // namespace halftone
