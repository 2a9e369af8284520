// Codes and storage of integer grids.
#include "core/stats/grid.h"

#include <algorithm>

#include "core/base/check.h"

namespace halftone {
namespace {

constexpr DType kSigned[] = {DType::kInt2, DType::kInt4, DType::kInt8, DType::kInt16};
constexpr DType kUnsigned[] = {DType::kUint2, DType::kUint4, DType::kUint8, DType::kUint16};

DType storage(int bits, bool is_signed) {
  for (DType type : is_signed ? kSigned : kUnsigned) {
    if (dtype_info(type).bits >= bits) return type;
  }
  return is_signed ? DType::kInt16 : DType::kUint16;
}

}  // namespace

Grid make_grid(const GridSpec& spec) {
  HT_CHECK(spec.bits >= 2 && spec.bits <= 16);
  const int32_t half = 1 << (spec.bits - 1), lowest = spec.is_signed ? -half : 0;
  Grid grid;
  grid.dtype = storage(std::max(spec.bits, spec.least_storage), spec.is_signed);
  grid.lowest = lowest + (spec.restricted ? 1 : 0);
  grid.highest = lowest + 2 * half - 1;
  grid.middle = lowest + half;
  grid.symmetric = spec.symmetric;
  grid.power_of_two = spec.power_of_two;
  return grid;
}

bool needs_clip(const Grid& grid) {
  const DTypeInfo& type = dtype_info(grid.dtype);
  return grid.highest < type.highest || grid.lowest > type.lowest + 1;
}

}  // namespace halftone
