// Transposed matrices and mapped copies, element by element, at sizes around the blocks.
#include "core/kernels/move/transpose.h"

#include <gtest/gtest.h>

#include "core/kernels/move/mapped.h"
#include "tests/core/kernels/random.h"

namespace halftone {
namespace {

constexpr int64_t kSizes[] = {0, 1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100};

template <typename T>
void check_matrix(int64_t m, int64_t n, int64_t dst_gap, int64_t src_gap) {
  Rng rng(73);
  const int64_t dst_step = n + dst_gap, src_step = m + src_gap;
  const auto src = random_ints<T>(rng, n * src_step, 0, 255);
  std::vector<T> dst(static_cast<size_t>(m * dst_step), T{7}), expected = dst;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      expected[static_cast<size_t>(i * dst_step + j)] = src[static_cast<size_t>(j * src_step + i)];
    }
  }
  transpose_matrix(dst.data(), dst_step, src.data(), src_step, m, n);
  ASSERT_EQ(dst, expected) << m << " x " << n << ", gaps " << dst_gap << " and " << src_gap;
}

TEST(Transpose, EveryElementFindsItsPlace) {
  for (int64_t m : kSizes) {
    for (int64_t n : kSizes) {
      for (int64_t gap : {0, 2}) {
        check_matrix<uint8_t>(m, n, gap, 0);
        check_matrix<uint8_t>(m, n, 0, gap);
        check_matrix<uint16_t>(m, n, gap, gap);
        check_matrix<uint32_t>(m, n, gap, 0);
        check_matrix<uint32_t>(m, n, 0, gap);
        check_matrix<uint64_t>(m, n, gap, gap);
      }
    }
  }
}

// dst [2][rows][columns][block] of src [2][3][4][5].
template <typename T>
void check_mapped(const std::vector<int64_t>& rows, const std::vector<int64_t>& columns,
                  const std::vector<int64_t>& block) {
  Rng rng(79);
  const auto src = random_ints<T>(rng, 2 * 3 * 4 * 5, 0, 255);
  const std::vector<int64_t> outer = {1, 0};
  const Dims dims = {2, static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns.size()),
                     static_cast<int64_t>(block.size())};
  std::vector<T> dst(static_cast<size_t>(*element_count(dims))), expected;
  for (int64_t a : outer) {
    for (int64_t b : rows) {
      for (int64_t c : columns) {
        for (int64_t d : block) expected.push_back(src[static_cast<size_t>(((a * 3 + b) * 4 + c) * 5 + d)]);
      }
    }
  }
  const std::vector<int64_t> maps[] = {outer, rows, columns, block};
  const Dims strides = {60, 20, 5, 1};
  copy_mapped(sizeof(T), dst.data(), dims, src.data(), strides, maps);
  ASSERT_EQ(dst, expected);
}

TEST(Mapped, BlocksRepeatsAndSingleElements) {
  const std::vector<int64_t> same = {0, 1, 2, 3, 4}, part = {0, 1, 2}, twice = {0, 0, 1, 1, 2, 2}, back = {3, 2, 2, 0};
  for (const auto& rows : {part, twice}) {
    for (const auto& columns : {part, back, std::vector<int64_t>{0, 1, 2, 3}}) {
      for (const auto& block : {same, part, back}) {
        check_mapped<uint8_t>(rows, columns, block);
        check_mapped<uint32_t>(rows, columns, block);
        check_mapped<uint64_t>(rows, columns, block);
      }
    }
  }
}

}  // namespace
}  // namespace halftone
