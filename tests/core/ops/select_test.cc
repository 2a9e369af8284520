// Scatter, NonZero, Compress, OneHot, Trilu, ReverseSequence and the losses, on literals.
#include <cmath>

#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

const std::vector<OpCase>& select_cases() {
  const float half = std::log(2.0f);
  static const std::vector<OpCase> kCases = {
      {"Replaces",
       "ScatterElements",
       18,
       {{"axis", integer(1)}},
       {counting({1, 4}), i64({1, 2}, {1, -1}), f({1, 2}, {10, 30})},
       {f({1, 4}, {0, 10, 2, 30})}},
      {"Adds",
       "ScatterElements",
       18,
       {{"reduction", text("add")}},
       {counting({3}), i64({2}, {1, 1}), f({2}, {10, 30})},
       {f({3}, {0, 41, 2})}},
      {"OldName", "Scatter", 9, {}, {counting({2}), i64({1}, {0}), f({1}, {7})}, {f({2}, {7, 1})}},
      {"Rows",
       "ScatterND",
       18,
       {},
       {counting({2, 2}), i64({1, 1}, {-1}), f({1, 2}, {8, 9})},
       {f({2, 2}, {0, 1, 8, 9})}},
      {"Largest",
       "ScatterND",
       18,
       {{"reduction", text("max")}},
       {counting({2}), i64({2, 1}, {0, 1}), f({2}, {5, -5})},
       {f({2}, {5, 1})}},
      {"Places", "NonZero", 13, {}, {f({2, 2}, {0, 1, 2, 0})}, {i64({2, 2}, {0, 1, 1, 0})}},
      {"Columns",
       "Compress",
       11,
       {{"axis", integer(1)}},
       {counting({2, 3}), flags({2}, {false, true})},
       {f({2, 1}, {1, 4})}},
      {"Flat", "Compress", 11, {}, {counting({2, 2}), flags({3}, {true, false, true})}, {f({2}, {0, 2})}},
      {"FromTheEndAndOutside",
       "OneHot",
       11,
       {},
       {i64({3}, {1, -1, 7}), i64({}, {3}), f({2}, {0, 1})},
       {f({3, 3}, {0, 1, 0, 0, 0, 1, 0, 0, 0})}},
      {"FirstAxis",
       "OneHot",
       11,
       {{"axis", integer(0)}},
       {i64({2}, {1, 0}), i64({}, {2}), f({2}, {5, 6})},
       {f({2, 2}, {5, 6, 6, 5})}},
      {"Upper", "Trilu", 14, {}, {counting({2, 3}), i64({}, {1})}, {f({2, 3}, {0, 1, 2, 0, 0, 5})}},
      {"Lower", "Trilu", 14, {{"upper", integer(0)}}, {counting({2, 3})}, {f({2, 3}, {0, 0, 0, 3, 4, 0})}},
      {"Far", "Trilu", 14, {}, {counting({1, 2}), i64({}, {INT64_MAX})}, {f({1, 2}, {0, 0})}},
      {"TimeFirst", "ReverseSequence", 10, {}, {counting({3, 2}), list({2, 3})}, {f({3, 2}, {2, 5, 0, 3, 4, 1})}},
      {"BatchFirst",
       "ReverseSequence",
       10,
       {{"batch_axis", integer(0)}, {"time_axis", integer(1)}},
       {counting({2, 2}), list({1, 2})},
       {f({2, 2}, {0, 1, 3, 2})}},
      {"WeightedMean",
       "NegativeLogLikelihoodLoss",
       13,
       {},
       {f({2, 2}, {-1, -2, -3, -4}), i64({2}, {0, 1}), f({2}, {1, 3})},
       {f({}, {13.0f / 4})}},
      {"Ignores",
       "NegativeLogLikelihoodLoss",
       13,
       {{"reduction", text("none")}, {"ignore_index", integer(-100)}},
       {f({2, 2}, {-1, -2, -3, -4}), i64({2}, {-100, 0})},
       {f({2}, {0, 3})}},
      {"FromScores",
       "SoftmaxCrossEntropyLoss",
       13,
       {},
       {f({1, 2}, {3, 3}), i64({1}, {1})},
       {f({}, {half}), f({1, 2}, {-half, -half})}},
  };
  return kCases;
}

class Select : public ::testing::TestWithParam<OpCase> {};
TEST_P(Select, MatchesExpectation) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, Select, ::testing::ValuesIn(select_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"IndexOutside", "ScatterElements", 18, {}, {counting({2}), i64({1}, {2}), counting({1})}, "index 2"},
      {"ShapesDiffer", "ScatterElements", 18, {}, {counting({2}), i64({1}, {0}), counting({2})}, "one shape"},
      {"UpdatesTooShort", "ScatterND", 18, {}, {counting({2}), i64({2, 1}, {0, 1}), counting({1})}, "expected [2]"},
      {"ConditionTooLong", "Compress", 11, {}, {counting({1}), flags({2}, {true, true})}, "longer than the axis"},
      {"DepthZero", "OneHot", 11, {}, {i64({1}, {0}), i64({}, {0}), counting({2})}, "depth"},
      {"NotAMatrix", "Trilu", 14, {}, {counting({2})}, "matrices"},
      {"TooLong", "ReverseSequence", 10, {}, {counting({2, 1}), list({3})}, "longer than the tensor"},
      {"ClassOutside", "NegativeLogLikelihoodLoss", 13, {}, {counting({1, 2}), i64({1}, {2})}, "index 2"},
      {"ShapesDiffer", "SoftmaxCrossEntropyLoss", 13, {}, {counting({2, 2}), i64({1}, {0})}, "differ in shape"},
  };
  return kCases;
}

class SelectRefuses : public ::testing::TestWithParam<BadCase> {};
TEST_P(SelectRefuses, WithItsReason) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, SelectRefuses, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
