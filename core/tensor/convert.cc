// Element conversion: every numeric type loads to a wide number (int64, uint64 or double) and stores from it.
#include "core/tensor/convert.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/tensor/small_float.h"

namespace halftone {
namespace {

bool convertible(DType type) {
  const DKind kind = dtype_info(type).kind;
  return kind != DKind::kString && kind != DKind::kComplex && kind != DKind::kNone;
}

uint32_t load_packed(const void* bytes, int bits, int64_t i) {
  const auto* p = static_cast<const uint8_t*>(bytes);
  const int64_t bit = i * bits;
  return (static_cast<uint32_t>(p[bit / 8]) >> (bit % 8)) & ((1u << bits) - 1);
}

void store_packed(void* bytes, int bits, int64_t i, uint32_t value) {
  auto* p = static_cast<uint8_t*>(bytes);
  const int64_t bit = i * bits;
  const uint32_t mask = ((1u << bits) - 1) << (bit % 8);
  p[bit / 8] = static_cast<uint8_t>((p[bit / 8] & ~mask) | ((value << (bit % 8)) & mask));
}

template <typename T>
T load(const void* bytes, int64_t i) {
  T v;
  std::memcpy(&v, static_cast<const uint8_t*>(bytes) + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return v;
}

template <typename T>
void store(void* bytes, int64_t i, T v) {
  std::memcpy(static_cast<uint8_t*>(bytes) + i * static_cast<int64_t>(sizeof(T)), &v, sizeof(T));
}

int32_t sign_extend(uint32_t v, int bits) {
  const uint32_t sign = 1u << (bits - 1);
  return static_cast<int32_t>((v ^ sign) - sign);
}

// Exact for every integer type (uint64 wraps, and unwraps on storing).
int64_t load_integer(DType type, const void* p, int64_t i) {
  switch (type) {
    case DType::kInt8:
      return load<int8_t>(p, i);
    case DType::kUint8:
      return load<uint8_t>(p, i);
    case DType::kBool:
      return load<uint8_t>(p, i) != 0;
    case DType::kInt16:
      return load<int16_t>(p, i);
    case DType::kUint16:
      return load<uint16_t>(p, i);
    case DType::kInt32:
      return load<int32_t>(p, i);
    case DType::kUint32:
      return load<uint32_t>(p, i);
    case DType::kInt64:
      return load<int64_t>(p, i);
    case DType::kUint64:
      return static_cast<int64_t>(load<uint64_t>(p, i));
    case DType::kUint4:
    case DType::kUint2:
      return load_packed(p, dtype_info(type).bits, i);
    default:
      return sign_extend(load_packed(p, dtype_info(type).bits, i), dtype_info(type).bits);
  }
}

double load_float(DType type, const void* p, int64_t i) {
  if (type == DType::kFloat) return load<float>(p, i);
  if (type == DType::kDouble) return load<double>(p, i);
  if (type == DType::kFloat8E8M0) {
    const uint8_t e = load<uint8_t>(p, i);
    return e == 255 ? static_cast<double>(__builtin_nan("")) : std::ldexp(1.0, e - 127);
  }
  const int bits = dtype_info(type).bits;
  const uint32_t raw = bits == 16 ? load<uint16_t>(p, i) : load_packed(p, bits, i);
  return decode_small_float(*small_float_format(type), raw);
}

void store_integer(DType type, void* p, int64_t i, int64_t v) {
  const int bits = dtype_info(type).bits;
  switch (bits) {
    case 8:
      return store(p, i, static_cast<uint8_t>(type == DType::kBool ? v != 0 : v));
    case 16:
      return store(p, i, static_cast<uint16_t>(v));
    case 32:
      return store(p, i, static_cast<uint32_t>(v));
    case 64:
      return store(p, i, static_cast<uint64_t>(v));
    default:
      return store_packed(p, bits, i, static_cast<uint32_t>(v));
  }
}

// Nearest power of two, ties up, as the ONNX reference does for e8m0.
uint8_t encode_e8m0(double v) {
  if (!(v > 0)) return v == 0 ? 0 : 255;
  if (std::isinf(v)) return 254;
  int exponent;
  const double fraction = std::frexp(v, &exponent);  // in [0.5, 1)
  const int power = fraction >= 0.75 ? exponent : exponent - 1;
  return static_cast<uint8_t>(std::clamp(power + 127, 0, 254));
}

void store_float(DType type, void* p, int64_t i, double v, bool saturate) {
  if (type == DType::kFloat) return store(p, i, static_cast<float>(v));
  if (type == DType::kDouble) return store(p, i, v);
  if (type == DType::kFloat8E8M0) return store(p, i, encode_e8m0(v));
  const int bits = dtype_info(type).bits;
  // Only the float8 types saturate; float16 and bfloat16 go to infinity, float4 has nowhere else to go.
  const uint32_t raw = encode_small_float(*small_float_format(type), static_cast<float>(v), saturate && bits <= 8);
  if (bits == 16) {
    store(p, i, static_cast<uint16_t>(raw));
  } else {
    store_packed(p, bits, i, raw);
  }
}

// Truncation toward zero; out of range and NaN are undefined in C++, so they are pinned here: saturated, and 0.
int64_t truncate(DType type, double v) {
  if (std::isnan(v)) return 0;
  const DTypeInfo& info = dtype_info(type);
  if (type == DType::kBool) return v != 0;
  if (type == DType::kUint64) {
    if (v <= 0) return 0;
    return v >= 0x1p64 ? -1 : static_cast<int64_t>(static_cast<uint64_t>(v));
  }
  if (type == DType::kInt64 && v >= 0x1p63) return INT64_MAX;
  return static_cast<int64_t>(std::clamp(std::trunc(v), info.lowest, info.highest));
}

}  // namespace

double element_as_double(DType type, const void* bytes, int64_t i) {
  if (is_float(type)) return load_float(type, bytes, i);
  const int64_t v = load_integer(type, bytes, i);
  return type == DType::kUint64 ? static_cast<double>(static_cast<uint64_t>(v)) : static_cast<double>(v);
}

Status convert_elements(DType from, const void* src, DType to, void* dst, int64_t count, bool saturate) {
  if (!convertible(from) || !convertible(to)) {
    return Error{ErrorCode::kUnsupportedOperator,
                 "no conversion from " + std::string(dtype_name(from)) + " to " + std::string(dtype_name(to)), "", ""};
  }
  if (from == to) {
    std::memcpy(dst, src, static_cast<size_t>(*packed_bytes(from, count)));
    return ok_status();
  }
  if (const auto bytes = packed_bytes(to, count); dtype_info(to).bits < 8)
    std::memset(dst, 0, static_cast<size_t>(*bytes));
  const bool from_float = is_float(from), to_float = is_float(to);
  for (int64_t i = 0; i < count; ++i) {
    if (to_float) {
      store_float(to, dst, i, element_as_double(from, src, i), saturate);
    } else if (from_float) {
      store_integer(to, dst, i, truncate(to, load_float(from, src, i)));
    } else {
      store_integer(to, dst, i, load_integer(from, src, i));
    }
  }
  return ok_status();
}

Result<Tensor> convert(const Tensor& tensor, DType to, bool saturate) {
  HT_ASSIGN(Tensor out, Tensor::allocate(to, tensor.dims()));
  HT_TRY(convert_elements(tensor.dtype(), tensor.bytes(), to, out.mutable_bytes(), tensor.size(), saturate));
  return out;
}

Result<std::vector<float>> to_floats(const Tensor& tensor) {
  std::vector<float> out(static_cast<size_t>(tensor.size()));
  HT_TRY(convert_elements(tensor.dtype(), tensor.bytes(), DType::kFloat, out.data(), tensor.size()));
  return out;
}

Result<std::vector<int64_t>> to_ints(const Tensor& tensor) {
  std::vector<int64_t> out(static_cast<size_t>(tensor.size()));
  HT_TRY(convert_elements(tensor.dtype(), tensor.bytes(), DType::kInt64, out.data(), tensor.size()));
  return out;
}

}  // namespace halftone
