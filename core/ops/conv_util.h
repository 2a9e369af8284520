// What Conv, ConvInteger, QLinearConv and the integer mode of Conv share: the output's shape, the geometry of a run.
#pragma once

#include "core/kernels/conv/geometry.h"
#include "core/ops/window.h"

namespace halftone {

// Output shape [N, filters, out...] from the shapes of x [N, C, in...] and w [filters, C / group, kernel...] with the
// node's attributes. Errors: kInvalidModel.
Result<SymShape> infer_conv_shape(const Node& node, const SymShape& x, const SymShape& w);

// The same with everything known. Errors: kInvalidModel, kUnsupportedOperator (more than three spatial axes).
struct ConvPlan {
  ConvGeometry geometry;
  Dims output_dims;
};
Result<ConvPlan> plan_conv(const Node& node, std::span<const int64_t> x, std::span<const int64_t> w);

// What the weight and the attributes say of it: channels, filters, groups, kernel, stride, dilation. Errors: as
// plan_conv's.
Result<ConvGeometry> weight_geometry(const Node& node, std::span<const int64_t> w);

// Products per output element times outputs.
Cost conv_cost(const CostContext& ctx, size_t weight_input);

// factor times the number of elements, a symbol counting as one; saturates.
int64_t saturating_size(const SymShape& shape, int64_t factor = 1);

// The clamp that fusion put on a node (kClampAttr); no bounds without it.
struct Clamp {
  float lo, hi;
};
Clamp node_clamp(const Node& node);

}  // namespace halftone
