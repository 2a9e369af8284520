// Moves elements where every axis picks its own source index.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/tensor/shape.h"

namespace halftone {

// dst[i] = src[sum_k maps[k][i_k] * src_strides_k], dst dense: each axis picks its own source index (Resize nearest,
// Pad by reflection). maps[k] has dims[k] entries.
void copy_mapped(int64_t element_bytes, void* dst, std::span<const int64_t> dims, const void* src,
                 std::span<const int64_t> src_strides, std::span<const std::vector<int64_t>> maps);

}  // namespace halftone
