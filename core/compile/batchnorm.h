// BatchNormalization at inference as one multiplication and one addition per channel, for the rules that
// fold it into the operator before it.
// Formula: y = x * factor + offset, factor = gamma / sqrt(variance + epsilon), offset = beta - mean * factor
// (in double, rounded once by whoever stores it). Source: ONNX BatchNormalization-15.
#pragma once

#include <optional>
#include <vector>

#include "core/compile/match.h"

namespace halftone {

struct AffineChannels {
  std::vector<double> factor, offset;
};

// nullopt where the node trains, has more outputs than one in use, or its parameters are not float32 constants.
std::optional<AffineChannels> batchnorm_as_affine(const RewriteContext& context, const Node& batchnorm);

}  // namespace halftone
