// A weight matrix as codes of an integer grid, one scale and zero point for each group of elements: all of them, the
// rows of an output channel, or a block along a row. A group's elements are neighbours in the matrix.
// Methods: "rtn" rounds under the scale that covers the group; "mse" tries smaller scales too and keeps the one of
// least squared error; "hqq" alternates between taking outliers out of the error and fitting zero point and scale.
// Reference: Badri, Shaji 2023 (HQQ: p = 0.7, beta = 10, kappa = 1.01, 20 rounds); errors are measured in steps here,
// so that the result does not depend on the weight's unit, and zero points stay whole: ONNX stores integers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/kernels/quant/grid_fit.h"
#include "core/passes/weight_only/weights_of.h"
#include "core/stats/grid.h"

namespace halftone {

enum class Granularity : uint8_t { kTensor, kChannel, kBlock };

struct WeightGroups {
  int64_t rows_per_group = 1;
  int64_t block = 1, blocks = 1;  // along a row; more rows than one only with one block

  int64_t count(int64_t rows) const { return rows / rows_per_group * blocks; }
};

// Blocks as long as a row or longer are channels.
WeightGroups groups_of(const MatrixForm& form, Granularity granularity, int64_t block_size);

struct GroupedCodes {
  std::vector<int16_t> codes;      // as the matrix
  std::vector<float> scale, zero;  // [rows / rows_per_group][blocks]; zeros are whole numbers
};

enum class FitMethod : uint8_t { kNearest, kLeastSquares, kHalfQuadratic };

// Parameters for n numbers under a grid.
GridFit fit_group(const float* x, int64_t n, const Grid& grid, FitMethod method);

// All groups of a matrix of `form`; leaves codes empty where `with_codes` is false.
GroupedCodes group_codes(std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups,
                         const Grid& grid, FitMethod method, bool with_codes = true);

// What the codes stand for.
std::vector<float> real_matrix(const GroupedCodes& codes, const MatrixForm& form, const WeightGroups& groups);

}  // namespace halftone
