// Real quantized models back in float: MobileNetV2's is the float model that was made from the same file by hand.
#include "core/passes/dequantize/dequantize.h"

#include "tests/conformance/models/shared_models.h"
#include "tests/core/passes/run_pass.h"

namespace halftone::testing {
namespace {

constexpr SharedModel kQdq = {"quantized/mobilenetv2-12-qdq.onnx", -2, 2};
constexpr SharedModel kFloat = {"classify/mobilenetv2-12-dequantized.onnx", -2, 2};
constexpr SharedModel kDetector = {"quantized/stm32-od-model_onnx_q.onnx", 0, 255};

class DequantizeModels : public ::testing::Test {
 protected:
  void SetUp() override {
    if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
  }
  static Model loaded(const SharedModel& shared) {
    auto model = load_shared(shared);
    EXPECT_TRUE(model.ok());
    return *std::move(model);
  }
  static PassOutcome dequantized(const Model& model) {
    auto outcome = run_pass(dequantize_pass(), model, "");
    EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : text(outcome.error()));
    return *std::move(outcome);
  }
};

TEST_F(DequantizeModels, MobilenetIsTheFloatModel) {
  const PassOutcome outcome = dequantized(loaded(kQdq));
  EXPECT_EQ(outcome.report.find("left")->as_array().size(), 0u) << outcome.report.dump();
  const Feeds feeds = random_feeds(outcome.model, 3, -2, 2);
  EXPECT_GE(sqnr_db(ran(loaded(kFloat), feeds), ran(outcome.model, feeds)), 80);
}

TEST_F(DequantizeModels, DetectorKeepsItsOutputs) {
  const Model model = loaded(kDetector);
  const PassOutcome outcome = dequantized(model);
  // Its input is bytes, which stay.
  EXPECT_EQ(outcome.report.find("left")->as_array().size(), 1u) << outcome.report.dump();
  const Feeds feeds = random_feeds(model, 3, 0, 255);
  EXPECT_GE(sqnr_db(ran(model, feeds), ran(outcome.model, feeds)), 15);
}

}  // namespace
}  // namespace halftone::testing
