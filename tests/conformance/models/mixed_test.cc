// Mixed precision and diagnosis on real networks.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "core/session/risks.h"
#include "core/session/session.h"
#include "tests/conformance/models/quality.h"

namespace halftone {
namespace {

using testing::protocol;
using testing::QualityBench;

Recipe recipe(const std::string& text) {
  auto parsed = parse_recipe(text);
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().message);
  return *parsed;
}

bool no_models() { return testing::models_folder().empty(); }

TEST(MixedPrecision, HalfABitMoreInTheRightPlacesBeatsFourBits) {
  if (no_models()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  QualityBench bench(protocol("resnet8"));
  const std::string quantize = R"({"pass":"quantize_static","weight_bits":4,"weight_observer":"mse"})";
  const auto plain = bench.compress(recipe("[" + quantize + "]"));
  const auto mixed = bench.compress(recipe(R"([{"pass":"allocate_bits","limit":4.5},)" + quantize + "]"));
  ASSERT_TRUE(plain.ok() && mixed.ok());
  const Json& step = mixed->report.find("steps")->as_array()[0];
  EXPECT_LE(step.find("mean_bits")->as_number(), 4.5);
  const auto before = bench.judge(plain->model), after = bench.judge(mixed->model);
  ASSERT_TRUE(before.ok() && after.ok());
  std::printf("4 bits %.2f dB %.1f %%, mean of %.2f bits %.2f dB %.1f %%\n", before->sqnr_db, before->agreement,
              step.find("mean_bits")->as_number(), after->sqnr_db, after->agreement);
  EXPECT_GT(after->sqnr_db, before->sqnr_db + 1);
}

TEST(MixedPrecision, TheWorstNodesInFloatGain) {
  if (no_models()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  QualityBench bench(protocol("resnet8"));
  const auto plain = bench.compress(recipe(R"([{"pass":"quantize_static"}])"));
  const auto mixed = bench.compress(recipe(R"([{"pass":"fall_back","nodes":3},{"pass":"quantize_static"}])"));
  ASSERT_TRUE(plain.ok() && mixed.ok());
  const auto before = bench.judge(plain->model), after = bench.judge(mixed->model);
  ASSERT_TRUE(before.ok() && after.ok());
  std::printf("all nodes %.2f dB, without the worst 3 %.2f dB\n", before->sqnr_db, after->sqnr_db);
  EXPECT_GT(after->sqnr_db, before->sqnr_db + 1);
}

TEST(Risks, MobileNetInAnInstant) {
  if (no_models()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  const Model model = testing::load_model("classify/mobilenetv2-12-dequantized.onnx");
  double least = 1e9;
  Json report;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    report = *find_risks(model);
    least =
        std::min(least, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::string found;
  for (const Json& one : report.find("findings")->as_array()) {
    found += one.find("id")->as_string() + " (" + one.find("severity")->as_string() + ") ";
  }
  std::printf("%.1f ms: %s\n", least, found.c_str());
  EXPECT_NE(found.find("depthwise"), std::string::npos);
}

TEST(Compare, LayersAloneAreBetterThanWhatPilesUp) {
  if (no_models()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  QualityBench bench(protocol("resnet8"));
  auto outcome = bench.compress(recipe(R"([{"pass":"quantize_static"}])"));
  ASSERT_TRUE(outcome.ok());
  const auto reference = Session::from_model(bench.model()), other = Session::from_model(std::move(outcome->model));
  ASSERT_TRUE(reference.ok() && other.ok());
  const auto images = testing::cifar10_test();
  const std::string input = bench.model().graph.value(bench.model().graph.inputs[0]).name;
  const auto result = compare(**reference, **other, {{input, images.tensor(0, testing::kRaw)}});
  ASSERT_TRUE(result.ok());
  size_t layers = 0, better = 0;
  for (const Json& layer : result->find("layers")->as_array()) {
    const Json* alone = layer.find("aloneSqnr");
    ASSERT_NE(alone, nullptr) << layer.dump();
    ++layers;
    better += alone->is_null() || layer.find("sqnr")->is_null() ||
              alone->as_number() >= layer.find("sqnr")->as_number() - 0.1;
    EXPECT_TRUE(alone->is_null() || alone->as_number() > 15) << layer.find("name")->as_string();
  }
  EXPECT_GT(layers, 8u);
  EXPECT_GE(better * 10, layers * 9);
}

}  // namespace
}  // namespace halftone
