// Copies through one map per axis; see the header. Inner axes that stay as they are move as blocks, and a slice that
// repeats the one before is copied from it.
#include "core/kernels/move/mapped.h"

#include "core/kernels/move/element.h"
#include "core/kernels/short_copy.h"

namespace halftone {
namespace {

// A copy of blocks of `block` bytes, which both sides hold in one piece.
struct MappedCopy {
  std::span<const int64_t> dims, dst_strides, src_strides;
  std::span<const std::vector<int64_t>> maps;
  int64_t bytes, block;

  template <typename T>
  void row(T* dst, const T* src, size_t axis) const {
    const int64_t step = src_strides[axis];
    const int64_t* map = maps[axis].data();
    for (int64_t i = 0; i < dims[axis]; ++i) dst[i] = src[map[i] * step];
  }

  void run(uint8_t* dst, const uint8_t* src, size_t axis) const {
    if (axis == dims.size()) return copy_run(dst, src, block);
    if (axis + 1 == dims.size() && block == bytes) {
      return with_element(bytes, [&](auto element) {
        using T = decltype(element);
        row(reinterpret_cast<T*>(dst), reinterpret_cast<const T*>(src), axis);
      });
    }
    int64_t before = -1;
    const int64_t step = dst_strides[axis] * bytes;
    for (int64_t i = 0; i < dims[axis]; ++i, dst += step) {
      const int64_t from = maps[axis][static_cast<size_t>(i)];
      if (from == before) {  // what was just written, in one piece
        copy_run(dst, dst - step, step);
      } else {
        run(dst, src + from * src_strides[axis] * bytes, axis + 1);
      }
      before = from;
    }
  }
};

bool is_identity(std::span<const int64_t> map) {
  for (size_t i = 0; i < map.size(); ++i) {
    if (map[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

}  // namespace

void copy_mapped(int64_t element_bytes, void* dst, std::span<const int64_t> dims, const void* src,
                 std::span<const int64_t> src_strides, std::span<const std::vector<int64_t>> maps) {
  if (is_empty(dims)) return;
  const Dims dst_strides = row_major_strides(dims);
  // Inner axes that stay as they are make up one block.
  size_t rank = dims.size();
  int64_t block = element_bytes;
  while (rank > 0 && src_strides[rank - 1] == dst_strides[rank - 1] && is_identity(maps[rank - 1])) {
    block *= dims[--rank];
  }
  const MappedCopy copy{dims.first(rank), dst_strides, src_strides, maps, element_bytes, block};
  copy.run(static_cast<uint8_t*>(dst), static_cast<const uint8_t*>(src), 0);
}

}  // namespace halftone
