// Convolution kernels are channels-last (core/kernels/conv/geometry.h), ONNX tensors are channels-first. A node that
// the layout rewrite has marked (kChannelsLastAttr) reads and writes as the kernels do; any other one goes through
// copies.
#pragma once

#include "core/ops/conv_util.h"
#include "core/ops/op_def.h"

namespace halftone {

// [N, C, spatial...] to [N, spatial..., C] and back.
Dims channels_last_dims(std::span<const int64_t> channels_first);
Dims channels_first_dims(std::span<const int64_t> channels_last);
SymShape channels_last_shape(const SymShape& channels_first);
SymShape channels_first_shape(const SymShape& channels_last);

struct ConvRun {
  ConvGeometry geometry;
  const void* x = nullptr;  // channels-last
  void* y = nullptr;
  MutView output;      // of the node
  bool moves = false;  // y is a copy that finish_conv moves to the output
};

// Geometry of input 0 and a weight of dims w, the output made, input 0 channels-last. Errors: as plan_conv's, and
// kOutOfMemory.
Result<ConvRun> start_conv(RunContext& ctx, std::span<const int64_t> w, DType output);
// Once y is written.
Status finish_conv(const ConvRun& run);

}  // namespace halftone
