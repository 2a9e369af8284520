// Arg and running kernels along one axis; see reduce.h.
#include "core/kernels/rare.h"
#include "core/kernels/reduce/accumulate.h"
#include "core/kernels/reduce/reduce.h"

namespace halftone {
namespace {

template <typename T>
HT_RARE void arg_typed(const void* x, int64_t outer, int64_t n, int64_t inner, bool largest, bool last, int64_t* y) {
  const T* from = static_cast<const T*>(x);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t j = 0; j < inner; ++j) {
      const T* column = from + o * n * inner + j;
      int64_t best = 0;
      for (int64_t k = 1; k < n; ++k) {
        const T a = column[k * inner], b = column[best * inner];
        if ((largest ? b < a : a < b) || (last && a == b)) best = k;
      }
      y[o * inner + j] = best;
    }
  }
}

template <typename T>
HT_RARE void running_typed(const void* x, int64_t outer, int64_t n, int64_t inner, bool product, bool exclusive,
                           bool reverse, void* y) {
  using A = Sum<T>;
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t j = 0; j < inner; ++j) {
      const T* from = static_cast<const T*>(x) + o * n * inner + j;
      T* to = static_cast<T*>(y) + o * n * inner + j;
      A total = product ? A(1) : A(0);
      for (int64_t i = 0; i < n; ++i) {
        const int64_t k = (reverse ? n - 1 - i : i) * inner;
        const A element = static_cast<A>(from[k]);
        const A next = product ? wrapping_mul(total, element) : wrapping_add(total, element);
        to[k] = static_cast<T>(exclusive ? total : next);
        total = next;
      }
    }
  }
}

}  // namespace

ArgAxis arg_axis(DType type) {
  switch (type) {
    case DType::kFloat:
      return arg_typed<float>;
    case DType::kDouble:
      return arg_typed<double>;
    case DType::kInt8:
      return arg_typed<int8_t>;
    case DType::kInt16:
      return arg_typed<int16_t>;
    case DType::kInt32:
      return arg_typed<int32_t>;
    case DType::kInt64:
      return arg_typed<int64_t>;
    case DType::kUint8:
      return arg_typed<uint8_t>;
    case DType::kUint16:
      return arg_typed<uint16_t>;
    case DType::kUint32:
      return arg_typed<uint32_t>;
    case DType::kUint64:
      return arg_typed<uint64_t>;
    default:
      return nullptr;
  }
}

RunningAxis running_axis(DType type) {
  switch (type) {
    case DType::kFloat:
      return running_typed<float>;
    case DType::kDouble:
      return running_typed<double>;
    case DType::kInt32:
      return running_typed<int32_t>;
    case DType::kInt64:
      return running_typed<int64_t>;
    case DType::kUint32:
      return running_typed<uint32_t>;
    case DType::kUint64:
      return running_typed<uint64_t>;
    default:
      return nullptr;
  }
}

}  // namespace halftone
