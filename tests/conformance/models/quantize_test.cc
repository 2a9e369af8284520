// What recipes reach on real networks, by the protocol of quality.h. Bars of plain quantize_static: what onnxruntime's
// min-max reaches on the same data, less half a decibel. Bars of presets: what Halftone promises, above the best that
// onnxruntime's quantizer reached there (15.3, 22.1, 22.6 and 18.5 dB).
#include <gtest/gtest.h>

#include <cstdio>

#include "core/recipe/presets.h"
#include "tests/conformance/models/quality.h"

namespace halftone {
namespace {

struct Case {
  const char* name;
  const char* network;
  const char* recipe;  // JSON, or the name of a preset
  double sqnr_db, agreement;
};

constexpr const char* kStatic = R"([{"pass":"quantize_static"}])";
constexpr const char* kSigned = R"([{"pass":"quantize_static","activation_type":"int8"}])";
constexpr const char* kPerTensor = R"([{"pass":"quantize_static","per_channel":false}])";
constexpr const char* kFourBits =
    R"([{"pass":"equalize"},
        {"pass":"quantize_static","activation_observer":"sqnr","skip_islands":true,"weight_bits":4,
         "weight_observer":"mse","weight_type":"uint8","weight_symmetric":false},
        {"pass":"round_weights"}])";

constexpr Case kCases[] = {
    {"mobilenetv2", "mobilenetv2", kStatic, 12.4, 91},
    {"mobilenetv2_per_tensor", "mobilenetv2", kPerTensor, 14, 90},
    {"mobilenetv2_onnxruntime", "mobilenetv2", "onnxruntime", 14, 90},
    {"mobilenetv2_recommended", "mobilenetv2", "recommended", 17.5, 90},
    {"mobilenetv2_best", "mobilenetv2", "best_accuracy", 19.5, 96},
    {"mobilenetv2_four_bits", "mobilenetv2", kFourBits, 8.5, 78},
    {"squeezenet", "squeezenet", kStatic, 21, 91},
    {"squeezenet_int8", "squeezenet", kSigned, 20.6, 91},
    {"squeezenet_recommended", "squeezenet", "recommended", 23.5, 90},
    {"squeezenet_best", "squeezenet", "best_accuracy", 25, 90},
    {"resnet8", "resnet8", kStatic, 21, 94},
    {"resnet8_per_tensor", "resnet8", kPerTensor, 17.7, 94},
    {"resnet8_recommended", "resnet8", "recommended", 23.5, 96},
    {"resnet8_best", "resnet8", "best_accuracy", 25, 97},
    {"resnet8_four_bits", "resnet8", kFourBits, 15.5, 92},
    {"resnet_4b", "resnet_4b", kStatic, 30.8, 97.5},
    {"vit", "vit", kStatic, 18, 87},
    {"vit_recommended", "vit", "recommended", 21, 92},
    {"vit_best", "vit", "best_accuracy", 23, 92},
    {"mnist_8", "mnist_8", kStatic, 36.4, 99},
    {"mnist_8_per_tensor", "mnist_8", kPerTensor, 36.4, 99},
};

std::string_view recipe_text(std::string_view recipe) {
  for (const Preset& preset : presets()) {
    if (preset.name == recipe) return preset.recipe;
  }
  return recipe;
}

class Quantize : public ::testing::TestWithParam<Case> {};

TEST_P(Quantize, KeepsItsPromise) {
  if (testing::models_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  const Case& c = GetParam();
  testing::QualityBench bench(testing::protocol(c.network));
  const auto recipe = parse_recipe(recipe_text(c.recipe));
  ASSERT_TRUE(recipe.ok()) << recipe.error().message;
  const auto outcome = bench.compress(*recipe);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message << " " << outcome.error().where;
  const auto quality = bench.judge(outcome->model);
  ASSERT_TRUE(quality.ok()) << quality.error().message;
  std::printf("%-28s %6.2f dB, agree %5.1f %%, top-1 float %5.1f int8 %5.1f\n", c.name, quality->sqnr_db,
              quality->agreement, quality->top1_float, quality->top1);
  EXPECT_GE(quality->sqnr_db, c.sqnr_db);
  EXPECT_GE(quality->agreement, c.agreement);
}

INSTANTIATE_TEST_SUITE_P(Models, Quantize, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace halftone
