// All rows at once: one product with H an iteration, then a pass over the weights.
#include "core/kernels/quant/adaround.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/kernels/eltwise/unary.h"
#include "core/kernels/gemm/gemm_f32.h"

namespace halftone {
namespace {

constexpr float kStretch = 1.2f, kShift = 0.1f;
constexpr float kRate = 0.05f, kDecay1 = 0.9f, kDecay2 = 0.999f, kTiny = 1e-8f;
constexpr float kSharpest = 20, kSmoothest = 2;

class Descent {
 public:
  Descent(const RoundedRows& a, const AdaRoundOptions& options)
      : a_(a),
        options_(options),
        count_(static_cast<size_t>(a.rows * a.n)),
        fraction_(count_),
        v_(count_),
        sigmoid_(count_),
        error_(count_),
        gradient_(count_),
        first_(count_),
        second_(count_),
        packed_(static_cast<size_t>(packed_b_f32_size(a.n, a.n))),
        sigmoid_row_(unary_row(Unary::kSigmoid, DType::kFloat)) {
    start();
    double diagonal = 0;
    for (int64_t i = 0; i < a.n; ++i) diagonal += a.h[i * a.n + i];
    const double mean = std::max(diagonal / static_cast<double>(a.n), 1e-30);
    pack_b_f32(a.h, a.n, a.n, a.n, 1, static_cast<float>(1 / mean), packed_.data());
  }

  void run() {
    const int warm = options_.iterations / 5;
    for (int t = 0; t < options_.iterations; ++t) {
      forward();
      const float progress = static_cast<float>(t - warm) / static_cast<float>(std::max(1, options_.iterations - warm));
      // Falls along a cosine.
      const float sharp = kSmoothest + (kSharpest - kSmoothest) * 0.5f * (1 + std::cos(3.14159265f * progress));
      step(t + 1, t < warm ? 0 : options_.regularization, sharp);
    }
    forward();
    for (size_t i = 0; i < count_; ++i) {
      const size_t row = i / static_cast<size_t>(a_.n);
      const float down = std::nearbyint(a_.w[i] / a_.scale[row] - fraction_[i]);
      a_.codes[i] = static_cast<int16_t>(down + a_.zero[row] + (opened(i) >= 0.5f ? 1.0f : 0.0f));
    }
  }

 private:
  float opened(size_t i) const { return std::clamp(kStretch * sigmoid_[i] - kShift, 0.0f, 1.0f); }

  // h(v) is the fraction that rounding would take away. A weight beyond the grid has its last two codes to choose from,
  // and the rest of it is an error that others may make up for.
  void start() {
    for (size_t i = 0; i < count_; ++i) {
      const size_t row = i / static_cast<size_t>(a_.n);
      const float steps = a_.w[i] / a_.scale[row];
      fraction_[i] = steps - std::clamp(std::floor(steps), a_.lowest - a_.zero[row], a_.highest - a_.zero[row] - 1);
      const float p = (std::clamp(fraction_[i], 0.0f, 1.0f) + kShift) / kStretch;
      v_[i] = std::log(p / (1 - p));
    }
  }

  void forward() {
    sigmoid_row_(v_.data(), sigmoid_.data(), static_cast<int64_t>(count_), {});
    for (size_t i = 0; i < count_; ++i) error_[i] = opened(i) - fraction_[i];
    gemm_f32({.m = a_.rows,
              .n = a_.n,
              .k = a_.n,
              .a = error_.data(),
              .lda = a_.n,
              .b = packed_.data(),
              .c = gradient_.data(),
              .ldc = a_.n,
              .accumulate = false,
              .bias = nullptr,
              .lo = -INFINITY,
              .hi = INFINITY});
  }

  void step(int t, float regularization, float sharp) {
    const float correct1 = 1 - std::pow(kDecay1, static_cast<float>(t));
    const float correct2 = 1 - std::pow(kDecay2, static_cast<float>(t));
    for (size_t i = 0; i < count_; ++i) {
      const float s = sigmoid_[i], h = kStretch * s - kShift;
      const bool inside = h > 0 && h < 1;
      float g = gradient_[i];
      if (regularization > 0 && inside) {
        const float m = 2 * h - 1;
        g -= regularization * 2 * sharp * std::copysign(std::pow(std::fabs(m), sharp - 1), m);
      }
      g = inside ? g * kStretch * s * (1 - s) : 0;
      first_[i] = kDecay1 * first_[i] + (1 - kDecay1) * g;
      second_[i] = kDecay2 * second_[i] + (1 - kDecay2) * g * g;
      v_[i] -= kRate * (first_[i] / correct1) / (std::sqrt(second_[i] / correct2) + kTiny);
    }
  }

  const RoundedRows& a_;
  const AdaRoundOptions& options_;
  const size_t count_;
  std::vector<float> fraction_, v_, sigmoid_, error_, gradient_, first_, second_, packed_;
  const UnaryRow sigmoid_row_;
};

}  // namespace

void adaround(const RoundedRows& a, const AdaRoundOptions& options) { Descent(a, options).run(); }

}  // namespace halftone
