// What the presets reach on real networks, by the protocol of quality.h. The bars are what Halftone promises, above the
// best that onnxruntime's quantizer reached on the same data: 15.3, 22.1, 22.6 and 18.5 dB.
#include "core/recipe/presets.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/conformance/models/quality.h"

namespace halftone {
namespace {

struct Promise {
  const char* network;
  const char* preset;
  double sqnr_db, agreement;
};

constexpr Promise kPromises[] = {
    {"mobilenetv2", "recommended", 17.5, 90}, {"mobilenetv2", "best_accuracy", 19.5, 96},
    {"squeezenet", "recommended", 23.5, 90},  {"squeezenet", "best_accuracy", 25, 90},
    {"resnet8", "recommended", 23.5, 96},     {"resnet8", "best_accuracy", 25, 97},
    {"vit", "recommended", 21, 92},           {"vit", "best_accuracy", 23, 92},
};

std::string_view recipe_of(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (preset.name == name) return preset.recipe;
  }
  return {};
}

class Presets : public ::testing::TestWithParam<Promise> {};

TEST_P(Presets, KeepTheirPromise) {
  if (testing::models_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  const Promise& promise = GetParam();
  testing::QualityBench bench(testing::protocol(promise.network));
  const auto recipe = parse_recipe(recipe_of(promise.preset));
  ASSERT_TRUE(recipe.ok());
  const auto outcome = bench.compress(*recipe);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message << " " << outcome.error().where;
  const auto quality = bench.judge(outcome->model);
  ASSERT_TRUE(quality.ok()) << quality.error().message;
  std::printf("%-12s %-14s %6.2f dB, agree %5.1f %%\n", promise.network, promise.preset, quality->sqnr_db,
              quality->agreement);
  EXPECT_GE(quality->sqnr_db, promise.sqnr_db);
  EXPECT_GE(quality->agreement, promise.agreement);
}

INSTANTIATE_TEST_SUITE_P(Networks, Presets, ::testing::ValuesIn(kPromises),
                         [](const auto& info) { return std::string(info.param.network) + "_" + info.param.preset; });

}  // namespace
}  // namespace halftone
