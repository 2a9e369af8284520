// Classification metrics against numbers worked out by hand.
#include <gtest/gtest.h>

#include "core/session/session.h"

namespace halftone {
namespace {

double number(const Json& report, std::string_view key) { return report.find(key)->as_number(); }

TEST(Evaluator, CountsAccuracyTop5AndMacroF1) {
  Evaluator evaluator;
  // Six classes; predictions 0, 1, 1; truths 0, 1, 2. Class 2 scores lowest of six in the last row: not in its top 5.
  const Tensor scores = Tensor::of<float>({3, 6}, {9, 0, 0, 0, 0, 0,  //
                                                   0, 9, 0, 0, 0, 0,  //
                                                   5, 9, 1, 4, 3, 2});
  ASSERT_TRUE(evaluator.add(scores, {0, 1, 2}).ok());
  const Json report = evaluator.report();
  EXPECT_EQ(number(report, "samples"), 3);
  EXPECT_DOUBLE_EQ(number(report, "accuracy"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(number(report, "top5"), 2.0 / 3);
  // F1: class 0: 1; class 1: 2 / (2 + 1); class 2: 0. Classes that never occur do not count.
  EXPECT_DOUBLE_EQ(number(report, "macroF1"), (1 + 2.0 / 3 + 0) / 3);
  EXPECT_EQ(evaluator.classes(), 6);
  EXPECT_EQ(evaluator.confusion()[2 * 6 + 1], 1);
}

TEST(Evaluator, TiesGoToTheLowerClass) {
  Evaluator evaluator;
  ASSERT_TRUE(evaluator.add(Tensor::of<float>({1, 3}, {1, 1, 1}), {0}).ok());
  ASSERT_TRUE(evaluator.add(Tensor::of<float>({1, 3}, {1, 1, 1}), {1}).ok());
  EXPECT_DOUBLE_EQ(number(evaluator.report(), "accuracy"), 0.5);
}

TEST(Evaluator, TakesTrailingOnesAndSingleItems) {
  Evaluator evaluator;
  EXPECT_TRUE(evaluator.add(Tensor::of<float>({1, 2, 1, 1}, {0, 1}), {1}).ok());
  EXPECT_TRUE(evaluator.add(Tensor::of<float>({2}, {0, 1}), {1}).ok());
  EXPECT_DOUBLE_EQ(number(evaluator.report(), "accuracy"), 1);
}

TEST(Evaluator, EmptyReportIsZero) {
  const Json report = Evaluator().report();
  for (const char* key : {"samples", "accuracy", "top5", "macroF1"}) EXPECT_EQ(number(report, key), 0) << key;
}

struct BadBatch {
  const char* what;
  Tensor scores;
  std::vector<int64_t> labels;
};

TEST(Evaluator, RefusesWhatDoesNotFit) {
  const BadBatch cases[] = {
      {"label past the classes", Tensor::of<float>({1, 3}, {0, 0, 0}), {3}},
      {"negative label", Tensor::of<float>({1, 3}, {0, 0, 0}), {-1}},
      {"too few labels", Tensor::of<float>({2, 2}, {0, 0, 0, 0}), {0}},
      {"an image", Tensor::of<float>({1, 2, 2}, {0, 0, 0, 0}), {0}},
      {"other class count", Tensor::of<float>({1, 4}, {0, 0, 0, 0}), {0}},
  };
  Evaluator evaluator;
  ASSERT_TRUE(evaluator.add(Tensor::of<float>({1, 3}, {0, 0, 1}), {2}).ok());
  for (const BadBatch& bad : cases) {
    const Status status = evaluator.add(bad.scores, bad.labels);
    ASSERT_FALSE(status.ok()) << bad.what;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidInput) << bad.what;
    EXPECT_FALSE(status.error().where.empty()) << bad.what;
  }
  EXPECT_EQ(number(evaluator.report(), "samples"), 1) << "a refused batch must not count";
}

}  // namespace
}  // namespace halftone
