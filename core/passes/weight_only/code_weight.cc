// Levels, scales and codes of one weight.
#include "core/passes/weight_only/code_weight.h"

#include <algorithm>
#include <cmath>

#include "core/base/parallel.h"
#include "core/kernels/quant/codebook.h"
#include "core/stats/levels.h"

namespace halftone {
namespace {

// Scales from a fifth more than covers to two fifths of it; breakpoints evenly.
constexpr int kScaleCandidates = 16, kBreakpoints = 15;
// Scales of shorter blocks take as many bytes as the codes.
constexpr int64_t kShortest = 16;

class Coder {
 public:
  Coder(const CodebookChoice& choice, std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups)
      : choice_(choice), matrix_(matrix), form_(form), groups_(groups) {}

  CodedWeight run() {
    out_.scale.assign(static_cast<size_t>(groups_.count(form_.rows)), 1.0f);
    out_.codes.resize(matrix_.size());
    if (choice_.book_per_channel && reads_rows(form_)) return rows_alone();
    for_groups([&](int64_t g, const float* x, int64_t n) { out_.scale[static_cast<size_t>(g)] = largest(x, n); });
    const Codebook book(choose_levels());
    for_groups([&](int64_t g, const float* x, int64_t n) {
      float& scale = out_.scale[static_cast<size_t>(g)];
      if (choice_.search && choice_.levels != "kmeans") scale = searched(book, x, n, scale);
      book.indices(x, n, scale, out_.codes.data() + (x - matrix_.data()));
    });
    out_.books.push_back(book.levels());
    return std::move(out_);
  }

 private:
  // A group's numbers are neighbours in the matrix.
  template <typename Visit>
  void for_groups(Visit visit) const {
    parallel_for(groups_.count(form_.rows), 1, [&](int64_t begin, int64_t end) {
      for (int64_t g = begin; g < end; ++g) {
        const int64_t row = g / groups_.blocks * groups_.rows_per_group, b = g % groups_.blocks;
        const int64_t n = groups_.blocks == 1 ? groups_.rows_per_group * form_.cols : groups_.block;
        visit(g, matrix_.data() + row * form_.cols + b * groups_.block, n);
      }
    });
  }

  // 1 where all are zeros.
  static float largest(const float* x, int64_t n) {
    float most = 0;
    for (int64_t i = 0; i < n; ++i) most = std::max(most, std::fabs(x[i]));
    return most > 0 ? most : 1;
  }

  static float searched(const Codebook& book, const float* x, int64_t n, float covering) {
    float best = covering;
    double least = book.error(x, n, covering);
    for (int i = 0; i < kScaleCandidates; ++i) {
      const float scale = covering * (1.2f - 0.8f * static_cast<float>(i) / (kScaleCandidates - 1));
      const double error = book.error(x, n, scale);
      if (error < least) {
        least = error;
        best = scale;
      }
    }
    return best;
  }

  std::vector<float> choose_levels() const {
    if (choice_.levels == "power_of_two") return power_of_two_levels(choice_.bits);
    if (choice_.levels == "additive_power_of_two") return additive_power_of_two_levels(choice_.bits);
    if (choice_.levels == "normal_float") return normal_float_levels(choice_.bits);
    if (choice_.levels == "piecewise_linear") return piecewise_levels();
    std::vector<float> scaled(matrix_.size());
    for_groups([&](int64_t g, const float* x, int64_t n) {
      for (int64_t i = 0; i < n; ++i) {
        scaled[static_cast<size_t>(x - matrix_.data() + i)] = x[i] / out_.scale[static_cast<size_t>(g)];
      }
    });
    return kmeans_levels(scaled, int64_t{1} << choice_.bits, choice_.seed);
  }

  std::vector<float> piecewise_levels() const {
    std::vector<float> best;
    double least = 0;
    for (int i = 1; i <= kBreakpoints; ++i) {
      const std::vector<float> levels = piecewise_linear_levels(choice_.bits, i / (kBreakpoints + 1.0));
      const Codebook book(levels);
      std::vector<double> errors(out_.scale.size());
      for_groups([&](int64_t g, const float* x, int64_t n) {
        errors[static_cast<size_t>(g)] = book.error(x, n, out_.scale[static_cast<size_t>(g)]);
      });
      double error = 0;
      for (const double e : errors) error += e;
      if (i == 1 || error < least) {
        least = error;
        best = levels;
      }
    }
    return best;
  }

  CodedWeight rows_alone() {
    out_.scale.assign(1, 1.0f);
    out_.books.resize(static_cast<size_t>(form_.rows));
    parallel_for(form_.rows, 1, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r) {
        const std::span<const float> row =
            matrix_.subspan(static_cast<size_t>(r * form_.cols), static_cast<size_t>(form_.cols));
        const Codebook book(kmeans_levels(row, int64_t{1} << choice_.bits, choice_.seed));
        book.indices(row.data(), form_.cols, 1, out_.codes.data() + r * form_.cols);
        out_.books[static_cast<size_t>(r)] = book.levels();
        out_.books[static_cast<size_t>(r)].resize(size_t{1} << choice_.bits, book.levels().back());
      }
    });
    return std::move(out_);
  }

  const CodebookChoice& choice_;
  const std::span<const float> matrix_;
  const MatrixForm& form_;
  const WeightGroups& groups_;
  CodedWeight out_;
};

}  // namespace

bool reads_rows(const MatrixForm& form) { return form.rows_per_channel == 1 && (form.col_stride == 1 || !form.outer); }

WeightGroups dividing_groups(const MatrixForm& form, Granularity granularity, int64_t block_size) {
  WeightGroups groups = groups_of(form, granularity, block_size);
  if (groups.blocks == 1) return groups;
  while (form.cols % groups.block != 0) --groups.block;
  if (groups.block < kShortest && groups.block < block_size / 2) return groups_of(form, Granularity::kChannel, 0);
  groups.blocks = form.cols / groups.block;
  return groups;
}

CodedWeight code_weight(std::span<const float> matrix, const MatrixForm& form, const WeightGroups& groups,
                        const CodebookChoice& choice) {
  return Coder(choice, matrix, form, groups).run();
}

std::vector<float> real_matrix(const CodedWeight& coded, const MatrixForm& form, const WeightGroups& groups) {
  std::vector<float> out(coded.codes.size());
  size_t i = 0;
  for (int64_t r = 0; r < form.rows; ++r) {
    const std::vector<float>& book = coded.books[coded.books.size() == 1 ? 0 : static_cast<size_t>(r)];
    for (int64_t c = 0; c < form.cols; ++c, ++i) {
      const size_t g = coded.scale.size() == 1
                           ? 0
                           : static_cast<size_t>(r / groups.rows_per_group * groups.blocks + c / groups.block);
      out[i] = book[coded.codes[i]] * coded.scale[g];
    }
  }
  return out;
}

}  // namespace halftone
