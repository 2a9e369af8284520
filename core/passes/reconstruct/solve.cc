// One part at a time: rounding, then the bias from the means.
#include "core/passes/reconstruct/solve.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/linalg/inverse_factor.h"
#include "core/kernels/quant/adaround.h"
#include "core/kernels/quant/descend.h"
#include "core/kernels/quant/gptq.h"
#include "core/kernels/quant/quantize.h"
#include "core/passes/quantize/weights.h"

namespace halftone {
namespace {

constexpr int kTries = 4;  // each with ten times the damping
// Grids of fewer steps are worth improving; on finer ones it makes no difference but chance.
constexpr float kCoarse = 64;

class Solver {
 public:
  Solver(const Graph& graph, QuantizedLayer& layer, const SolveOptions& options)
      : graph_(graph),
        layer_(layer),
        options_(options),
        samples_(static_cast<double>(std::max<int64_t>(1, layer.input.samples))),
        weight_(matrix_of(layer.weight, layer.form)),
        cols_(layer.form.cols) {
    layer.weight.let_go();
    read_codes();
  }

  Result<SolvedLayer> run() {
    std::vector<int16_t> codes = old_codes_;
    const bool chosen = options_.method != RoundingMethod::kKeep && lowest_ < highest_;
    for (size_t p = 0; chosen && p < layer_.input.parts.size(); ++p) solve_part(p, codes);
    layer_.input.sums = {};
    SolvedLayer solved;
    for (size_t i = 0; i < codes.size(); ++i) solved.changed += codes[i] != old_codes_[i];
    const Tensor& old = graph_.value(layer_.codes).constant;
    HT_ASSIGN(solved.codes, Tensor::allocate(old.dtype(), old.dims(), layer_.label));
    std::fill_n(solved.codes.mutable_bytes(), solved.codes.byte_size(), uint8_t{0});
    const int bits = dtype_info(old.dtype()).bits;
    for (int64_t r = 0; r < layer_.form.rows; ++r) {
      for (int64_t c = 0; c < cols_; ++c) {
        const int32_t code = codes[static_cast<size_t>(r * cols_ + c)] + offset_;
        packed_set(solved.codes.mutable_bytes(), layer_.form.at(r, c), bits, code);
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
    if (tensor.dtype() == DType::kUint16) offset_ = 1 << 15;
    for (int64_t r = 0; r < layer_.form.rows; ++r) {
      const auto s = static_cast<size_t>(layer_.scale_index(r, static_cast<int64_t>(scales.size())));
      scale_.push_back(scales[s]);
      zero_.push_back(static_cast<float>(zeros[zeros.size() == 1 ? 0 : s] - offset_));
      for (int64_t c = 0; c < cols_; ++c) {
        old_codes_.push_back(static_cast<int16_t>(all[static_cast<size_t>(layer_.form.at(r, c))] - offset_));
      }
    }
    tensor.let_go();
    find_ends(dtype_info(tensor.dtype()));
  }

  // The grid may be narrower than its type: rows reach its ends, where their scales come from. One around zero reaches
  // as far on the other side, but for the one code more that a full range has below.
  void find_ends(const DTypeInfo& type) {
    const auto [low, high] = std::minmax_element(old_codes_.begin(), old_codes_.end());
    lowest_ = *low;
    highest_ = *high;
    if (type.lowest >= 0 || std::any_of(zero_.begin(), zero_.end(), [](float z) { return z != 0; })) return;
    const int reach = std::max<int>(*high, -*low);
    highest_ = static_cast<float>(reach - (reach % 2 == 0 && reach > 0));
    lowest_ = static_cast<float>(-reach);
  }

  // E[x] by column of a part.
  double mean(size_t part, int64_t column) const {
    return layer_.input.means[part * static_cast<size_t>(layer_.input.cols()) + static_cast<size_t>(column)] / samples_;
  }

  // cov(x) times samples, of one part; both triangles. Without a bias that takes up the mean error: E[x^T x].
  std::vector<float> covariance(size_t part) const {
    const int64_t n = layer_.input.cols();
    const float* sums = layer_.input.sums.data() + part * static_cast<size_t>(n * n);
    std::vector<float> h(static_cast<size_t>(n * n));
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j <= i; ++j) {
        const double means = layer_.bias.defined() ? samples_ * mean(part, i) * mean(part, j) : 0;
        const double v = sums[i * n + j] - means;
        h[static_cast<size_t>(i * n + j)] = h[static_cast<size_t>(j * n + i)] = static_cast<float>(v);
      }
    }
    return h;
  }

  static void add_to_diagonal(std::vector<float>& h, int64_t n, double value) {
    for (int64_t i = 0; i < n; ++i) h[static_cast<size_t>(i * n + i)] += static_cast<float>(value);
  }

  double damping(const std::vector<float>& h, int64_t n) const {
    double diagonal = 0;
    for (int64_t i = 0; i < n; ++i) diagonal += h[static_cast<size_t>(i * n + i)];
    return options_.damping * std::max(diagonal / static_cast<double>(n), 1e-20);
  }

  // The factor U of (cov(x) + l)^-1 = U^T U; empty: it is hopeless.
  std::vector<float> factor(const std::vector<float>& covariance, int64_t n) const {
    std::vector<float> u(covariance.size());
    double l = damping(covariance, n);
    for (int attempt = 0; attempt < kTries; ++attempt, l *= 10) {
      std::vector<float> h = covariance;
      add_to_diagonal(h, n, l);
      if (inverse_factor(h.data(), n, u.data())) return u;
    }
    return {};
  }

  void solve_part(size_t p, std::vector<int16_t>& codes) {
    const MatrixPart& where = layer_.input.parts[p];
    const int64_t n = where.cols(), rows = where.row_end - where.row_begin;
    std::vector<float> w(static_cast<size_t>(rows * n));
    for (int64_t r = 0; r < rows; ++r) {
      std::copy_n(weight_.begin() + (where.row_begin + r) * cols_ + where.col_begin, n, w.begin() + r * n);
    }
    std::vector<float> h = covariance(p);
    std::vector<int16_t> part(w.size());
    const double l = damping(h, n);
    if (options_.method == RoundingMethod::kAdaRound) {
      add_to_diagonal(h, n, l);
      adaround(rows_of(where, h, w, part),
               {.iterations = options_.iterations, .regularization = static_cast<float>(options_.regularization)});
    } else {
      const std::vector<float> u = factor(h, n);
      if (u.empty()) return;
      round(where, u, w, part);
      add_to_diagonal(h, n, l);
    }
    if (highest_ - lowest_ < kCoarse) descend(rows_of(where, h, w, part));
    for (int64_t r = 0; r < rows; ++r) {
      std::copy_n(part.begin() + r * n, n, codes.begin() + (where.row_begin + r) * cols_ + where.col_begin);
    }
  }

  RoundedRows rows_of(const MatrixPart& where, const std::vector<float>& h, const std::vector<float>& w,
                      std::vector<int16_t>& part) const {
    return {.w = w.data(),
            .h = h.data(),
            .rows = where.row_end - where.row_begin,
            .n = where.cols(),
            .scale = scale_.data() + where.row_begin,
            .zero = zero_.data() + where.row_begin,
            .lowest = lowest_,
            .highest = highest_,
            .codes = part.data()};
  }

  // `w` by value: columns already rounded change those behind them.
  void round(const MatrixPart& where, const std::vector<float>& u, std::vector<float> w,
             std::vector<int16_t>& part) const {
    const int64_t n = where.cols(), rows = where.row_end - where.row_begin;
    const std::vector<int64_t> group(static_cast<size_t>(n), 0);
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
  }

  // (W - W^) E[x] by row.
  std::vector<double> mean_errors(const std::vector<int16_t>& codes) const {
    std::vector<double> errors(static_cast<size_t>(layer_.form.rows), 0.0);
    for (size_t p = 0; p < layer_.input.parts.size(); ++p) {
      const MatrixPart& where = layer_.input.parts[p];
      for (int64_t r = where.row_begin; r < where.row_end; ++r) {
        const auto row = static_cast<size_t>(r);
        for (int64_t c = where.col_begin; c < where.col_end; ++c) {
          const auto at = static_cast<size_t>(r * cols_ + c);
          const double real = (codes[at] - zero_[row]) * static_cast<double>(scale_[row]);
          errors[row] += (weight_[at] - real) * mean(p, c - where.col_begin);
        }
      }
    }
    return errors;
  }

  Result<Tensor> bias_for(const std::vector<int16_t>& codes) const {
    const auto scales = graph_.value(layer_.bias_scale).constant.data<float>();
    const auto bias = layer_.bias.data<float>();
    const std::vector<double> errors = mean_errors(codes);
    HT_ASSIGN(Tensor made,
              Tensor::allocate(DType::kInt32, graph_.value(layer_.bias_codes).constant.dims(), layer_.label));
    for (size_t r = 0; r < errors.size(); ++r) {
      const double b = bias[bias.size() == 1 ? 0 : r] + errors[r];
      const double code = std::nearbyint(b / scales[scales.size() == 1 ? 0 : r]);
      made.mutable_data<int32_t>()[r] = static_cast<int32_t>(std::clamp(code, -kBiasLimit, kBiasLimit));
    }
    return made;
  }

  const Graph& graph_;
  QuantizedLayer& layer_;
  const SolveOptions& options_;
  const double samples_;
  std::vector<float> weight_;  // [rows][cols] as float
  const int64_t cols_;
  int32_t offset_ = 0;  // of codes and zero points as they are stored from those here, which 16 bits with a sign hold
  std::vector<int16_t> old_codes_;
  std::vector<float> scale_, zero_;  // by row
  float lowest_ = 0, highest_ = 0;
};

}  // namespace

Result<SolvedLayer> solve_layer(const Graph& quantized, QuantizedLayer& layer, const SolveOptions& options) {
  return Solver(quantized, layer, options).run();
}

}  // namespace halftone
