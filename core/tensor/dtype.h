// Element types: one table row each. `bits` below 8 are packed, first element in the low bits.
// Codes are those of onnx.TensorProto.DataType; js names are onnxruntime-web's type names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace halftone {

enum class DType : uint8_t {
  kUndefined,
  kFloat,
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kInt32,
  kInt64,
  kString,
  kBool,
  kFloat16,
  kDouble,
  kUint32,
  kUint64,
  kComplex64,
  kComplex128,
  kBFloat16,
  kFloat8E4M3FN,
  kFloat8E4M3FNUZ,
  kFloat8E5M2,
  kFloat8E5M2FNUZ,
  kUint4,
  kInt4,
  kFloat4E2M1,
  kFloat8E8M0,
  kUint2,
  kInt2,
};

enum class DKind : uint8_t { kNone, kFloat, kSigned, kUnsigned, kBool, kString, kComplex };

struct DTypeInfo {
  DType type;
  std::string_view name;  // onnxruntime-web's tensor type name: "float32", "uint8", ...
  int32_t onnx_code;      // equals static_cast<int>(type): the enum follows ONNX's order
  int bits;               // per element; 0 for string
  DKind kind;
  double lowest, highest;  // range of integer types (0, 0 for others)
};

const DTypeInfo& dtype_info(DType type);
std::span<const DTypeInfo> all_dtypes();
std::optional<DType> dtype_from_onnx(int32_t code);  // nullopt: a code we do not know
std::optional<DType> dtype_from_name(std::string_view name);

inline std::string_view dtype_name(DType t) { return dtype_info(t).name; }
inline bool is_float(DType t) { return dtype_info(t).kind == DKind::kFloat; }
inline bool is_integer(DType t) {
  return dtype_info(t).kind == DKind::kSigned || dtype_info(t).kind == DKind::kUnsigned;
}

// Bytes of n packed elements (sub-byte types round up); nullopt on overflow, negative n or string.
std::optional<int64_t> packed_bytes(DType type, int64_t n);

template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::kFloat;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::kDouble;
};
template <>
struct DTypeOf<uint8_t> {
  static constexpr DType value = DType::kUint8;
};
template <>
struct DTypeOf<int8_t> {
  static constexpr DType value = DType::kInt8;
};
template <>
struct DTypeOf<uint16_t> {
  static constexpr DType value = DType::kUint16;
};
template <>
struct DTypeOf<int16_t> {
  static constexpr DType value = DType::kInt16;
};
template <>
struct DTypeOf<uint32_t> {
  static constexpr DType value = DType::kUint32;
};
template <>
struct DTypeOf<int32_t> {
  static constexpr DType value = DType::kInt32;
};
template <>
struct DTypeOf<uint64_t> {
  static constexpr DType value = DType::kUint64;
};
template <>
struct DTypeOf<int64_t> {
  static constexpr DType value = DType::kInt64;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::kBool;
};

}  // namespace halftone
