// Real models turned to float16 and bfloat16 as converters do: they run, computing in float32, and what they give is as
// close to the float model as their weights' roundings allow; rounding after every operator instead gives no better.
#include "tests/conformance/models/shared_models.h"
#include "tests/conformance/retype.h"

namespace halftone::testing {
namespace {

struct HalfCase {
  const char* name;
  SharedModel model;
  DType type;
  double decibels;
};

class HalfModels : public ::testing::TestWithParam<HalfCase> {};

// Outputs back in float32.
RunResult widened(RunResult run) {
  for (auto& [name, tensor] : run.outputs) tensor = *convert(tensor, DType::kFloat);
  return run;
}

TEST_P(HalfModels, GiveWhatTheFloatModelGives) {
  if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
  const HalfCase& c = GetParam();
  auto loaded = load_shared(c.model);
  ASSERT_TRUE(loaded.ok()) << text(loaded.error());
  Model model = *std::move(loaded);
  Feeds feeds = random_feeds(model, 1, c.model.low, c.model.high);
  Retype retype(c.type);
  // The same rounded inputs for both.
  Feeds rounded;
  for (auto& [name, tensor] : feeds) {
    retype.tensor(tensor);
    rounded[name] = is_float(tensor.dtype()) ? *convert(tensor, DType::kFloat) : tensor;
  }
  const RunResult reference = ran(model, rounded);
  retype.graph(model.graph);

  const auto program = compiled(model);
  for (const Step& step : program->steps) {
    for (ValueId id : program->graph.nodes[static_cast<size_t>(step.node)].inputs) {
      const bool half = id != kNoValue && program->graph.value(id).dtype == c.type;
      EXPECT_TRUE(!half || step.op->name == "Cast") << step.op->name << " on halves";
    }
  }
  const RunResult run = ran(model, feeds);
  ASSERT_EQ(run.outputs.size(), reference.outputs.size());
  EXPECT_EQ(run.outputs[0].second.dtype(), c.type);
  const double fast = sqnr_db(reference, widened(run));
  EXPECT_GE(fast, c.decibels);
  CompileOptions rounding;
  rounding.disabled = {"compute_in_float"};
  const double slow = sqnr_db(reference, widened(ran(model, feeds, rounding)));
  EXPECT_GE(fast, slow - 1);
  EXPECT_GE(slow, c.decibels / 3);  // each operator by itself is right as well
}

constexpr SharedModel kMnist = {"classify/mnist-8.onnx", 0, 255};
constexpr SharedModel kMobilenet = {"classify/mobilenetv2-12-dequantized.onnx", -2, 2};
constexpr SharedModel kVit = {"classify/cifar10-vit-ibp_3_3_8.onnx", -2, 2};
constexpr SharedModel kDtln = {"audio/dtln-model_1.onnx", 0, 5};
constexpr SharedModel kFaces = {"detect/yunet_n_320_320.onnx", 0, 255};

INSTANTIATE_TEST_SUITE_P(Shared, HalfModels,
                         ::testing::Values(HalfCase{"mnist_float16", kMnist, DType::kFloat16, 45},
                                           HalfCase{"mobilenet_float16", kMobilenet, DType::kFloat16, 45},
                                           HalfCase{"mobilenet_bfloat16", kMobilenet, DType::kBFloat16, 25},
                                           HalfCase{"vit_float16", kVit, DType::kFloat16, 45},
                                           HalfCase{"vit_bfloat16", kVit, DType::kBFloat16, 25},
                                           HalfCase{"dtln_float16", kDtln, DType::kFloat16, 45},
                                           HalfCase{"yunet_bfloat16", kFaces, DType::kBFloat16, 25}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace halftone::testing
