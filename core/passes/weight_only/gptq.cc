// One part of the matrix at a time: order of columns, factor, rounding by blocks of columns.
#include "core/passes/weight_only/gptq.h"

#include <algorithm>

#include "core/base/parallel.h"
#include "core/base/sort_order.h"
#include "core/kernels/linalg/inverse_factor.h"
#include "core/kernels/quant/gptq.h"

namespace halftone {
namespace {

constexpr int kTries = 4;  // each with ten times the damping

class PartSolver {
 public:
  PartSolver(const MatrixForm& form, const WeightGroups& groups, const Grid& grid, const GptqOptions& options,
             const MatrixPart& part, GroupedCodes& out)
      : form_(form), groups_(groups), grid_(grid), options_(options), part_(part), n_(part.cols()), out_(out) {}

  bool run(std::span<const float> matrix, float* sums) {
    order_columns(sums);
    if (!factor(sums)) return false;
    const int64_t rows = part_.row_end - part_.row_begin;
    w_.resize(static_cast<size_t>(rows * n_));
    codes_.resize(w_.size());
    group_.resize(static_cast<size_t>(n_));
    for (int64_t c = 0; c < n_; ++c) group_[static_cast<size_t>(c)] = column(c) / groups_.block;
    for (int64_t r = 0; r < rows; ++r) {
      const float* from = matrix.data() + (part_.row_begin + r) * form_.cols;
      for (int64_t c = 0; c < n_; ++c) w_[static_cast<size_t>(r * n_ + c)] = from[column(c)];
    }
    for (int64_t begin = 0; begin < n_;) begin = round_columns(begin, rows);
    for (int64_t r = 0; r < rows; ++r) {
      int16_t* to = out_.codes.data() + (part_.row_begin + r) * form_.cols;
      for (int64_t c = 0; c < n_; ++c) to[column(c)] = codes_[static_cast<size_t>(r * n_ + c)];
    }
    return true;
  }

  static bool fits_beforehand(const WeightGroups& groups, const GptqOptions& options, const MatrixPart& part) {
    return options.act_order || groups.rows_per_group > 1 || part.col_begin > 0 || groups.blocks == 1;
  }

 private:
  // Column of the matrix at place c.
  int64_t column(int64_t c) const { return part_.col_begin + order_[static_cast<size_t>(c)]; }

  void order_columns(const float* sums) {
    order_ = sorted_order(
        n_, [&](int64_t a, int64_t b) { return options_.act_order && sums[a * n_ + a] > sums[b * n_ + b]; });
  }

  bool factor(const float* sums) {
    double mean = 0;
    for (int64_t i = 0; i < n_; ++i) mean += sums[i * n_ + i];
    mean = std::max(mean / static_cast<double>(n_), 1e-20);
    std::vector<float> h(static_cast<size_t>(n_ * n_));
    u_.resize(h.size());
    double damping = options_.percdamp * mean;
    for (int attempt = 0; attempt < kTries; ++attempt, damping *= 10) {
      for (int64_t i = 0; i < n_; ++i) {
        for (int64_t j = 0; j <= i; ++j) {
          const int64_t a = order_[static_cast<size_t>(i)], b = order_[static_cast<size_t>(j)];
          h[static_cast<size_t>(i * n_ + j)] = sums[std::max(a, b) * n_ + std::min(a, b)];
        }
        float& diagonal = h[static_cast<size_t>(i * n_ + i)];
        // An input that is always zero: its column may be rounded as if nothing depended on it.
        diagonal = diagonal == 0 ? static_cast<float>(mean) : diagonal + static_cast<float>(damping);
      }
      if (inverse_factor(h.data(), n_, u_.data())) return true;
    }
    return false;
  }

  // Rounds columns from `begin` on, up to the end of their block; returns where it stopped.
  int64_t round_columns(int64_t begin, int64_t rows) {
    int64_t end = std::min(n_, begin + kGptqColumns);
    if (!fits_beforehand(groups_, options_, part_)) {
      end = std::min(end, (begin / groups_.block + 1) * groups_.block);
      if (begin % groups_.block == 0) fit_block(begin, rows);
    }
    const int64_t scales = part_.row_begin / groups_.rows_per_group * groups_.blocks;
    gptq_columns({.w = w_.data(),
                  .u = u_.data(),
                  .ld = n_,
                  .rows = rows,
                  .cols = n_,
                  .begin = begin,
                  .end = end,
                  .group = group_.data(),
                  .scale = out_.scale.data() + scales,
                  .zero = out_.zero.data() + scales,
                  .rows_per_scale = groups_.rows_per_group,
                  .groups = groups_.blocks,
                  .lowest = static_cast<float>(grid_.lowest),
                  .highest = static_cast<float>(grid_.highest),
                  .codes = codes_.data()});
    return end;
  }

  void fit_block(int64_t begin, int64_t rows) {
    const int64_t n = std::min(groups_.block, n_ - begin);
    parallel_for(rows, 1, [&](int64_t first, int64_t last) {
      for (int64_t r = first; r < last; ++r) {
        const GridFit fit = fit_group(w_.data() + r * n_ + begin, n, grid_, options_.fit);
        const auto g = static_cast<size_t>((part_.row_begin + r) * groups_.blocks + begin / groups_.block);
        out_.scale[g] = fit.scale;
        out_.zero[g] = fit.zero;
      }
    });
  }

  const MatrixForm& form_;
  const WeightGroups& groups_;
  const Grid& grid_;
  const GptqOptions& options_;
  const MatrixPart part_;
  const int64_t n_;
  GroupedCodes& out_;
  std::vector<int64_t> order_, group_;
  std::vector<float> u_, w_;
  std::vector<int16_t> codes_;
};

}  // namespace

Result<GroupedCodes> gptq(std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups,
                          const Grid& grid, const GptqOptions& options, LayerInput& layer) {
  GroupedCodes out = group_codes(matrix, form, groups, grid, options.fit, false);
  out.codes.resize(matrix.size());
  const auto square = static_cast<size_t>(layer.cols() * layer.cols());
  for (size_t p = 0; p < layer.parts.size(); ++p) {
    PartSolver solver(form, groups, grid, options, layer.parts[p], out);
    if (layer.sums.empty() || !solver.run(matrix, layer.sums.data() + p * square)) {
      return Error{ErrorCode::kInvalidArgument, "The inputs of this layer give no Hessian that can be inverted",
                   layer.label, "Calibrate with more varied inputs, or exclude the node."};
    }
  }
  layer.sums = {};
  return out;
}

}  // namespace halftone
