// Cells of recurrent networks: from the sums of a step's gates to the new state, one row of `n` units each. Sums hold
// x W^T + h R^T + biases already (matrix products: core/kernels/gemm). Source: ONNX RNN, GRU, LSTM.
#pragma once

#include <cstdint>

#include "core/kernels/eltwise/unary.h"

namespace halftone {

// y = gain * f(slope * clamp(x, -clip, clip)) + shift; f = nullptr: the identity. `clip` <= 0: none.
struct CellFunction {
  UnaryRow f = nullptr;
  UnaryParams params;
  float slope = 1, gain = 1, shift = 0, clip = 0;
};
void apply_cell_function(const CellFunction& function, float* x, int64_t n);

// Gates i, o, f, c of n sums each, overwritten. c: the cell's state, in and out. h: the new hidden state.
//   i = F(i + p_i c), f = F(f + p_f c) or 1 - i (coupled), c' = f c + i G(c_gate), o = F(o + p_o c'), h = o H(c')
// `peepholes`: p_i, p_o, p_f of n each, nullptr: zero.
struct LstmCell {
  CellFunction gate, input, output;  // F, G, H
  bool coupled = false;              // input_forget
};
void lstm_cell(const LstmCell& cell, int64_t n, float* gates, const float* peepholes, float* c, float* h);

// h = (1 - z) candidate + z h. All of n elements.
void gru_state(int64_t n, const float* z, const float* candidate, float* h);

// y[i] += a[i] * b[i].
void add_product(int64_t n, const float* a, const float* b, float* y);

}  // namespace halftone
