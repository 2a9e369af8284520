// Transposes a matrix: dst[i * dst_step + j] = src[j * src_step + i] for i < m, j < n. Elements of one and four bytes
// go in square blocks of vectors, pixels of three channels (n = 3 or m = 3) by three vectors at a time.
#pragma once

#include <cstdint>
#include <string>

namespace halftone {

// T: uint8_t, uint16_t, uint32_t, uint64_t, Pair (element.h), std::string.
template <typename T>
void transpose_matrix(T* dst, int64_t dst_step, const T* src, int64_t src_step, int64_t m, int64_t n);

}  // namespace halftone
