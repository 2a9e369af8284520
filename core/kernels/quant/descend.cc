// e H is kept up to date: a step costs one row of H, and looking for it nothing.
#include "core/kernels/quant/descend.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/parallel.h"
#include "core/kernels/quant/add_scaled.h"

namespace halftone {
namespace {

constexpr int kSweeps = 30;  // most rows are done after a few

void descend_row(const RoundedRows& d, int64_t row, float* eh) {
  const float scale = d.scale[row], zero = d.zero[row];
  const float* w = d.w + row * d.n;
  int16_t* codes = d.codes + row * d.n;
  std::fill_n(eh, d.n, 0.0f);
  for (int64_t i = 0; i < d.n; ++i) add_scaled(eh, d.h + i * d.n, w[i] - scale * (codes[i] - zero), d.n);
  bool moved = true;
  for (int sweep = 0; sweep < kSweeps && moved; ++sweep) {
    moved = false;
    for (int64_t i = 0; i < d.n; ++i) {
      const float* h = d.h + i * d.n;
      const float wanted = codes[i] + std::nearbyint(eh[i] / (scale * h[i]));
      const float step = std::min(std::max(wanted, d.lowest), d.highest) - codes[i];
      if (step == 0) continue;
      codes[i] = static_cast<int16_t>(codes[i] + step);
      add_scaled(eh, h, -scale * step, d.n);
      moved = true;
    }
  }
}

}  // namespace

void descend(const RoundedRows& d) {
  parallel_for(d.rows, 1, [&d](int64_t begin, int64_t end) {
    std::vector<float> eh(static_cast<size_t>(d.n));
    for (int64_t row = begin; row < end; ++row) descend_row(d, row, eh.data());
  });
}

}  // namespace halftone
