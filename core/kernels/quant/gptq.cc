// Rows are independent; four of them share each row of U that the columns behind the block are corrected with.
#include "core/kernels/quant/gptq.h"

#include <algorithm>
#include <cmath>

#include "core/base/parallel.h"
#include "core/kernels/quant/add_scaled.h"

namespace halftone {
namespace {

constexpr int64_t kRows = 4;

// Rounds the block's columns of one row; errors by column.
void round_row(const GptqColumns& g, int64_t row, float* errors) {
  float* w = g.w + row * g.ld;
  const int64_t p = row / g.rows_per_scale * g.groups;
  for (int64_t i = g.begin; i < g.end; ++i) {
    const float scale = g.scale[p + g.group[i]], zero = g.zero[p + g.group[i]];
    const float q = std::min(std::max(std::nearbyint(w[i] / scale + zero), g.lowest), g.highest);
    g.codes[row * g.ld + i] = static_cast<int16_t>(q);
    const float* u = g.u + i * g.cols;
    const float error = (w[i] - (q - zero) * scale) / u[i];
    errors[i - g.begin] = error;
    add_scaled(w + i + 1, u + i + 1, -error, g.end - i - 1);
  }
}

}  // namespace

void gptq_columns(const GptqColumns& g) {
  parallel_for((g.rows + kRows - 1) / kRows, 1, [&g](int64_t begin, int64_t end) {
    float errors[kRows][kGptqColumns];
    for (int64_t t = begin; t < end; ++t) {
      const int64_t first = t * kRows, last = std::min(g.rows, first + kRows);
      for (int64_t r = first; r < last; ++r) round_row(g, r, errors[r - first]);
      for (int64_t i = g.begin; i < g.end; ++i) {
        const float* u = g.u + i * g.cols + g.end;
        for (int64_t r = first; r < last; ++r) {
          add_scaled(g.w + r * g.ld + g.end, u, -errors[r - first][i - g.begin], g.cols - g.end);
        }
      }
    }
  });
}

}  // namespace halftone
