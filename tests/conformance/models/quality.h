// How the quality of a recipe is measured on a real network: calibrated and evaluated as models/DATASETS.md of the
// shared folder describes. The signal-to-noise ratio is over all outputs together; agreement is how often the float
// and the compressed network agree on the best class.
#pragma once

#include <string_view>

#include "core/recipe/recipe.h"
#include "tests/conformance/models/data.h"

namespace halftone::testing {

struct Protocol {
  const char* name;
  const char* model;
  Images (*calibration)();  // null: images of the evaluation's set
  size_t calibrate_from, calibrate;
  Images (*evaluation)();
  size_t evaluate_from, evaluate;
  Preprocessing preprocessing;
};

// Networks with labelled data, and one (rfb) whose photographs' labels mean nothing to it: its batch normalizations are
// not folded.
inline constexpr Protocol kProtocols[] = {
    {"mobilenetv2", "classify/mobilenetv2-12-dequantized.onnx", nullptr, 0, 100, imagenet200, 100, 100, kImageNet},
    {"squeezenet", "classify/squeezenet1.0-fp32.onnx", nullptr, 0, 100, imagenet200, 100, 100, kCaffe},
    {"resnet8", "classify/mlperftiny-resnet8-cifar10.onnx", cifar10_calibration, 0, 100, cifar10_test, 0, 2000, kRaw},
    {"resnet_4b", "classify/cifar10-resnet_4b.onnx", cifar10_calibration, 0, 100, cifar10_test, 0, 2000, kCifar},
    {"vit", "classify/cifar10-vit-ibp_3_3_8.onnx", cifar10_calibration, 0, 100, cifar10_test, 0, 2000, kCifar},
    {"rfb", "detect/version-RFB-320.onnx", nullptr, 0, 100, imagenet200_wide, 100, 100, kFaces},
    // Which hundred digits calibrate decides how far later ones saturate, hence this choice.
    {"mnist_8", "classify/mnist-8.onnx", nullptr, 9000, 100, mnist_test, 0, 2000, kRaw},
};
// CHECKs that there is one of this name.
const Protocol& protocol(std::string_view name);

struct Quality {
  double sqnr_db = 0;
  double agreement = 0, top1_float = 0, top1 = 0;  // percent
};

// The images of one protocol, and the float network's answers, made once for any number of recipes.
class QualityBench {
 public:
  explicit QualityBench(const Protocol& protocol);
  // Another model for the same data, which counts as the float one.
  QualityBench(const Protocol& protocol, Model model);
  const Model& model() const { return model_; }
  // Runs the recipe on the calibration images. Errors: the recipe's.
  Result<RecipeOutcome> compress(const Recipe& recipe) const;
  // Runs `model` as it would run in the page. Errors: the executor's.
  Result<Quality> judge(const Model& model);

 private:
  Feeds feeds(const Images& images, size_t i) const;
  Status run_float();

  const Protocol& protocol_;
  Model model_;
  std::string input_;
  Images evaluation_, calibration_;
  std::vector<std::vector<float>> reference_;
};

}  // namespace halftone::testing
