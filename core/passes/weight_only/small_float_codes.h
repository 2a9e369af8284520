// A weight matrix as bit patterns of a small float type, with a scale for each group of elements.
#pragma once

#include "core/passes/weight_only/group_codes.h"
#include "core/tensor/dtype.h"

namespace halftone {

// type: float8 or float4. power_of_two: scales are powers of two. Zeros of the result are 0.
GroupedCodes small_float_codes(std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups,
                               DType type, bool power_of_two);

// What they stand for.
std::vector<float> real_matrix(const GroupedCodes& codes, const MatrixForm& form, const WeightGroups& groups,
                               DType type);

// The largest finite value of a small float type.
float largest_finite(DType type);

}  // namespace halftone
