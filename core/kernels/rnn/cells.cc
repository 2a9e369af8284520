// Cells of recurrent networks.
#include "core/kernels/rnn/cells.h"

#include <algorithm>

namespace halftone {

void apply_cell_function(const CellFunction& function, float* x, int64_t n) {
  if (function.clip > 0) {
    for (int64_t i = 0; i < n; ++i) x[i] = std::clamp(x[i], -function.clip, function.clip);
  }
  if (function.slope != 1) {
    for (int64_t i = 0; i < n; ++i) x[i] *= function.slope;
  }
  if (function.f != nullptr) function.f(x, x, n, function.params);
  if (function.gain == 1 && function.shift == 0) return;
  for (int64_t i = 0; i < n; ++i) x[i] = function.gain * x[i] + function.shift;
}

void add_product(int64_t n, const float* a, const float* b, float* y) {
  for (int64_t i = 0; i < n; ++i) y[i] += a[i] * b[i];
}

void lstm_cell(const LstmCell& cell, int64_t n, float* gates, const float* peepholes, float* c, float* h) {
  float *i = gates, *o = gates + n, *f = gates + 2 * n, *g = gates + 3 * n;
  if (peepholes != nullptr) {
    add_product(n, peepholes, c, i);
    add_product(n, peepholes + 2 * n, c, f);
  }
  apply_cell_function(cell.gate, i, n);
  if (cell.coupled) {
    for (int64_t k = 0; k < n; ++k) f[k] = 1 - i[k];
  } else {
    apply_cell_function(cell.gate, f, n);
  }
  apply_cell_function(cell.input, g, n);
  for (int64_t k = 0; k < n; ++k) c[k] = f[k] * c[k] + i[k] * g[k];
  if (peepholes != nullptr) add_product(n, peepholes + n, c, o);
  apply_cell_function(cell.gate, o, n);
  std::copy_n(c, n, h);
  apply_cell_function(cell.output, h, n);
  for (int64_t k = 0; k < n; ++k) h[k] *= o[k];
}

void gru_state(int64_t n, const float* z, const float* candidate, float* h) {
  for (int64_t k = 0; k < n; ++k) h[k] = (1 - z[k]) * candidate[k] + z[k] * h[k];
}

}  // namespace halftone
