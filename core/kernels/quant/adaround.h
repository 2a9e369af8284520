// Learned rounding: whether each weight goes up or down, found by gradient descent on a layer's output error.
// Formula: with e = f + h(v) - w / s in steps, f = floor(w / s) within the grid and
// h(v) = clamp(1.2 sigmoid(v) - 0.1, 0, 1), minimize over v
//   sum over rows of e H e^T / 2  +  l sum (1 - |2 h - 1|^b),
// H divided by its mean diagonal, b falling from 20 to 2 after a fifth of the iterations without the second term.
// Source: Nagel et al. 2020, "Up or Down? Adaptive Rounding for Post-Training Quantization"; here on H = E[x^T x]
// instead of batches of x, which is the same error for a layer by itself, and Adam with its usual constants.
#pragma once

#include "core/kernels/quant/rounded_rows.h"

namespace halftone {

struct AdaRoundOptions {
  int iterations;
  float regularization;  // l
};

void adaround(const RoundedRows& a, const AdaRoundOptions& options);

}  // namespace halftone
