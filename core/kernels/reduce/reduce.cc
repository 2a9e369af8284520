// Reductions over one axis; see the header. Float: columns go in blocks of kBlock accumulators, which vectorize; sums
// of a single column (inner = 1) go over eight lanes. Other types take one plain loop.
#include "core/kernels/reduce/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "core/kernels/eltwise/math_double.h"
#include "core/kernels/rare.h"
#include "core/kernels/reduce/accumulate.h"

namespace halftone {
namespace {

constexpr int64_t kBlock = 32;

// Each function: start value, one step, and what becomes of the accumulator of n elements.
template <Reduce kFunction, typename T>
struct Rule {
  using A = Sum<T>;
  static constexpr bool kLowest = kFunction == Reduce::kMax, kHighest = kFunction == Reduce::kMin;
  using Limits = std::numeric_limits<T>;
  static A start() {
    if (kLowest) return Limits::has_infinity ? -static_cast<A>(Limits::infinity()) : static_cast<A>(Limits::lowest());
    if (kHighest) return Limits::has_infinity ? static_cast<A>(Limits::infinity()) : static_cast<A>(Limits::max());
    return kFunction == Reduce::kProd ? A(1) : A(0);
  }
  static A step(A a, T element) {
    const A x = static_cast<A>(element);
    switch (kFunction) {
      case Reduce::kMax:
        return x > a || x != x ? x : a;
      case Reduce::kMin:
        return x < a || x != x ? x : a;
      case Reduce::kProd:
        return wrapping_mul(a, x);
      case Reduce::kL1:
        return wrapping_add(a, x < 0 ? wrapping_mul(x, static_cast<A>(-1)) : x);
      case Reduce::kL2:
      case Reduce::kSumSquare:
        return wrapping_add(a, wrapping_mul(x, x));
      default:
        return wrapping_add(a, x);
    }
  }
  static T finish(A a, int64_t n) {
    switch (kFunction) {
      case Reduce::kMean:
        if constexpr (std::is_integral_v<A>) return n == 0 ? T(0) : static_cast<T>(a / static_cast<A>(n));
        return static_cast<T>(a / static_cast<A>(n));
      case Reduce::kL2:
        return rounded(std::sqrt(static_cast<double>(a)));
      case Reduce::kLogSum:
        return rounded(log_d(static_cast<double>(a)));
      default:
        return static_cast<T>(a);
    }
  }
  static T rounded(double v) {
    if constexpr (std::is_integral_v<T>) {
      if (!(v >= static_cast<double>(Limits::lowest()))) return Limits::lowest();
    }
    return static_cast<T>(v);
  }
};

template <Reduce kFunction>
constexpr bool kIsSum = kFunction == Reduce::kSum || kFunction == Reduce::kMean || kFunction == Reduce::kL2 ||
                        kFunction == Reduce::kSumSquare;

// One dense column of float.
template <Reduce kFunction>
float reduce_row(const float* x, int64_t n) {
  using R = Rule<kFunction, float>;
  double total = R::start();
  int64_t i = 0;
  if constexpr (kIsSum<kFunction>) {
    double lanes[8] = {};
    for (; i + 8 <= n; i += 8) {
      for (int k = 0; k < 8; ++k) lanes[k] = R::step(lanes[k], x[i + k]);
    }
    for (double lane : lanes) total += lane;
  }
  for (; i < n; ++i) total = R::step(total, x[i]);
  return R::finish(total, n);
}

template <Reduce kFunction>
void reduce_f32(const void* x, int64_t outer, int64_t n, int64_t inner, void* y) {
  using R = Rule<kFunction, float>;
  const float* from = static_cast<const float*>(x);
  float* to = static_cast<float*>(y);
  for (int64_t o = 0; o < outer; ++o, from += n * inner, to += inner) {
    if (inner == 1) {
      *to = reduce_row<kFunction>(from, n);
      continue;
    }
    for (int64_t j0 = 0; j0 < inner; j0 += kBlock) {
      const int64_t width = std::min(kBlock, inner - j0);
      double sums[kBlock];
      std::fill_n(sums, kBlock, R::start());
      for (int64_t k = 0; k < n; ++k) {
        const float* row = from + k * inner + j0;
        for (int64_t j = 0; j < width; ++j) sums[j] = R::step(sums[j], row[j]);
      }
      for (int64_t j = 0; j < width; ++j) to[j0 + j] = R::finish(sums[j], n);
    }
  }
}

template <Reduce kFunction, typename T>
HT_RARE void reduce_rare(const void* x, int64_t outer, int64_t n, int64_t inner, void* y) {
  using R = Rule<kFunction, T>;
  for (int64_t i = 0; i < outer * inner; ++i) {
    const T* from = static_cast<const T*>(x) + i / inner * n * inner + i % inner;
    typename R::A total = R::start();
    for (int64_t k = 0; k < n; ++k) total = R::step(total, from[k * inner]);
    static_cast<T*>(y)[i] = R::finish(total, n);
  }
}

// log(sum(exp(x))) = max + log(sum(exp(x - max))), which does not overflow.
template <typename T>
HT_RARE void log_sum_exp(const void* x, int64_t outer, int64_t n, int64_t inner, void* y) {
  const T* from = static_cast<const T*>(x);
  T* to = static_cast<T*>(y);
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t j = 0; j < inner; ++j) {
      const T* column = from + o * n * inner + j;
      double top = -kInfinity, sum = 0;
      for (int64_t k = 0; k < n; ++k) top = std::max(top, static_cast<double>(column[k * inner]));
      const double shift = top - top == 0 ? top : 0;  // an infinite maximum is left in the sum
      for (int64_t k = 0; k < n; ++k) sum += exp_d(static_cast<double>(column[k * inner]) - shift);
      to[o * inner + j] = Rule<Reduce::kLogSum, T>::rounded(shift + log_d(sum));
    }
  }
}

// Of float, what networks do not spend time in is small instead of fast too.
template <Reduce kFunction>
constexpr bool kIsRare =
    kFunction == Reduce::kL1 || kFunction == Reduce::kLogSum || kFunction == Reduce::kMin || kFunction == Reduce::kProd;

template <Reduce kFunction>
ReduceAxis float_type() {
  if constexpr (kIsRare<kFunction>) {
    return reduce_rare<kFunction, float>;
  } else {
    return reduce_f32<kFunction>;
  }
}

template <Reduce kFunction>
ReduceAxis wide_types(DType type) {
  switch (type) {
    case DType::kFloat:
      return float_type<kFunction>();
    case DType::kDouble:
      return reduce_rare<kFunction, double>;
    case DType::kInt32:
      return reduce_rare<kFunction, int32_t>;
    case DType::kInt64:
      return reduce_rare<kFunction, int64_t>;
    case DType::kUint32:
      return reduce_rare<kFunction, uint32_t>;
    case DType::kUint64:
      return reduce_rare<kFunction, uint64_t>;
    default:
      return nullptr;
  }
}

// Max and Min take bytes too; bool is one of 0 and 1.
template <Reduce kFunction>
ReduceAxis ordered_types(DType type) {
  switch (type) {
    case DType::kBool:
    case DType::kUint8:
      return reduce_rare<kFunction, uint8_t>;
    case DType::kInt8:
      return reduce_rare<kFunction, int8_t>;
    default:
      return wide_types<kFunction>(type);
  }
}

}  // namespace

ReduceAxis reduce_axis(Reduce function, DType type) {
  switch (function) {
    case Reduce::kL1:
      return wide_types<Reduce::kL1>(type);
    case Reduce::kL2:
      return wide_types<Reduce::kL2>(type);
    case Reduce::kLogSum:
      return wide_types<Reduce::kLogSum>(type);
    case Reduce::kLogSumExp:
      if (type == DType::kFloat) return log_sum_exp<float>;
      if (type == DType::kDouble) return log_sum_exp<double>;
      return nullptr;
    case Reduce::kMax:
      return ordered_types<Reduce::kMax>(type);
    case Reduce::kMean:
      return wide_types<Reduce::kMean>(type);
    case Reduce::kMin:
      return ordered_types<Reduce::kMin>(type);
    case Reduce::kProd:
      return wide_types<Reduce::kProd>(type);
    case Reduce::kSum:
      return wide_types<Reduce::kSum>(type);
    case Reduce::kSumSquare:
      return wide_types<Reduce::kSumSquare>(type);
  }
  return nullptr;
}

}  // namespace halftone
