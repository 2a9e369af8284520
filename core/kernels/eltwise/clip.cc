// Row kernels of Clip; see unary.h.
#include "core/kernels/eltwise/unary.h"
#include "core/kernels/rare.h"
#include "core/kernels/simd.h"

namespace halftone {
namespace {

template <typename T>
void clip_typed(const void* x, void* y, int64_t n, const void* low, const void* high) {
  const T* from = static_cast<const T*>(x);
  T* to = static_cast<T*>(y);
  const T lo = *static_cast<const T*>(low), hi = *static_cast<const T*>(high);
  for (int64_t i = 0; i < n; ++i) {
    const T v = from[i] < lo ? lo : from[i];
    to[i] = v > hi ? hi : v;
  }
}

// In vectors by hand: where x and y are the same array, as behind a fused activation, a compiler's loop would not be.
void clip_f32(const void* x, void* y, int64_t n, const void* low, const void* high) {
  const float* from = static_cast<const float*>(x);
  float* to = static_cast<float*>(y);
  const f32x4 lo = splat(*static_cast<const float*>(low)), hi = splat(*static_cast<const float*>(high));
  const int64_t whole = n / 4 * 4;
  for (int64_t i = 0; i < whole; i += 4) {
    f32x4 v = load<f32x4>(from + i);
    v = v < lo ? lo : v;
    store(to + i, v > hi ? hi : v);
  }
  clip_typed<float>(from + whole, to + whole, n - whole, low, high);
}

template <typename T>
HT_RARE void clip_rare(const void* x, void* y, int64_t n, const void* low, const void* high) {
  clip_typed<T>(x, y, n, low, high);
}

}  // namespace

ClipRow clip_row(DType type) {
  switch (type) {
    case DType::kFloat:
      return clip_f32;
    case DType::kDouble:
      return clip_rare<double>;
    case DType::kInt8:
      return clip_rare<int8_t>;
    case DType::kInt16:
      return clip_rare<int16_t>;
    case DType::kInt32:
      return clip_rare<int32_t>;
    case DType::kInt64:
      return clip_rare<int64_t>;
    case DType::kUint8:
      return clip_rare<uint8_t>;
    case DType::kUint16:
      return clip_rare<uint16_t>;
    case DType::kUint32:
      return clip_rare<uint32_t>;
    case DType::kUint64:
      return clip_rare<uint64_t>;
    default:
      return nullptr;
  }
}

}  // namespace halftone
