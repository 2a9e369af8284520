// Parameters of groups and their codes.
#include "core/passes/weight_only/group_codes.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "core/base/parallel.h"
#include "core/stats/choose_params.h"

namespace halftone {
namespace {

// Scales from the natural one down to a fifth of it.
constexpr int kCandidates = 64;
constexpr double kSmallest = 0.2;

constexpr int kRounds = 5;
constexpr float kStarts[] = {1, 0.85f, 0.7f, 0.55f};
constexpr float kPower = 0.7f, kBeta = 10, kKappa = 1.01f;

Range range_of(const float* x, int64_t n) {
  Range range;
  for (int64_t i = 0; i < n; ++i) {
    range.low = std::min(range.low, x[i]);
    range.high = std::max(range.high, x[i]);
  }
  return range;
}

GridFit covering(Range range, const Grid& grid) {
  const double scale = scale_for(range, grid);
  GridFit fit{1, static_cast<float>(grid.symmetric ? grid.middle : std::clamp(0, grid.lowest, grid.highest)),
              static_cast<float>(grid.lowest), static_cast<float>(grid.highest)};
  if (scale == 0) return fit;
  fit.scale = static_cast<float>(scale);
  fit.zero = static_cast<float>(zero_point_for(range, scale, grid));
  return fit;
}

GridFit least_squares(const float* x, int64_t n, Range range, const Grid& grid) {
  GridFit best = covering(range, grid);
  double least = grid_error(x, n, best);
  for (int i = 1; i <= kCandidates; ++i) {
    const auto part = static_cast<float>(1 - (1 - kSmallest) * i / kCandidates);
    const GridFit fit = covering({range.low * part, range.high * part}, grid);
    const double error = grid_error(x, n, fit);
    if (error < least) {
      least = error;
      best = fit;
    }
  }
  return best;
}

// One descent; `least` is the best error so far, of all descents.
void descend(const float* x, int64_t n, const Grid& grid, GridFit fit, GridFit& best, double& least) {
  float beta = kBeta;
  for (int round = 0; round <= kRounds; ++round, beta *= kKappa) {
    // |e / s|^(p-1) / b counts as |e|^(p-1) s^(2-p) / b.
    const float in_steps = beta * std::pow(fit.scale, kPower - 2);
    const HalfQuadraticSums sums = half_quadratic_step(x, n, fit, kPower, in_steps);
    if (sums.error < least) {
      least = sums.error;
      best = fit;
    }
    if (!grid.symmetric) {
      const double zero = std::nearbyint(sums.zero / static_cast<double>(n));
      fit.zero = static_cast<float>(std::clamp<double>(zero, grid.lowest, grid.highest));
    }
    const double scale = sums.square > 0 ? sums.product / sums.square : 0;
    if (!(scale >= FLT_MIN)) break;
    fit.scale = static_cast<float>(scale);
  }
}

GridFit half_quadratic(const float* x, int64_t n, Range range, const Grid& grid) {
  GridFit best = covering(range, grid);
  double least = std::numeric_limits<double>::infinity();
  for (const float part : kStarts) {
    descend(x, n, grid, covering({range.low * part, range.high * part}, grid), best, least);
  }
  return best;
}

}  // namespace

WeightGroups groups_of(const MatrixForm& form, Granularity granularity, int64_t block_size) {
  if (granularity == Granularity::kTensor) return {form.rows, form.cols, 1};
  if (granularity == Granularity::kChannel || block_size >= form.cols) return {form.rows_per_channel, form.cols, 1};
  return {1, block_size, (form.cols + block_size - 1) / block_size};
}

GridFit fit_group(const float* x, int64_t n, const Grid& grid, FitMethod method) {
  const Range range = range_of(x, n);
  if (range == Range()) return covering(range, grid);
  if (method == FitMethod::kLeastSquares) return least_squares(x, n, range, grid);
  if (method == FitMethod::kHalfQuadratic) return half_quadratic(x, n, range, grid);
  return covering(range, grid);
}

GroupedCodes group_codes(std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups,
                         const Grid& grid, FitMethod method, bool with_codes) {
  const int64_t count = groups.count(form.rows);
  GroupedCodes out;
  out.scale.resize(static_cast<size_t>(count));
  out.zero.resize(static_cast<size_t>(count));
  if (with_codes) out.codes.resize(matrix.size());
  parallel_for(count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      const int64_t first = g / groups.blocks * groups.rows_per_group * form.cols + g % groups.blocks * groups.block;
      const int64_t n = groups.blocks == 1 ? groups.rows_per_group * form.cols
                                           : std::min(groups.block, form.cols - g % groups.blocks * groups.block);
      const GridFit fit = fit_group(matrix.data() + first, n, grid, method);
      out.scale[static_cast<size_t>(g)] = fit.scale;
      out.zero[static_cast<size_t>(g)] = fit.zero;
      if (with_codes) grid_codes(matrix.data() + first, n, fit, out.codes.data() + first);
    }
  });
  return out;
}

std::vector<float> real_matrix(const GroupedCodes& codes, const MatrixForm& form, const WeightGroups& groups) {
  std::vector<float> out(codes.codes.size());
  size_t i = 0;
  for (int64_t r = 0; r < form.rows; ++r) {
    for (int64_t c = 0; c < form.cols; ++c, ++i) {
      const auto g = static_cast<size_t>(r / groups.rows_per_group * groups.blocks + c / groups.block);
      out[i] = (static_cast<float>(codes.codes[i]) - codes.zero[g]) * codes.scale[g];
    }
  }
  return out;
}

}  // namespace halftone
