// Pooling of channels-last tensors: input [batch][in...][channels], output [batch][out...][channels], windows and
// results as in pool.h (geometry.planes is the batch). Vectors run along channels, in registers over the whole window.
// A global pool is a window over everything.
#pragma once

#include "core/kernels/pool/pool.h"

namespace halftone {

// T: float, int8_t, uint8_t. A window without an element gives the type's lowest value.
template <typename T>
void max_pool_channels_last(const PoolGeometry& geometry, int64_t channels, const T* x, T* y);

// The same bits as average_pool_f32.
void average_pool_channels_last_f32(const PoolGeometry& geometry, int64_t channels, const float* x, bool count_pads,
                                    float* y);

// The same bits as average_pool_int8 and global_average_int8; int8 where signed, else uint8.
struct BytePool {
  const uint8_t* x;
  bool x_signed;
  uint8_t* y;
  bool y_signed;
};
void average_pool_channels_last_int8(const PoolGeometry& geometry, int64_t channels, bool count_pads,
                                     const PoolRequant& q, const BytePool& bytes);

// The geometry of a global pool over `size` elements in any number of axes.
PoolGeometry global_geometry(int64_t batch, int64_t size);

}  // namespace halftone
