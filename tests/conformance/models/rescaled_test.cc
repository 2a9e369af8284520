// Batch-norm networks whose channels were rescaled, as the equalization papers do it: the same function, weights of one
// scale per tensor that lose it, and equalization that recovers what they lose. Source: Nagel et al. 2019, section 3.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "core/base/rng.h"
#include "core/passes/equalize/scales.h"
#include "core/passes/quantize/prepare.h"
#include "tests/conformance/models/quality.h"

namespace halftone {
namespace {

using testing::protocol;
using testing::QualityBench;

constexpr double kOctaves = 5;  // scales from 2^-5 to 2^5

// Every channel that a Relu or a sum passes on, times a number of its own, which the layers behind undo.
Model rescaled(const Model& model) {
  const auto prepared = prepare_to_quantize(model, {});
  HT_CHECK(prepared.ok());
  Model scaled = prepared->model;
  const ChannelMap map(scaled.graph);
  Rng rng(2019);
  std::vector<float> scales;
  for (int32_t k = 0; k < map.classes(); ++k) {
    scales.push_back(std::exp2(rng.uniform(static_cast<float>(-kOctaves), static_cast<float>(kOctaves))));
  }
  HT_CHECK(map.classes() > 100 && apply_scales(scaled.graph, map, scales).ok());
  return scaled;
}

testing::Quality quality_of(QualityBench& bench, const std::string& text) {
  const auto recipe = parse_recipe(text);
  HT_CHECK(recipe.ok());
  const auto outcome = bench.compress(*recipe);
  EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().message);
  const auto quality = outcome.ok() ? bench.judge(outcome->model) : outcome.error();
  EXPECT_TRUE(quality.ok());
  if (!quality.ok()) return {};
  std::printf("%7.2f dB, agree %5.1f %%  %s\n", quality->sqnr_db, quality->agreement, text.c_str());
  return *quality;
}

class Rescaled : public ::testing::TestWithParam<const char*> {};

TEST_P(Rescaled, EqualizationRecoversWhatOneScaleLoses) {
  if (testing::models_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  const testing::Protocol& network = protocol(GetParam());
  QualityBench original(network);
  const Model model = rescaled(original.model());
  const auto same = original.judge(model);
  ASSERT_TRUE(same.ok());
  std::printf("%s: rescaled and float %.1f dB\n", network.name, same->sqnr_db);
  EXPECT_GT(same->sqnr_db, 80);
  QualityBench bench(network, model);
  const std::string quantize = R"({"pass":"quantize_static","per_channel":false}])";
  const testing::Quality before = quality_of(original, "[" + quantize);
  const testing::Quality lost = quality_of(bench, "[" + quantize);
  const testing::Quality weights = quality_of(bench, R"([{"pass":"equalize","by":"weights"},)" + quantize);
  const testing::Quality activations = quality_of(bench, R"([{"pass":"equalize"},)" + quantize);
  EXPECT_LT(lost.sqnr_db, before.sqnr_db - 6);
  EXPECT_GT(weights.sqnr_db, before.sqnr_db - 1);
  EXPECT_GT(weights.agreement, before.agreement - 4);
  EXPECT_GT(activations.sqnr_db, lost.sqnr_db + 8);
}

INSTANTIATE_TEST_SUITE_P(Models, Rescaled, ::testing::Values("resnet8", "rfb"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace halftone
