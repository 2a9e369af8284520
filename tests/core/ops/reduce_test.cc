// Reductions against a plain sum over indices, for every set of axes; ArgMax, TopK, CumSum, Softmax and the
// normalizations against their formulas and against literals.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/base/rng.h"
#include "core/tensor/convert.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor random_of(DType type, const Dims& dims, uint64_t seed) {
  Rng rng(seed);
  Tensor t = *Tensor::allocate(DType::kDouble, dims);
  // Sixteenths: exact in every float type here, sums too.
  for (double& v : t.mutable_data<double>()) v = (static_cast<double>(rng.below(97)) - 40) / 16;
  if (!is_float(type)) {
    for (double& v : t.mutable_data<double>()) v = std::floor(v * 4);
  }
  return *convert(t, type);
}

struct ReduceCase {
  std::string op;
  std::function<double(const std::vector<double>&)> exact;
  bool integers = true;
};

void PrintTo(const ReduceCase& c, std::ostream* out) { *out << c.op; }

double sum_of(const std::vector<double>& v, double (*f)(double)) {
  double s = 0;
  for (double x : v) s += f(x);
  return s;
}
double same(double x) { return x; }
double square(double x) { return x * x; }
double magnitude(double x) { return std::abs(x); }
double exponential(double x) { return std::exp(x); }

std::vector<ReduceCase> reduce_cases() {
  using V = const std::vector<double>&;
  return {
      {"ReduceSum", [](V v) { return sum_of(v, same); }},
      {"ReduceSumSquare", [](V v) { return sum_of(v, square); }},
      {"ReduceL1", [](V v) { return sum_of(v, magnitude); }},
      {"ReduceL2", [](V v) { return std::sqrt(sum_of(v, square)); }, false},
      {"ReduceMean", [](V v) { return sum_of(v, same) / static_cast<double>(v.size()); }, false},
      {"ReduceMax", [](V v) { return *std::max_element(v.begin(), v.end()); }},
      {"ReduceMin", [](V v) { return *std::min_element(v.begin(), v.end()); }},
      {"ReduceProd", [](V v) { return std::accumulate(v.begin(), v.end(), 1.0, std::multiplies<double>()); }},
      {"ReduceLogSumExp", [](V v) { return std::log(sum_of(v, exponential)); }, false},
  };
}

// Elements of x grouped by output index.
std::vector<std::vector<double>> groups(const Tensor& x, const std::vector<bool>& reduced) {
  Dims kept = x.dims();
  for (size_t k = 0; k < kept.size(); ++k) kept[k] = reduced[k] ? 1 : kept[k];
  std::vector<std::vector<double>> out(static_cast<size_t>(*element_count(kept)));
  const Dims from = row_major_strides(x.dims()), to = row_major_strides(kept);
  for (int64_t i = 0; i < x.size(); ++i) {
    int64_t at = 0;
    for (size_t k = 0; k < kept.size(); ++k) at += reduced[k] ? 0 : i / from[k] % x.dims()[k] * to[k];
    out[static_cast<size_t>(at)].push_back(element_as_double(x.dtype(), x.bytes(), i));
  }
  return out;
}

class ReduceOp : public ::testing::TestWithParam<ReduceCase> {};

TEST_P(ReduceOp, MatchesItsFormulaOverEverySetOfAxes) {
  const ReduceCase& c = GetParam();
  const Dims dims = {2, 3, 4, 9};
  for (DType type : {DType::kFloat, DType::kDouble, DType::kInt32, DType::kInt64}) {
    if (!c.integers && !is_float(type)) continue;
    const Tensor x = random_of(type, dims, 3);
    for (uint32_t set = 1; set < 16; ++set) {
      SCOPED_TRACE(std::string(dtype_name(type)) + " axes " + std::to_string(set));
      std::vector<int64_t> axes;
      std::vector<bool> reduced;
      Dims kept, dropped;
      for (size_t k = 0; k < dims.size(); ++k) {
        reduced.push_back((set >> k & 1) != 0);
        if (reduced[k]) axes.push_back(k % 2 == 0 ? static_cast<int64_t>(k) : static_cast<int64_t>(k) - 4);
        kept.push_back(reduced[k] ? 1 : dims[k]);
        if (!reduced[k]) dropped.push_back(dims[k]);
      }
      std::vector<double> values;
      for (const auto& group : groups(x, reduced)) values.push_back(c.exact(group));
      if (!is_float(type) && c.op == "ReduceProd") continue;  // overflows
      const Tensor want = *convert(Tensor::of<double>(kept, std::span<const double>(values)), type);
      check_op({"", c.op, 18, {}, {x, Tensor::of<int64_t>({static_cast<int64_t>(axes.size())}, axes)}, {want}, 1e-5});
      check_op({"", c.op, 11, {{"axes", ints(axes)}, {"keepdims", integer(0)}}, {x}, {want.reshaped(dropped)}, 1e-5});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ReduceOp, ::testing::ValuesIn(reduce_cases()),
                         [](const auto& info) { return info.param.op; });

// --- one axis as [outer, n, inner] -------------------------------------------------------------------
Tensor map_axis(const Tensor& x, size_t axis, const std::function<std::vector<double>(std::vector<double>)>& f) {
  Tensor out = *convert(x, DType::kDouble);
  const int64_t n = x.dims()[axis], inner = row_major_strides(x.dims())[axis];
  std::vector<double> all = {out.data<double>().begin(), out.data<double>().end()};
  for (int64_t o = 0; o < x.size() / n; ++o) {
    const int64_t at = o / inner * n * inner + o % inner;
    std::vector<double> column;
    for (int64_t i = 0; i < n; ++i) column.push_back(all[static_cast<size_t>(at + i * inner)]);
    column = f(std::move(column));
    for (int64_t i = 0; i < n; ++i) all[static_cast<size_t>(at + i * inner)] = column[static_cast<size_t>(i)];
  }
  return Tensor::of<double>(x.dims(), std::span<const double>(all));
}

std::vector<double> softmax_exact(std::vector<double> v) {
  const double top = *std::max_element(v.begin(), v.end());
  double sum = 0;
  for (double& x : v) sum += x = std::exp(x - top);
  for (double& x : v) x /= sum;
  return v;
}

std::vector<double> log_softmax_exact(std::vector<double> v) {
  v = softmax_exact(std::move(v));
  for (double& x : v) x = std::log(x);
  return v;
}

TEST(Softmax, MatchesItsFormulaOnEveryAxis) {
  const Tensor x = random_of(DType::kFloat, {2, 5, 67}, 9);
  for (int64_t axis = 0; axis < 3; ++axis) {
    const Attributes attributes = {{"axis", integer(axis - 3)}};
    const size_t k = static_cast<size_t>(axis);
    check_op({"", "Softmax", 13, attributes, {x}, {*convert(map_axis(x, k, softmax_exact), DType::kFloat)}, 1e-6});
    check_op(
        {"", "LogSoftmax", 13, attributes, {x}, {*convert(map_axis(x, k, log_softmax_exact), DType::kFloat)}, 1e-5});
  }
}

TEST(Softmax, FlattensBelowOpset13) {
  const Tensor x = random_of(DType::kFloat, {2, 3, 5}, 9);
  const Tensor flat = map_axis(x.reshaped({2, 15}), 1, softmax_exact);
  check_op({"", "Softmax", 11, {}, {x}, {convert(flat, DType::kFloat)->reshaped({2, 3, 5})}, 1e-6});
}

TEST(LayerNormalization, MatchesItsFormulaAndHandsOutStatistics) {
  const Tensor x = random_of(DType::kFloat, {3, 19}, 4);
  std::vector<double> means, inverses;
  const Tensor want = map_axis(x, 1, [&](std::vector<double> v) {
    const double mean = sum_of(v, same) / 19;
    double squares = 0;
    for (double e : v) squares += (e - mean) * (e - mean);
    means.push_back(mean);
    inverses.push_back(1 / std::sqrt(squares / 19 + 1e-5));
    for (double& e : v) e = (e - mean) * inverses.back() * 2 + 1;
    return v;
  });
  const auto floats = [](const std::vector<double>& v) {
    return *convert(Tensor::of<double>({3, 1}, std::span<const double>(v)), DType::kFloat);
  };
  check_op({"",
            "LayerNormalization",
            17,
            {},
            {x, f({1}, {2}), f({}, {1})},
            {*convert(want, DType::kFloat), floats(means), floats(inverses)},
            1e-5});
}

const std::vector<OpCase>& literal_cases() {
  const float inf = INFINITY;
  const float root = std::sqrt(0.5f);
  static const std::vector<OpCase> kCases = {
      {"EmptyIsZero", "ReduceSum", 13, {}, {counting({2, 0}), list({1})}, {f({2, 1}, {0, 0})}},
      {"EmptyIsLowest", "ReduceMax", 18, {}, {counting({1, 0}), list({1})}, {f({1, 1}, {-inf})}},
      {"NoAxesIsAll", "ReduceSum", 13, {}, {counting({2, 2})}, {f({1, 1}, {6})}},
      {"NoAxesIsNone", "ReduceSum", 13, {{"noop_with_empty_axes", integer(1)}}, {counting({2})}, {counting({2})}},
      {"Bools", "ReduceMax", 20, {}, {flags({1, 2}, {false, true}), list({1})}, {flags({1, 1}, {true})}},
      {"First", "ArgMax", 13, {}, {f({3, 2}, {1, 5, 3, 5, 3, 0})}, {i64({1, 2}, {1, 0})}},
      {"Last",
       "ArgMax",
       13,
       {{"select_last_index", integer(1)}, {"keepdims", integer(0)}},
       {f({3, 2}, {1, 5, 3, 5, 3, 0})},
       {i64({2}, {2, 1})}},
      {"Smallest", "ArgMin", 13, {{"axis", integer(-1)}}, {f({1, 3}, {2, 0, 0})}, {i64({1, 1}, {1})}},
      {"Largest", "TopK", 11, {}, {f({4}, {1, 9, 9, 3}), list({3})}, {f({3}, {9, 9, 3}), i64({3}, {1, 2, 3})}},
      {"SmallestOnAxis0",
       "TopK",
       11,
       {{"axis", integer(0)}, {"largest", integer(0)}},
       {f({2, 2}, {4, 1, 3, 2}), list({1})},
       {f({1, 2}, {3, 1}), i64({1, 2}, {1, 0})}},
      {"ByAttribute", "TopK", 9, {{"k", integer(1)}}, {f({2}, {4, 5})}, {f({1}, {5}), i64({1}, {1})}},
      {"Running", "CumSum", 14, {}, {f({3}, {1, 2, 3}), i64({}, {0})}, {f({3}, {1, 3, 6})}},
      {"ExclusiveReverse",
       "CumSum",
       14,
       {{"exclusive", integer(1)}, {"reverse", integer(1)}},
       {f({3}, {1, 2, 3}), i64({}, {0})},
       {f({3}, {5, 3, 0})}},
      {"FirstLargest", "Hardmax", 13, {}, {f({2, 2}, {1, 1, 0, 3})}, {f({2, 2}, {1, 0, 0, 1})}},
      {"Inference",
       "BatchNormalization",
       15,
       {{"epsilon", real(0)}},
       {counting({1, 2, 2}), f({2}, {2, 1}), f({2}, {1, 0}), f({2}, {1, 2}), f({2}, {4, 1})},
       {f({1, 2, 2}, {0, 1, 0, 1})}},
      {"Training",
       "BatchNormalization",
       15,
       {{"epsilon", real(0)}, {"training_mode", integer(1)}, {"momentum", real(0.5f)}},
       {f({2, 1}, {1, 3}), f({1}, {1}), f({1}, {0}), f({1}, {0}), f({1}, {3})},
       {f({2, 1}, {-1, 1}), f({1}, {1}), f({1}, {2})}},
      {"PerImage",
       "InstanceNormalization",
       6,
       {{"epsilon", real(0)}},
       {f({2, 1, 2}, {1, 3, 10, 30}), f({1}, {2}), f({1}, {1})},
       {f({2, 1, 2}, {-1, 3, -1, 3})}},
      {"TwoGroups",
       "GroupNormalization",
       21,
       {{"epsilon", real(0)}, {"num_groups", integer(2)}},
       {f({1, 4}, {1, 3, 5, 9}), f({4}, {1, 1, 1, 2}), f({4}, {0, 0, 1, 0})},
       {f({1, 4}, {-1, 1, 0, 2})}},
      {"RootMeanSquare",
       "RMSNormalization",
       23,
       {{"epsilon", real(0)}},
       {f({1, 2}, {1, 7}), f({2}, {1, 10})},
       {f({1, 2}, {0.2f, 14})}},
      {"Euclid", "LpNormalization", 1, {{"axis", integer(0)}}, {f({2, 1}, {1, 1})}, {f({2, 1}, {root, root})}},
      {"ZeroStays", "LpNormalization", 1, {{"p", integer(1)}}, {f({2}, {0, 0})}, {f({2}, {0, 0})}},
      {"OverChannelsApart",
       "MeanVarianceNormalization",
       13,
       {},
       {f({2, 2, 1, 1}, {1, 10, 3, 30})},
       {f({2, 2, 1, 1}, {-1, -1, 1, 1})}},
      {"ThreeNeighbours",
       "LRN",
       13,
       {{"size", integer(3)}, {"alpha", real(3)}, {"beta", real(1)}, {"bias", real(1)}},
       {f({1, 3, 1}, {1, 2, 3})},
       {f({1, 3, 1}, {1.0f / 6, 2.0f / 15, 3.0f / 14})}},
  };
  return kCases;
}

class Reduction : public ::testing::TestWithParam<OpCase> {};
TEST_P(Reduction, MatchesExpectation) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, Reduction, ::testing::ValuesIn(literal_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"AxisOutside", "ReduceSum", 13, {}, {counting({2}), list({1})}, "axis 1"},
      {"FloatAxes", "ReduceSum", 13, {}, {counting({2}), counting({1})}, "int32 or int64"},
      {"OfStrings", "ReduceSum", 13, {}, {Tensor::strings({1}, {"x"})}, "string", ErrorCode::kUnsupportedOperator},
      {"EmptyAxis", "ArgMax", 13, {}, {counting({0, 2})}, "empty axis"},
      {"TooMany", "TopK", 11, {}, {counting({2}), list({3})}, "k = 3"},
      {"Negative", "TopK", 11, {}, {counting({2}), list({-1})}, "negative"},
      {"WrongChannels",
       "BatchNormalization",
       15,
       {},
       {counting({1, 2}), counting({3}), counting({3}), counting({3}), counting({3})},
       "2 floats"},
      {"GroupsDoNotDivide",
       "GroupNormalization",
       21,
       {{"num_groups", integer(3)}},
       {counting({1, 4}), counting({4}), counting({4})},
       "num_groups"},
      {"ScaleTooLong", "LayerNormalization", 17, {}, {counting({2, 3}), counting({4})}, "does not fit"},
  };
  return kCases;
}

class ReductionRefuses : public ::testing::TestWithParam<BadCase> {};
TEST_P(ReductionRefuses, WithItsReason) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, ReductionRefuses, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
