// BatchNormalization at inference as one multiplication and one addition per channel.
#include "core/compile/batchnorm.h"

#include <cmath>

namespace halftone {

std::optional<AffineChannels> batchnorm_as_affine(const RewriteContext& context, const Node& batchnorm) {
  const Graph& graph = context.graph;
  if (batchnorm.int_attr("training_mode", 0) != 0 || batchnorm.int_attr("spatial", 1) != 1) return std::nullopt;
  for (size_t i = 1; i < batchnorm.outputs.size(); ++i) {
    const ValueId extra = batchnorm.output(i);
    if (extra != kNoValue && !context.uses.uses(extra).empty()) return std::nullopt;
  }
  const auto gamma = float_constant(graph, batchnorm.input(1)), beta = float_constant(graph, batchnorm.input(2));
  const auto mean = float_constant(graph, batchnorm.input(3)), variance = float_constant(graph, batchnorm.input(4));
  if (!gamma || !beta || !mean || !variance) return std::nullopt;
  const size_t channels = gamma->size();
  if (beta->size() != channels || mean->size() != channels || variance->size() != channels) return std::nullopt;

  const double epsilon = batchnorm.float_attr("epsilon", 1e-5f);
  AffineChannels affine;
  for (size_t c = 0; c < channels; ++c) {
    const double factor = (*gamma)[c] / std::sqrt((*variance)[c] + epsilon);
    affine.factor.push_back(factor);
    affine.offset.push_back((*beta)[c] - (*mean)[c] * factor);
  }
  return affine;
}

}  // namespace halftone
