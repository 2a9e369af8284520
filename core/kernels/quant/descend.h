// Coordinate descent on rounded weights: each in turn goes where its row's output error is least, until none moves.
// Formula: for e = w - s (q - z) of a row, minimize e H e^T by q_i += round((e H)_i / (s h_ii)), within the grid.
// No step makes the error larger, so that the codes are never worse than those it starts from.
// Reference: Behdin et al. 2023, "QuantEase: Optimization-based Quantization for Language Models".
#pragma once

#include "core/kernels/quant/rounded_rows.h"

namespace halftone {

// From the codes that are there, changed in place.
void descend(const RoundedRows& d);

}  // namespace halftone
