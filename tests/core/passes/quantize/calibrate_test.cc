// Calibration data: what is refused, what is left out, and what the report says of what was seen.
#include <cmath>

#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

TEST(QuantizeStatic, NonFiniteValuesAreLeftOutAndReported) {
  const Model model = conv_model().output("c").done();
  Feeds bad = {{"x", filled(kImage, {0.5f, NAN, INFINITY})}};
  const auto outcome = apply(model, "", {bad, image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Json& warnings = *outcome->report.find("warnings");
  ASSERT_FALSE(warnings.as_array().empty());
  EXPECT_EQ(warnings.as_array()[0].find("where")->as_string(), "x");
  EXPECT_FLOAT_EQ(pair_of(outcome->model.graph, "x")->scale, 2.0f / 255);
}

TEST(QuantizeStatic, WrongCalibrationDataNamesTheInput) {
  const Model model = conv_model().output("c").done();
  const std::vector<Feeds> cases = {
      {{"y", filled(kImage, kSamples)}},
      {{"x", filled({1, 2, 6, 7}, kSamples)}},
      {{"x", filled(kImage, kSamples)}, {"extra", filled(kImage, kSamples)}},
      {{"x", Tensor::of<int64_t>({1}, {1})}},
      {},
  };
  for (const Feeds& feeds : cases) {
    const auto outcome = apply(model, "", {image(), feeds});
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidInput);
    EXPECT_FALSE(outcome.error().where.empty());
  }
}

TEST(Diagnosis, TensorsAndWeightsCarryFacts) {
  Model model = Build()
                    .input("x", {1, 4})
                    .constant("w", Tensor::of<float>({4, 3}, {1, 0, 0.5f, -1, 0, 0.25f, 0.3f, 0, 1, 0.7f, 0, -0.6f}))
                    .node("MatMul", {"x", "w"}, {"y"})
                    .output("y")
                    .done();
  const auto outcome = apply(model, R"("overrides":[{"where":"x","low":-1,"high":1}])",
                             {{{"x", Tensor::of<float>({1, 4}, {-1.0f, 0.0f, 0.5f, 3.0f})}}});
  ASSERT_TRUE(outcome.ok());
  const Json& x = outcome->report.find("tensors")->as_array()[0];
  EXPECT_EQ(x.find("name")->as_string(), "x");
  EXPECT_EQ(x.find("observed_high")->as_number(), 3);
  EXPECT_EQ(x.find("zeros")->as_number(), 0.25);
  EXPECT_EQ(x.find("clipped")->as_number(), 0.25);
  EXPECT_NEAR(x.find("sqnr")->as_number(), 10 * std::log10(10.25 / 4), 0.1);
  double counted = 0;
  for (const Json& count : x.find("histogram")->find("counts")->as_array()) counted += count.as_number();
  EXPECT_EQ(counted, 3);  // without the zero
  const Json& w = outcome->report.find("weights")->as_array()[0];
  EXPECT_EQ(w.find("dead")->dump(), "[1]");
  EXPECT_EQ(w.find("channels")->find("high")->dump(), "[1,0,1]");
  EXPECT_GT(w.find("sqnr")->as_number(), 40);
}

}  // namespace
}  // namespace halftone::testing
