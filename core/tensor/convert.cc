// Element conversion in blocks: every numeric type widens to int64 (integers; uint64 wraps, and unwraps when
// narrowed) or to double (floats), and narrows from either.
#include "core/tensor/convert.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/base/check.h"

namespace halftone {
namespace {

constexpr int64_t kBlock = 512;  // elements; a multiple of those in a byte, so that blocks start at byte borders

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

uint32_t load_packed(const void* bytes, int bits, int64_t i) {
  const uint8_t byte = static_cast<const uint8_t*>(bytes)[i * bits / 8];
  return (static_cast<uint32_t>(byte) >> (i * bits % 8)) & ((1u << bits) - 1);
}

// Elements come in order; the first of a byte clears the others.
void store_packed(void* bytes, int bits, int64_t i, uint32_t value) {
  uint8_t& byte = static_cast<uint8_t*>(bytes)[i * bits / 8];
  const auto shift = static_cast<int>(i * bits % 8);
  const uint32_t kept = shift == 0 ? 0u : byte;
  byte = static_cast<uint8_t>(kept | (value & ((1u << bits) - 1)) << shift);
}

int32_t sign_extend(uint32_t v, int bits) {
  const uint32_t sign = 1u << (bits - 1);
  return static_cast<int32_t>((v ^ sign) - sign);
}

template <typename T, typename Wide>
void widen_as(const void* src, int64_t begin, int64_t n, Wide* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = static_cast<Wide>(load<T>(src, begin + i));
}

void widen_integers(DType type, const void* src, int64_t begin, int64_t n, int64_t* out) {
  const DTypeInfo& info = dtype_info(type);
  switch (type) {
    case DType::kInt8:
      return widen_as<int8_t>(src, begin, n, out);
    case DType::kUint8:
      return widen_as<uint8_t>(src, begin, n, out);
    case DType::kInt16:
      return widen_as<int16_t>(src, begin, n, out);
    case DType::kUint16:
      return widen_as<uint16_t>(src, begin, n, out);
    case DType::kInt32:
      return widen_as<int32_t>(src, begin, n, out);
    case DType::kUint32:
      return widen_as<uint32_t>(src, begin, n, out);
    case DType::kInt64:
    case DType::kUint64:
      return widen_as<int64_t>(src, begin, n, out);
    case DType::kBool:
      for (int64_t i = 0; i < n; ++i) out[i] = load<uint8_t>(src, begin + i) != 0;
      return;
    default:
      HT_CHECK(info.bits < 8);
      for (int64_t i = 0; i < n; ++i) {
        const uint32_t raw = load_packed(src, info.bits, begin + i);
        out[i] = info.kind == DKind::kSigned ? sign_extend(raw, info.bits) : static_cast<int64_t>(raw);
      }
  }
}

void widen_floats(DType type, const void* src, int64_t begin, int64_t n, double* out) {
  switch (type) {
    case DType::kFloat:
      return widen_as<float>(src, begin, n, out);
    case DType::kDouble:
      return widen_as<double>(src, begin, n, out);
    case DType::kFloat16:
      for (int64_t i = 0; i < n; ++i) out[i] = half_to_float(load<uint16_t>(src, begin + i));
      return;
    case DType::kBFloat16:
      for (int64_t i = 0; i < n; ++i) out[i] = bfloat16_to_float(load<uint16_t>(src, begin + i));
      return;
    case DType::kFloat8E8M0:
      for (int64_t i = 0; i < n; ++i) out[i] = decode_e8m0(load<uint8_t>(src, begin + i));
      return;
    default: {
      const SmallFloat* format = small_float_format(type);
      HT_CHECK(format != nullptr);
      const int bits = dtype_info(type).bits;
      for (int64_t i = 0; i < n; ++i) out[i] = decode_small_float(*format, load_packed(src, bits, begin + i));
    }
  }
}

template <typename T, typename Wide>
void narrow_as(const Wide* in, int64_t n, void* dst, int64_t begin) {
  for (int64_t i = 0; i < n; ++i) store(dst, begin + i, static_cast<T>(in[i]));
}

void narrow_integers(DType type, const int64_t* in, int64_t n, void* dst, int64_t begin) {
  const int bits = dtype_info(type).bits;
  switch (bits) {
    case 8:
      return narrow_as<uint8_t>(in, n, dst, begin);
    case 16:
      return narrow_as<uint16_t>(in, n, dst, begin);
    case 32:
      return narrow_as<uint32_t>(in, n, dst, begin);
    case 64:
      return narrow_as<uint64_t>(in, n, dst, begin);
    default:
      for (int64_t i = 0; i < n; ++i) store_packed(dst, bits, begin + i, static_cast<uint32_t>(in[i]));
  }
}

void narrow_floats(DType type, const double* in, int64_t n, void* dst, int64_t begin, const CastRules& rules) {
  if (type == DType::kFloat) return narrow_as<float>(in, n, dst, begin);
  if (type == DType::kDouble) return narrow_as<double>(in, n, dst, begin);
  if (type == DType::kFloat8E8M0) {
    for (int64_t i = 0; i < n; ++i) store(dst, begin + i, encode_e8m0(in[i], rules.saturate, rules.scale_rounding));
    return;
  }
  const SmallFloat* format = small_float_format(type);
  HT_CHECK(format != nullptr);
  const int bits = dtype_info(type).bits;
  for (int64_t i = 0; i < n; ++i) {
    // float16 and bfloat16 never saturate.
    const uint32_t raw = encode_small_float(*format, in[i], rules.saturate && bits <= 8);
    if (bits == 16) {
      store(dst, begin + i, static_cast<uint16_t>(raw));
    } else {
      store_packed(dst, bits, begin + i, raw);
    }
  }
}

// Toward zero, saturating in the integers that narrowing then drops bits from; uint64 as its bit pattern.
int64_t truncate(double v, DType to) {
  if (std::isnan(v)) return 0;
  const DTypeInfo& info = dtype_info(to);
  const bool narrow = info.bits < 32;
  const double lowest = narrow ? -0x1p31 : info.lowest, highest = narrow ? 0x1p31 - 1 : info.highest;
  if (v <= lowest) return static_cast<int64_t>(lowest);
  if (to == DType::kUint64) return static_cast<int64_t>(v >= 0x1p64 ? UINT64_MAX : static_cast<uint64_t>(v));
  if (v >= highest) return to == DType::kInt64 ? INT64_MAX : static_cast<int64_t>(highest);
  return static_cast<int64_t>(v);
}

struct Blocks {
  std::array<int64_t, kBlock> ints;
  std::array<double, kBlock> reals;
};

// Integers as reals, rounded once: to float where that is the target, to double on the way to smaller types.
void ints_to_reals(DType from, DType to, int64_t n, Blocks& b) {
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    const auto u = static_cast<uint64_t>(b.ints[i]);
    if (to == DType::kFloat) {
      b.reals[i] = from == DType::kUint64 ? static_cast<float>(u) : static_cast<float>(b.ints[i]);
    } else {
      b.reals[i] = from == DType::kUint64 ? static_cast<double>(u) : static_cast<double>(b.ints[i]);
    }
  }
}

void convert_block(DType from, const void* src, DType to, void* dst, int64_t begin, int64_t n, const CastRules& rules,
                   Blocks& b) {
  if (is_float(from)) {
    widen_floats(from, src, begin, n, b.reals.data());
    if (is_float(to)) return narrow_floats(to, b.reals.data(), n, dst, begin, rules);
    const bool to_bool = to == DType::kBool;
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
      b.ints[i] = to_bool ? b.reals[i] != 0 : truncate(b.reals[i], to);
    }
    return narrow_integers(to, b.ints.data(), n, dst, begin);
  }
  widen_integers(from, src, begin, n, b.ints.data());
  if (is_float(to)) {
    ints_to_reals(from, to, n, b);
    return narrow_floats(to, b.reals.data(), n, dst, begin, rules);
  }
  if (to == DType::kBool) {
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) b.ints[i] = b.ints[i] != 0;
  }
  narrow_integers(to, b.ints.data(), n, dst, begin);
}

}  // namespace

bool is_convertible(DType type) {
  const DKind kind = dtype_info(type).kind;
  return kind != DKind::kString && kind != DKind::kComplex && kind != DKind::kNone;
}

double element_as_double(DType type, const void* bytes, int64_t i) {
  if (is_float(type)) {
    double v = 0;
    widen_floats(type, bytes, i, 1, &v);
    return v;
  }
  int64_t v = 0;
  widen_integers(type, bytes, i, 1, &v);
  return type == DType::kUint64 ? static_cast<double>(static_cast<uint64_t>(v)) : static_cast<double>(v);
}

namespace {

Status check_convertible(DType from, DType to) {
  if (is_convertible(from) && is_convertible(to)) return ok_status();
  return Error{
      ErrorCode::kInvalidArgument,
      "There is no conversion from " + std::string(dtype_name(from)) + " to " + std::string(dtype_name(to)) + ".", "",
      "Only numbers and booleans convert to each other."};
}

}  // namespace

Status convert_elements(DType from, const void* src, DType to, void* dst, int64_t count, CastRules rules) {
  HT_TRY(check_convertible(from, to));
  const auto bytes = packed_bytes(to, count);
  HT_CHECK(bytes.has_value());
  if (from == to) {
    if (*bytes > 0) std::memcpy(dst, src, static_cast<size_t>(*bytes));
    return ok_status();
  }
  Blocks blocks;
  for (int64_t begin = 0; begin < count; begin += kBlock) {
    convert_block(from, src, to, dst, begin, std::min(kBlock, count - begin), rules, blocks);
  }
  return ok_status();
}

Result<Tensor> convert(const Tensor& tensor, DType to, CastRules rules) {
  HT_TRY(check_convertible(tensor.dtype(), to));
  if (tensor.dtype() == to) return tensor;
  HT_ASSIGN(Tensor out, Tensor::allocate(to, tensor.dims()));
  HT_TRY(convert_elements(tensor.dtype(), tensor.bytes(), to, out.mutable_bytes(), tensor.size(), rules));
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
