// One part at a time: least squares, rounding, then the bias from the means.
#include "core/passes/reconstruct/solve.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/gemm/gemm_f32.h"
#include "core/kernels/linalg/inverse_factor.h"
#include "core/kernels/quant/gptq.h"
#include "core/kernels/quant/quantize.h"
#include "core/passes/quantize/weights.h"

namespace halftone {
namespace {

constexpr int kTries = 4;  // each with ten times the damping

// c [m][n] = a [m][k] b [k][n]; b transposed in memory where b_transposed.
std::vector<float> product(const std::vector<float>& a, const std::vector<float>& b, int64_t m, int64_t k, int64_t n,
                           bool b_transposed) {
  std::vector<float> packed(static_cast<size_t>(packed_b_f32_size(k, n))), c(static_cast<size_t>(m * n));
  pack_b_f32(b.data(), k, n, b_transposed ? 1 : n, b_transposed ? k : 1, 1, packed.data());
  gemm_f32({.m = m,
            .n = n,
            .k = k,
            .a = a.data(),
            .lda = k,
            .b = packed.data(),
            .c = c.data(),
            .ldc = n,
            .accumulate = false,
            .bias = nullptr,
            .lo = -INFINITY,
            .hi = INFINITY});
  return c;
}

class Solver {
 public:
  Solver(const Graph& graph, const QuantizedLayer& layer, const SolveOptions& options, LayerSums& sums)
      : graph_(graph),
        layer_(layer),
        options_(options),
        sums_(sums),
        weight_(matrix_of(layer.weight, layer.form)),
        cols_(layer.form.cols) {
    layer.weight.let_go();
    read_codes();
  }

  Result<SolvedLayer> run() {
    std::vector<int16_t> codes = old_codes_;
    if (options_.weights) {
      for (size_t p = 0; p < sums_.parts.size(); ++p) solve_part(layer_.input.parts[p], sums_.parts[p], codes);
    }
    SolvedLayer solved;
    for (size_t i = 0; i < codes.size(); ++i) solved.changed += codes[i] != old_codes_[i];
    const Tensor& old = graph_.value(layer_.codes).constant;
    HT_ASSIGN(solved.codes, Tensor::allocate(old.dtype(), old.dims(), layer_.label));
    std::fill_n(solved.codes.mutable_bytes(), solved.codes.byte_size(), uint8_t{0});
    const int bits = dtype_info(old.dtype()).bits;
    for (int64_t r = 0; r < layer_.form.rows; ++r) {
      for (int64_t c = 0; c < cols_; ++c) {
        packed_set(solved.codes.mutable_bytes(), layer_.form.at(r, c), bits, codes[static_cast<size_t>(r * cols_ + c)]);
      }
    }
    if (layer_.bias.defined()) {
      HT_ASSIGN(solved.bias, bias_for(codes));
    }
    return solved;
  }

 private:
  void read_codes() {
    const Tensor& tensor = graph_.value(layer_.codes).constant;
    const auto scales = graph_.value(layer_.scale).constant.data<float>();
    const std::vector<int64_t> all = *to_ints(tensor);
    std::vector<int64_t> zeros(scales.size(), 0);
    if (layer_.zero != kNoValue) zeros = *to_ints(graph_.value(layer_.zero).constant);
    for (int64_t r = 0; r < layer_.form.rows; ++r) {
      const auto s = static_cast<size_t>(layer_.scale_index(r, static_cast<int64_t>(scales.size())));
      scale_.push_back(scales[s]);
      zero_.push_back(static_cast<float>(zeros[zeros.size() == 1 ? 0 : s]));
      for (int64_t c = 0; c < cols_; ++c) {
        const int64_t code = all[static_cast<size_t>(layer_.form.at(r, c))];
        old_codes_.push_back(static_cast<int16_t>(code));
        // The grid may be narrower than its type: rows reach its ends, where their scales come from.
        lowest_ = std::min(lowest_, static_cast<float>(code));
        highest_ = std::max(highest_, static_cast<float>(code));
      }
    }
    tensor.let_go();
    if (layer_.zero == kNoValue || std::all_of(zero_.begin(), zero_.end(), [](float z) { return z == 0; })) {
      highest_ = std::max(highest_, -lowest_);
      lowest_ = -highest_;
    }
  }

  // gram and cross become covariances (times samples).
  void centre(PartSums& part, int64_t n) const {
    const double samples = static_cast<double>(std::max<int64_t>(1, sums_.samples));
    for (int64_t i = 0; i < n; ++i) {
      const auto row = static_cast<size_t>(i * n);
      for (int64_t j = 0; j < n; ++j) {
        const auto at = row + static_cast<size_t>(j);
        const double mean = part.mean[static_cast<size_t>(j)] / samples;
        part.gram[at] -= static_cast<float>(part.mean[static_cast<size_t>(i)] * mean);
        part.cross[at] -= static_cast<float>(part.difference[static_cast<size_t>(i)] * mean);
      }
    }
  }

  // The factor U of (H + l)^-1 = U^T U; empty: H is hopeless.
  std::vector<float> factor(const PartSums& part, int64_t n) const {
    double mean = 0;
    for (int64_t i = 0; i < n; ++i) mean += part.gram[static_cast<size_t>(i * n + i)];
    mean = std::max(mean / static_cast<double>(n), 1e-20);
    const double few = static_cast<double>(n) / static_cast<double>(std::max<int64_t>(1, sums_.samples));
    double damping = (options_.damping + options_.shrinkage * few) * mean;
    std::vector<float> u(static_cast<size_t>(n * n));
    for (int attempt = 0; attempt < kTries; ++attempt, damping *= 10) {
      std::vector<float> h = part.gram;
      for (int64_t i = 0; i < n; ++i) h[static_cast<size_t>(i * n + i)] += static_cast<float>(damping);
      if (inverse_factor(h.data(), n, u.data())) return u;
    }
    return {};
  }

  void solve_part(const MatrixPart& where, PartSums& part, std::vector<int16_t>& codes) {
    const int64_t n = where.cols(), rows = where.row_end - where.row_begin;
    centre(part, n);
    const std::vector<float> u = factor(part, n);
    if (u.empty()) return;
    std::vector<float> w(static_cast<size_t>(rows * n));
    for (int64_t r = 0; r < rows; ++r) {
      const float* from = weight_.data() + (where.row_begin + r) * cols_ + where.col_begin;
      std::copy(from, from + n, w.begin() + r * n);
    }
    const std::vector<float> pull = product(w, part.cross, rows, n, n, false);
    const std::vector<float> step = product(product(pull, u, rows, n, n, true), u, rows, n, n, false);
    for (size_t i = 0; i < w.size(); ++i) w[i] += step[i];
    part.gram = {};
    part.cross = {};
    round(where, u, w, codes);
  }

  void round(const MatrixPart& where, const std::vector<float>& u, std::vector<float>& w, std::vector<int16_t>& codes) {
    const int64_t n = where.cols(), rows = where.row_end - where.row_begin;
    const std::vector<int64_t> group(static_cast<size_t>(n), 0);
    std::vector<int16_t> part(static_cast<size_t>(rows * n));
    for (int64_t begin = 0; begin < n; begin += kGptqColumns) {
      gptq_columns({.w = w.data(),
                    .u = u.data(),
                    .ld = n,
                    .rows = rows,
                    .cols = n,
                    .begin = begin,
                    .end = std::min(n, begin + kGptqColumns),
                    .group = group.data(),
                    .scale = scale_.data() + where.row_begin,
                    .zero = zero_.data() + where.row_begin,
                    .rows_per_scale = 1,
                    .groups = 1,
                    .lowest = lowest_,
                    .highest = highest_,
                    .codes = part.data()});
    }
    for (int64_t r = 0; r < rows; ++r) {
      std::copy_n(part.begin() + r * n, n, codes.begin() + (where.row_begin + r) * cols_ + where.col_begin);
    }
  }

  Result<Tensor> bias_for(const std::vector<int16_t>& codes) const {
    const double samples = static_cast<double>(std::max<int64_t>(1, sums_.samples));
    const Tensor& old = graph_.value(layer_.bias_codes).constant;
    const auto scales = graph_.value(layer_.bias_scale).constant.data<float>();
    const auto bias = layer_.bias.data<float>();
    HT_ASSIGN(Tensor made, Tensor::allocate(DType::kInt32, old.dims(), layer_.label));
    std::vector<double> mean(static_cast<size_t>(layer_.form.rows), 0.0);
    for (size_t p = 0; p < sums_.parts.size(); ++p) {
      const MatrixPart& where = layer_.input.parts[p];
      for (int64_t r = where.row_begin; r < where.row_end; ++r) {
        for (int64_t c = where.col_begin; c < where.col_end; ++c) {
          const auto i = static_cast<size_t>(c - where.col_begin), at = static_cast<size_t>(r * cols_ + c);
          const double x = sums_.parts[p].mean[i] / samples, x_float = x + sums_.parts[p].difference[i] / samples;
          const double real =
              (codes[at] - zero_[static_cast<size_t>(r)]) * static_cast<double>(scale_[static_cast<size_t>(r)]);
          mean[static_cast<size_t>(r)] += weight_[at] * x_float - real * x;
        }
      }
    }
    for (size_t r = 0; r < mean.size(); ++r) {
      const double b = bias[bias.size() == 1 ? 0 : r] + mean[r];
      const double code = std::nearbyint(b / scales[scales.size() == 1 ? 0 : r]);
      made.mutable_data<int32_t>()[r] = static_cast<int32_t>(std::clamp(code, -kBiasLimit, kBiasLimit));
    }
    return made;
  }

  const Graph& graph_;
  const QuantizedLayer& layer_;
  const SolveOptions& options_;
  LayerSums& sums_;
  std::vector<float> weight_;  // [rows][cols] as float
  const int64_t cols_;
  std::vector<int16_t> old_codes_;
  std::vector<float> scale_, zero_;  // by row
  float lowest_ = 0, highest_ = 0;
};

}  // namespace

Result<SolvedLayer> solve_layer(const Graph& quantized, const QuantizedLayer& layer, const SolveOptions& options,
                                LayerSums sums) {
  return Solver(quantized, layer, options, sums).run();
}

}  // namespace halftone
