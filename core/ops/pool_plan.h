// What a pool's attributes and its input's shape ask for: output shape, window geometry. Channels-last nodes
// (kChannelsLastAttr) have their spatial axes from 1 on instead of from 2.
#pragma once

#include "core/kernels/pool/pool.h"
#include "core/ops/op_def.h"

namespace halftone {

Status infer_pool(InferContext& ctx);
Status infer_global_pool(InferContext& ctx);

struct PoolPlan {
  PoolGeometry geometry;  // planes: batch * channels, or the batch where channels are last
  int64_t channels = 1;
  bool channels_last = false;
  Dims output_dims;
};
Result<PoolPlan> plan_pool(const Node& node, std::span<const int64_t> x);

// A window over everything.
Result<PoolPlan> plan_global(const Node& node, std::span<const int64_t> x);

}  // namespace halftone
