// Moves elements between two strided arrays of the same dims. Transpose, Slice, Concat, Split, Expand, Tile,
// DepthToSpace and Pad's interior are all this, with different strides (0 repeats, negative runs backwards).
// Elements have no type here, only a size of 1, 2, 4, 8 or 16 bytes. Strides count elements.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "core/tensor/shape.h"

namespace halftone {

// dst[sum i_k * dst_strides_k] = src[sum i_k * src_strides_k] for every index i below dims. The caller has checked
// that both stay inside their arrays, and that no two indices write the same place.
void copy_strided(int64_t element_bytes, void* dst, std::span<const int64_t> dst_strides, const void* src,
                  std::span<const int64_t> src_strides, std::span<const int64_t> dims);
// The same for strings.
void copy_strided(std::string* dst, std::span<const int64_t> dst_strides, const std::string* src,
                  std::span<const int64_t> src_strides, std::span<const int64_t> dims);

// Writes `count` copies of the one element at `value`.
void fill_elements(int64_t element_bytes, void* dst, const void* value, int64_t count);

}  // namespace halftone
