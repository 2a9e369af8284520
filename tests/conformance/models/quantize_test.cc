// Static quantization of real models, calibrated and evaluated as models/DATASETS.md of the shared folder describes:
// the signal-to-noise ratio over all outputs together, and how often float and int8 agree on the best class. The bars
// are what onnxruntime's per-channel min-max reaches there, less half a decibel.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/recipe/recipe.h"
#include "tests/conformance/models/data.h"

namespace halftone {
namespace {

using testing::Images;
using testing::Preprocessing;

struct Case {
  const char* name;
  const char* model;
  Images (*calibration)();
  size_t calibrate_from;  // 100 images
  Images (*evaluation)();
  size_t evaluate_from, evaluate;
  Preprocessing preprocessing;
  const char* keys;  // of quantize_static
  double sqnr_db, agreement;
};

constexpr size_t kCalibrate = 100;

Images no_images() { return {}; }  // calibrate on images of the evaluation's set

// The network's own numbers, whatever their rank.
struct Tally {
  double signal = 0, noise = 0;
  int64_t count = 0, agree = 0, right_float = 0, right_int8 = 0;

  void add(std::span<const float> reference, std::span<const float> other, int64_t label) {
    for (size_t i = 0; i < reference.size(); ++i) {
      const double r = reference[i], d = r - other[i];
      signal += r * r;
      noise += d * d;
    }
    const auto best = [](std::span<const float> v) { return std::max_element(v.begin(), v.end()) - v.begin(); };
    ++count;
    agree += best(reference) == best(other);
    right_float += best(reference) == label;
    right_int8 += best(other) == label;
  }
  double sqnr_db() const { return 10 * std::log10(signal / noise); }
};

std::shared_ptr<const Program> program_of(const Model& model, bool integer) {
  CompileOptions options;
  options.integer = integer;
  auto program = compile(model, options);
  EXPECT_TRUE(program.ok()) << (program.ok() ? "" : program.error().message);
  return program.ok() ? *program : nullptr;
}

class Quantize : public ::testing::TestWithParam<Case> {};

TEST_P(Quantize, IsAsAccurateAsOnnxruntime) {
  if (testing::models_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  const Case& c = GetParam();
  const Model model = testing::load_model(c.model);
  const std::string input = model.graph.value(model.graph.inputs[0]).name;
  const Images evaluation = c.evaluation();
  const Images other = c.calibration();
  const Images& calibration = other.size() > 0 ? other : evaluation;

  auto recipe = parse_recipe(std::string(R"([{"pass":"quantize_static")") + c.keys + "}]");
  ASSERT_TRUE(recipe.ok());
  auto run = RecipeRun::start(model, *recipe);
  ASSERT_TRUE(run.ok()) << run.error().message << " " << run.error().where;
  for (size_t i = c.calibrate_from; i < c.calibrate_from + kCalibrate; ++i) {
    const Status seen = run->observe({{input, calibration.tensor(i, c.preprocessing)}});
    ASSERT_TRUE(seen.ok()) << seen.error().message;
  }
  ASSERT_TRUE(run->end_sweep().ok());
  const auto outcome = run->finish();
  ASSERT_TRUE(outcome.ok());

  Executor reference(program_of(model, false)), integer(program_of(outcome->model, true));
  Tally tally;
  for (size_t i = c.evaluate_from; i < std::min(c.evaluate_from + c.evaluate, evaluation.size()); ++i) {
    const Feeds feeds = {{input, evaluation.tensor(i, c.preprocessing)}};
    const auto a = reference.run(feeds), b = integer.run(feeds);
    ASSERT_TRUE(a.ok() && b.ok()) << (a.ok() ? b.error().message : a.error().message);
    tally.add(a->outputs[0].second.data<float>(), b->outputs[0].second.data<float>(), evaluation.labels[i]);
  }
  const double n = static_cast<double>(tally.count);
  const Json& step = outcome->report.find("steps")->as_array()[0];
  std::printf("%-28s %6.2f dB, agree %5.1f %%, top-1 float %5.1f int8 %5.1f, %lld -> %lld bytes\n", c.name,
              tally.sqnr_db(), 100 * tally.agree / n, 100 * tally.right_float / n, 100 * tally.right_int8 / n,
              static_cast<long long>(step.find("bytes_before")->as_number()),
              static_cast<long long>(step.find("bytes_after")->as_number()));
  EXPECT_GE(tally.sqnr_db(), c.sqnr_db - 0.5);
  EXPECT_GE(100 * tally.agree / n, c.agreement);
}

INSTANTIATE_TEST_SUITE_P(
    Models, Quantize,
    ::testing::Values(Case{"mobilenetv2", "classify/mobilenetv2-12-dequantized.onnx", no_images, 0,
                           testing::imagenet200, 100, 100, testing::kImageNet, "", 12.9, 91},
                      Case{"mobilenetv2_per_tensor", "classify/mobilenetv2-12-dequantized.onnx", no_images, 0,
                           testing::imagenet200, 100, 100, testing::kImageNet, R"(,"per_channel":false)", 14.5, 90},
                      Case{"squeezenet", "classify/squeezenet1.0-fp32.onnx", no_images, 0, testing::imagenet200, 100,
                           100, testing::kCaffe, "", 21.5, 91},
                      Case{"squeezenet_int8", "classify/squeezenet1.0-fp32.onnx", no_images, 0, testing::imagenet200,
                           100, 100, testing::kCaffe, R"(,"activation_type":"int8")", 21.1, 91},
                      Case{"mlperftiny_resnet8", "classify/mlperftiny-resnet8-cifar10.onnx",
                           testing::cifar10_calibration, 0, testing::cifar10_test, 0, 2000, testing::kRaw, "", 21.5,
                           94},
                      Case{"mlperftiny_resnet8_per_tensor", "classify/mlperftiny-resnet8-cifar10.onnx",
                           testing::cifar10_calibration, 0, testing::cifar10_test, 0, 2000, testing::kRaw,
                           R"(,"per_channel":false)", 18.2, 94},
                      Case{"cifar10_resnet_4b", "classify/cifar10-resnet_4b.onnx", testing::cifar10_calibration, 0,
                           testing::cifar10_test, 0, 2000, testing::kCifar, "", 31.3, 97.5},
                      Case{"cifar10_vit", "classify/cifar10-vit-ibp_3_3_8.onnx", testing::cifar10_calibration, 0,
                           testing::cifar10_test, 0, 2000, testing::kCifar, "", 18.5, 87},
                      // Which hundred digits calibrate decides how far later ones saturate, hence this choice.
                      Case{"mnist_8", "classify/mnist-8.onnx", no_images, 9000, testing::mnist_test, 0, 2000,
                           testing::kRaw, "", 36.9, 99},
                      Case{"mnist_8_per_tensor", "classify/mnist-8.onnx", no_images, 9000, testing::mnist_test, 0, 2000,
                           testing::kRaw, R"(,"per_channel":false)", 36.9, 99}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace halftone
