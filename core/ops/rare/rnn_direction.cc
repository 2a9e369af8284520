// One direction of a recurrent network; see the header. All steps meet W at once, then each step adds h R^T.
#include "core/ops/rare/rnn_direction.h"

#include <algorithm>
#include <limits>

#include "core/kernels/gemm/gemm_f32.h"

namespace halftone {
namespace {

Result<Tensor> pack_rows(const float* rows, int64_t n, int64_t k) {
  HT_ASSIGN(Tensor packed, Tensor::allocate(DType::kFloat, {packed_b_f32_size(k, n)}));
  pack_b_f32(rows, k, n, 1, k, 1.0f, packed.mutable_data<float>().data());
  return packed;
}

// c[m rows of ldc] (+)= a[m][k] * packed b.
void multiply(int64_t m, int64_t n, int64_t k, const float* a, const Tensor& b, float* c, int64_t ldc, bool add) {
  constexpr float kOpen = std::numeric_limits<float>::infinity();
  gemm_f32({.m = m,
            .n = n,
            .k = k,
            .a = a,
            .lda = k,
            .b = b.data<float>().data(),
            .c = c,
            .ldc = ldc,
            .accumulate = add,
            .bias = nullptr,
            .lo = -kOpen,
            .hi = kOpen});
}

// Sums of all steps: x W^T + Wb + Rb, but for the part of Rb that GRU's reset gate scales.
void start_sums(const RnnDirection& d) {
  const RnnShape& s = d.s;
  const int64_t columns = s.columns();
  for (int64_t at = 0; at < s.steps; ++at) {
    for (int64_t b = 0; b < s.batch; ++b) {
      const int64_t t = d.time(at, b), row = at * s.batch + b;
      float* to = d.rows + row * s.inputs;
      if (t < 0) {
        std::fill_n(to, s.inputs, 0.0f);
      } else {
        std::copy_n(d.x + (s.batched ? b * s.steps + t : t * s.batch + b) * s.inputs, s.inputs, to);
      }
      float* sum = d.sums + row * columns;
      for (int64_t i = 0; i < columns; ++i) {
        const bool apart = d.linear_before_reset && i >= s.plain_columns();
        sum[i] = d.bias == nullptr ? 0 : d.bias[i] + (apart ? 0 : d.bias[columns + i]);
      }
    }
  }
  multiply(s.steps * s.batch, columns, s.inputs, d.rows, d.weights.w, d.sums, columns, true);
}

void gru_step(const RnnDirection& d, float* sums, float* h) {
  const RnnShape& s = d.s;
  const int64_t n = s.hidden, columns = s.columns();
  for (int64_t b = 0; b < s.batch; ++b) apply_cell_function(d.functions[0], sums + b * columns, 2 * n);
  if (d.linear_before_reset) {
    const float* bias = d.bias == nullptr ? nullptr : d.bias + columns + 2 * n;
    for (int64_t b = 0; b < s.batch; ++b) {
      for (int64_t i = 0; i < n; ++i) d.product[b * n + i] = bias == nullptr ? 0 : bias[i];
    }
    multiply(s.batch, n, n, h, d.weights.candidate, d.product, n, true);
    for (int64_t b = 0; b < s.batch; ++b) {
      float* sum = sums + b * columns;
      add_product(n, sum + n, d.product + b * n, sum + 2 * n);
    }
  } else {
    for (int64_t b = 0; b < s.batch; ++b) {
      for (int64_t i = 0; i < n; ++i) d.product[b * n + i] = sums[b * columns + n + i] * h[b * n + i];
    }
    multiply(s.batch, n, n, d.product, d.weights.candidate, sums + 2 * n, columns, true);
  }
}

// The new state of sequence b from its sums.
void finish_cell(const RnnDirection& d, int64_t b, float* sum) {
  const int64_t n = d.s.hidden;
  float* h = d.h + b * n;
  switch (d.s.cell) {
    case Cell::kRnn:
      apply_cell_function(d.functions[0], sum, n);
      std::copy_n(sum, n, h);
      break;
    case Cell::kGru:
      apply_cell_function(d.functions[1], sum + 2 * n, n);
      gru_state(n, sum, sum + 2 * n, h);
      break;
    case Cell::kLstm:
      lstm_cell({d.functions[0], d.functions[1], d.functions[2], d.coupled}, n, sum, d.peepholes, d.c + b * n, h);
      break;
  }
}

}  // namespace

Result<PackedDirection> pack_direction(Cell cell, const View& w, const View& r, int64_t d) {
  const int64_t columns = w.dims[1], inputs = w.dims[2], hidden = r.dims[2];
  const int64_t plain = cell == Cell::kGru ? columns / 3 * 2 : columns;
  const float* from = r.as<float>() + d * columns * hidden;
  PackedDirection packed;
  HT_ASSIGN(packed.w, pack_rows(w.as<float>() + d * columns * inputs, columns, inputs));
  HT_ASSIGN(packed.r, pack_rows(from, plain, hidden));
  if (plain < columns) {
    HT_ASSIGN(packed.candidate, pack_rows(from + plain * hidden, columns - plain, hidden));
  }
  return packed;
}

void run_direction(const RnnDirection& d) {
  const RnnShape& s = d.s;
  start_sums(d);
  for (int64_t at = 0; at < s.steps; ++at) {
    float* sums = d.sums + at * s.batch * s.columns();
    multiply(s.batch, s.plain_columns(), s.hidden, d.h, d.weights.r, sums, s.columns(), true);
    if (s.cell == Cell::kGru) gru_step(d, sums, d.h);
    for (int64_t b = 0; b < s.batch; ++b) {
      const int64_t t = d.time(at, b);
      if (t < 0) {
        if (d.y != nullptr) std::fill_n(d.y_row(at, b), s.hidden, 0.0f);
        continue;
      }
      finish_cell(d, b, sums + b * s.columns());
      if (d.y != nullptr) std::copy_n(d.h + b * s.hidden, s.hidden, d.y_row(t, b));
    }
  }
}

}  // namespace halftone
