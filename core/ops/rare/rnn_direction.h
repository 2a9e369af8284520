// What RNN, GRU and LSTM are made of: sizes, functions of the gates, packed weights, and one direction of a run.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/kernels/rnn/cells.h"
#include "core/ops/op_def.h"

namespace halftone {

enum class Cell : uint8_t { kRnn, kGru, kLstm };

struct RnnShape {
  Cell cell;
  int64_t steps, batch, inputs, hidden, gates, directions;
  bool batched;  // [batch, steps, ...]
  int64_t columns() const { return gates * hidden; }
  // Rows of R that multiply h itself; the rest is GRU's candidate.
  int64_t plain_columns() const { return cell == Cell::kGru ? 2 * hidden : columns(); }
};

// Functions of all directions, one for each of `defaults` in a direction: attributes activations, activation_alpha,
// activation_beta, clip. Alphas and betas are given in order for those functions that take them. Errors: kInvalidModel,
// kUnsupportedOperator naming the function.
Result<std::vector<CellFunction>> cell_functions(const Node& node, int64_t directions,
                                                 std::span<const std::string_view> defaults);

// W^T and R^T of one direction, packed; `candidate`: the rows of R that GRU's candidate takes.
struct PackedDirection {
  Tensor w, r, candidate;
};
// Direction d of W [directions, gates * hidden, inputs] and R [directions, gates * hidden, hidden]. Error:
// kOutOfMemory.
Result<PackedDirection> pack_direction(Cell cell, const View& w, const View& r, int64_t d);

// What one direction reads and writes.
struct RnnDirection {
  const RnnShape& s;
  const PackedDirection& weights;
  std::span<const CellFunction> functions;
  std::span<const int64_t> lengths;
  int64_t index;  // among the directions
  bool reverse;
  bool coupled, linear_before_reset;
  const float *x, *bias, *peepholes;
  float *sums, *rows;      // scratch: [steps * batch][columns], [steps * batch][inputs]
  float *h, *c, *product;  // [batch][hidden]: states, scratch
  float* y;                // nullptr: not wanted

  // Where step `at` of sequence b is in time; -1 beyond its end.
  int64_t time(int64_t at, int64_t b) const {
    const int64_t n = lengths[static_cast<size_t>(b)];
    return at >= n ? -1 : reverse ? n - 1 - at : at;
  }
  float* y_row(int64_t t, int64_t b) const {
    const int64_t row = s.batched ? (b * s.steps + t) * s.directions + index : (t * s.directions + index) * s.batch + b;
    return y + row * s.hidden;
  }
};

// Runs all steps; h and c hold the first state before and the last one after.
void run_direction(const RnnDirection& direction);

}  // namespace halftone
