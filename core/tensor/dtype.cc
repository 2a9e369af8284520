// The table of element types.
#include "core/tensor/dtype.h"

#include <array>

#include "core/base/check.h"
#include "core/base/checked.h"

namespace halftone {
namespace {

constexpr std::array kTable = {
    DTypeInfo{DType::kUndefined, "unknown", 0, 0, DKind::kNone, 0, 0},
    DTypeInfo{DType::kFloat, "float32", 1, 32, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kUint8, "uint8", 2, 8, DKind::kUnsigned, 0, 255},
    DTypeInfo{DType::kInt8, "int8", 3, 8, DKind::kSigned, -128, 127},
    DTypeInfo{DType::kUint16, "uint16", 4, 16, DKind::kUnsigned, 0, 65535},
    DTypeInfo{DType::kInt16, "int16", 5, 16, DKind::kSigned, -32768, 32767},
    DTypeInfo{DType::kInt32, "int32", 6, 32, DKind::kSigned, -2147483648.0, 2147483647.0},
    DTypeInfo{DType::kInt64, "int64", 7, 64, DKind::kSigned, -0x1p63, 0x1p63},
    DTypeInfo{DType::kString, "string", 8, 0, DKind::kString, 0, 0},
    DTypeInfo{DType::kBool, "bool", 9, 8, DKind::kBool, 0, 1},
    DTypeInfo{DType::kFloat16, "float16", 10, 16, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kDouble, "float64", 11, 64, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kUint32, "uint32", 12, 32, DKind::kUnsigned, 0, 4294967295.0},
    DTypeInfo{DType::kUint64, "uint64", 13, 64, DKind::kUnsigned, 0, 0x1p64},
    DTypeInfo{DType::kComplex64, "complex64", 14, 64, DKind::kComplex, 0, 0},
    DTypeInfo{DType::kComplex128, "complex128", 15, 128, DKind::kComplex, 0, 0},
    DTypeInfo{DType::kBFloat16, "bfloat16", 16, 16, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kFloat8E4M3FN, "float8e4m3fn", 17, 8, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kFloat8E4M3FNUZ, "float8e4m3fnuz", 18, 8, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kFloat8E5M2, "float8e5m2", 19, 8, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kFloat8E5M2FNUZ, "float8e5m2fnuz", 20, 8, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kUint4, "uint4", 21, 4, DKind::kUnsigned, 0, 15},
    DTypeInfo{DType::kInt4, "int4", 22, 4, DKind::kSigned, -8, 7},
    DTypeInfo{DType::kFloat4E2M1, "float4e2m1", 23, 4, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kFloat8E8M0, "float8e8m0", 24, 8, DKind::kFloat, 0, 0},
    DTypeInfo{DType::kUint2, "uint2", 25, 2, DKind::kUnsigned, 0, 3},
    DTypeInfo{DType::kInt2, "int2", 26, 2, DKind::kSigned, -2, 1},
};

}  // namespace

const DTypeInfo& dtype_info(DType type) {
  const auto i = static_cast<size_t>(type);
  HT_CHECK(i < kTable.size());
  return kTable[i];
}

std::span<const DTypeInfo> all_dtypes() { return kTable; }

std::optional<DType> dtype_from_onnx(int32_t code) {
  if (code <= 0 || code >= static_cast<int32_t>(kTable.size())) return std::nullopt;
  return static_cast<DType>(code);
}

std::optional<DType> dtype_from_name(std::string_view name) {
  for (const DTypeInfo& info : kTable) {
    if (info.name == name && info.type != DType::kUndefined) return info.type;
  }
  return std::nullopt;
}

std::optional<int64_t> packed_bytes(DType type, int64_t n) {
  const int bits = dtype_info(type).bits;
  if (n < 0 || bits == 0) return std::nullopt;
  const auto total = checked_mul(n, bits);
  if (!total) return std::nullopt;
  return *total / 8 + (*total % 8 != 0 ? 1 : 0);
}

}  // namespace halftone
