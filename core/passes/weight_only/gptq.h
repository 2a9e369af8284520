// GPTQ: codes of a weight matrix whose errors make up for each other on the inputs that were seen.
// Formula: H = X^T X + d I with d = percdamp * mean(diag); columns rounded in order by core/kernels/quant/gptq.h,
// blocks of 128; a group's parameters are fitted when its first column comes, or all beforehand: where columns are
// reordered (act_order: the largest diagonal elements first), or a group spans several rows. Reference: Frantar et al.
// 2022, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers".
#pragma once

#include "core/passes/weight_only/group_codes.h"
#include "core/passes/weight_only/layer_inputs.h"

namespace halftone {

struct GptqOptions {
  double percdamp = 0.01;
  bool act_order = false;
  FitMethod fit = FitMethod::kLeastSquares;
};

// Uses up layer.sums. Errors: kInvalidArgument, where = the node, when the inputs' sums cannot be factored.
Result<GroupedCodes> gptq(std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups,
                          const Grid& grid, const GptqOptions& options, LayerInput& layer);

}  // namespace halftone
