// Strided copies; see the header. Dims that are adjacent in both arrays are merged first, so that most moves are a few
// long rows; a transposed pair of inner dims is a matrix of its own.
#include "core/kernels/move/strided.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/base/check.h"
#include "core/base/small_vector.h"
#include "core/kernels/move/element.h"
#include "core/kernels/move/transpose.h"
#include "core/kernels/short_copy.h"

namespace halftone {
namespace {

struct Axis {
  int64_t n, dst, src;
};

// Drops dims of one and merges neighbours that step through both arrays as one dim would.
SmallVector<Axis, 8> collapse(std::span<const int64_t> dims, std::span<const int64_t> dst,
                              std::span<const int64_t> src) {
  SmallVector<Axis, 8> axes;
  for (size_t k = 0; k < dims.size(); ++k) {
    if (dims[k] == 1) continue;
    if (!axes.empty() && axes.back().dst == dst[k] * dims[k] && axes.back().src == src[k] * dims[k]) {
      axes.back() = {axes.back().n * dims[k], dst[k], src[k]};
    } else {
      axes.push_back({dims[k], dst[k], src[k]});
    }
  }
  return axes;
}

template <typename T>
void copy_row(T* dst, int64_t dst_stride, const T* src, int64_t src_stride, int64_t n) {
  if (dst_stride == 1 && src_stride == 1) {
    if constexpr (std::is_trivially_copyable_v<T>) {
      copy_run(dst, src, n * static_cast<int64_t>(sizeof(T)));
    } else {
      std::copy_n(src, n, dst);
    }
  } else if (dst_stride == 1 && src_stride == 0) {
    std::fill_n(dst, n, *src);
  } else {
    for (int64_t i = 0; i < n; ++i) dst[i * dst_stride] = src[i * src_stride];
  }
}

template <typename T>
void copy_axes(T* dst, const T* src, std::span<const Axis> axes) {
  if (axes.empty()) {
    *dst = *src;
  } else if (axes.size() == 1) {
    copy_row(dst, axes[0].dst, src, axes[0].src, axes[0].n);
  } else if (axes.size() == 2 && axes[0].src == 1 && axes[1].dst == 1) {
    transpose_matrix(dst, axes[0].dst, src, axes[1].src, axes[0].n, axes[1].n);
  } else {
    for (int64_t i = 0; i < axes[0].n; ++i) {
      copy_axes(dst + i * axes[0].dst, src + i * axes[0].src, axes.subspan(1));
    }
  }
}

}  // namespace

void copy_strided(int64_t element_bytes, void* dst, std::span<const int64_t> dst_strides, const void* src,
                  std::span<const int64_t> src_strides, std::span<const int64_t> dims) {
  if (is_empty(dims)) return;
  const auto axes = collapse(dims, dst_strides, src_strides);
  with_element(element_bytes, [&](auto element) {
    using T = decltype(element);
    copy_axes(static_cast<T*>(dst), static_cast<const T*>(src), std::span<const Axis>(axes));
  });
}

void copy_strided(std::string* dst, std::span<const int64_t> dst_strides, const std::string* src,
                  std::span<const int64_t> src_strides, std::span<const int64_t> dims) {
  if (is_empty(dims)) return;
  const auto axes = collapse(dims, dst_strides, src_strides);
  copy_axes(dst, src, std::span<const Axis>(axes));
}

void fill_elements(int64_t element_bytes, void* dst, const void* value, int64_t count) {
  with_element(element_bytes, [&](auto element) {
    std::memcpy(&element, value, sizeof(element));
    std::fill_n(static_cast<decltype(element)*>(dst), count, element);
  });
}

}  // namespace halftone
