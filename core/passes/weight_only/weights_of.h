// The weights of a model that passes for weights alone may store in another way, each seen as a matrix: one row per
// output channel, one column per product that a sum over it takes.
//   Conv [M, C/g, k...]        rows M, columns C/g * k      MatMul b [..., K, N]   rows ... * N, columns K
//   ConvTranspose [C, M/g, k]  rows M/g * k, columns C      MatMul a [..., M, K]   rows ... * M, columns K
//   Gemm b [K, N] or [N, K]    rows N, columns K            Gather [V, D...]       rows V, columns D...
//   RNN, GRU, LSTM w and r [directions, H, K]               rows directions * H, columns K
// Conditions: float32 constants of rank 2 or more, finite, that nodes of these kinds read, all in the same way.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/graph/edit.h"
#include "core/passes/quantize/selection.h"
#include "core/passes/quantize/weight_report.h"

namespace halftone {

struct MatrixForm {
  int64_t rows = 0, cols = 0;
  // Element (r, c) is at (r / inner_rows) * outer_stride + (r % inner_rows) * row_stride + c * col_stride.
  int64_t inner_rows = 1, outer_stride = 0, row_stride = 0, col_stride = 1;
  int64_t channel_axis = 0, reduce_axis = 0;  // of the tensor
  int64_t rows_per_channel = 1;               // neighbouring rows that are one index of channel_axis
  bool outer = false;                         // channel_axis alone does not tell rows apart: batches of matrices
  bool flattened = false;  // the columns are several axes of the tensor, the last ones: [rows, cols] in memory

  bool operator==(const MatrixForm&) const = default;
  int64_t at(int64_t r, int64_t c) const {
    return r / inner_rows * outer_stride + r % inner_rows * row_stride + c * col_stride;
  }
};

struct WeightReader {
  size_t node = 0, input = 0;
};

struct WeightOf {
  ValueId id = kNoValue;
  MatrixForm form;
  std::vector<WeightReader> readers;  // at least one
};

// Operators whose weights are found.
std::span<const std::string_view> weight_operators();

// In the order of the nodes that read them. The report learns which nodes have none that can be taken, and why.
std::vector<WeightOf> weights_of(const Graph& graph, const NodeSelection& selection, WeightReport& report);

// Labels of the nodes that read it.
std::string reader_labels(const Graph& graph, const WeightOf& weight);

// The weight as its matrix, row by row.
std::vector<float> matrix_of(const Tensor& weight, const MatrixForm& form);
// What storing did to it: its matrix before and now, by output channel.
WeightFacts facts_of(std::span<const float> before, std::span<const float> now, const MatrixForm& form);
// And back: values in the order of the tensor.
std::vector<float> tensor_order(std::span<const float> matrix, const MatrixForm& form);

}  // namespace halftone
