// Static quantization of real models, calibrated and evaluated as models/DATASETS.md of the shared folder describes:
// the signal-to-noise ratio over all outputs together, and how often float and int8 agree on the best class. The bars
// are what onnxruntime's per-channel min-max reaches there, less half a decibel.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/conformance/models/accuracy.h"

namespace halftone {
namespace {

using testing::Accuracy;
using testing::Trial;

struct Case {
  const char* name;
  const char* protocol;
  const char* keys;  // of quantize_static
  double sqnr_db, agreement;
};

std::string recipe_of(const std::string& keys) { return R"([{"pass":"quantize_static")" + keys + "}]"; }

class Quantize : public ::testing::TestWithParam<Case> {};

TEST_P(Quantize, IsAsAccurateAsOnnxruntime) {
  if (testing::models_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  const Case& c = GetParam();
  const auto accuracy = Trial(testing::protocol(c.protocol)).run(recipe_of(c.keys));
  ASSERT_TRUE(accuracy.ok()) << accuracy.error().message << " " << accuracy.error().where;
  std::printf("%-28s %6.2f dB, agree %5.1f %%, top-1 float %5.1f int8 %5.1f, %lld -> %lld bytes\n", c.name,
              accuracy->sqnr_db, accuracy->agree, accuracy->top1_float, accuracy->top1,
              static_cast<long long>(accuracy->bytes_before), static_cast<long long>(accuracy->bytes));
  EXPECT_GE(accuracy->sqnr_db, c.sqnr_db - 0.5);
  EXPECT_GE(accuracy->agree, c.agreement);
}

constexpr const char* kPerTensor = R"(,"per_channel":false)";

INSTANTIATE_TEST_SUITE_P(
    Models, Quantize,
    ::testing::Values(Case{"mobilenetv2", "mobilenetv2", "", 12.9, 91},
                      Case{"mobilenetv2_per_tensor", "mobilenetv2", kPerTensor, 14.5, 90},
                      Case{"squeezenet", "squeezenet", "", 21.5, 91},
                      Case{"squeezenet_int8", "squeezenet", R"(,"activation_type":"int8")", 21.1, 91},
                      Case{"mlperftiny_resnet8", "mlperftiny_resnet8", "", 21.5, 94},
                      Case{"mlperftiny_resnet8_per_tensor", "mlperftiny_resnet8", kPerTensor, 18.2, 94},
                      Case{"cifar10_resnet_4b", "cifar10_resnet_4b", "", 31.3, 97.5},
                      Case{"cifar10_vit", "cifar10_vit", "", 18.5, 87}, Case{"mnist_8", "mnist_8", "", 36.9, 99},
                      Case{"mnist_8_per_tensor", "mnist_8", kPerTensor, 36.9, 99}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace halftone
