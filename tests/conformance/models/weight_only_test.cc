// Weights of real models in fewer bits: the signal-to-noise ratio of the outputs on other inputs than those that
// calibrated, how often the best class stays, and the file's size. The bars are what was measured, less a decibel.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/base/rng.h"
#include "core/recipe/recipe.h"
#include "core/stats/distortion.h"
#include "tests/conformance/models/data.h"

namespace halftone {
namespace {

constexpr size_t kCalibrate = 24, kEvaluate = 24;

struct Network {
  const char* file;
  Feeds (*feeds)(size_t i);
};

Feeds photograph(size_t i) {
  static const testing::Images all = testing::imagenet200();
  return {{"data_0", all.tensor(i, testing::kCaffe)}};
}
Feeds photograph_rgb(size_t i) {
  static const testing::Images all = testing::imagenet200();
  return {{"input", all.tensor(i, testing::kImageNet)}};
}
Feeds small_photograph(size_t i) {
  static const testing::Images all = testing::cifar10_test();
  return {{"input", all.tensor(i, testing::kCifar)}};
}
Feeds tokens(size_t i) {
  Rng rng(i);
  std::vector<int64_t> ids(32);
  for (int64_t& id : ids) id = 3 + rng.below(509);
  return {{"input_ids", Tensor::of<int64_t>({1, 32}, ids)}};
}

const Network kLlama = {"text/aidreams260K-llama.onnx", tokens};
const Network kVit = {"classify/cifar10-vit-ibp_3_3_8.onnx", small_photograph};
const Network kSqueezenet = {"classify/squeezenet1.0-fp32.onnx", photograph};
const Network kMobilenet = {"classify/mobilenetv2-12-dequantized.onnx", photograph_rgb};

struct Outcome {
  double sqnr_db = 0, agree = 0;
};

std::vector<std::vector<float>> outputs(const Model& model, const Network& network) {
  auto program = compile(model);
  EXPECT_TRUE(program.ok()) << (program.ok() ? "" : program.error().message);
  std::vector<std::vector<float>> all;
  if (!program.ok()) return all;
  Executor executor(*program);
  for (size_t i = 0; i < kEvaluate; ++i) {
    const auto result = executor.run(network.feeds(kCalibrate + i));
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    if (!result.ok()) return all;
    const auto values = result->outputs[0].second.data<float>();
    all.emplace_back(values.begin(), values.end());
  }
  return all;
}

Outcome apply_to(const Network& network, const std::string& step) {
  const Model model = testing::load_model(network.file);
  auto recipe = parse_recipe("[{" + step + "}]");
  EXPECT_TRUE(recipe.ok()) << (recipe.ok() ? "" : recipe.error().message);
  const auto start = std::chrono::steady_clock::now();
  auto run = RecipeRun::start(model, *recipe);
  EXPECT_TRUE(run.ok()) << (run.ok() ? "" : run.error().message);
  while (run.ok() && run->wants_data()) {
    for (size_t i = 0; i < kCalibrate; ++i) EXPECT_TRUE(run->observe(network.feeds(i)).ok());
    const Status ended = run->end_sweep();
    EXPECT_TRUE(ended.ok()) << ended.error().message;
  }
  const auto made = run->finish();
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const auto before = outputs(model, network), after = outputs(made->model, network);
  std::vector<float> a, b;
  Outcome outcome;
  for (size_t i = 0; i < after.size(); ++i) {
    const auto best = [](const std::vector<float>& v) { return std::max_element(v.begin(), v.end()) - v.begin(); };
    outcome.agree += (best(before[i]) == best(after[i]) ? 100.0 : 0.0) / static_cast<double>(after.size());
    a.insert(a.end(), before[i].begin(), before[i].end());
    b.insert(b.end(), after[i].begin(), after[i].end());
  }
  outcome.sqnr_db = distortion(a, b).sqnr_db;
  const Json& report = made->report.find("steps")->as_array()[0];
  std::printf("%-42s %-88s %6.2f dB %5.1f %% %8lld -> %8lld bytes %6.2f s\n", network.file, step.c_str(),
              outcome.sqnr_db, outcome.agree, static_cast<long long>(report.find("bytes_before")->as_number()),
              static_cast<long long>(report.find("bytes_after")->as_number()), seconds);
  return outcome;
}

class WeightOnly : public ::testing::Test {
 protected:
  void SetUp() override {
    if (testing::models_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder of models.";
  }
};

struct Bar {
  const Network& network;
  const char* step;
  double sqnr_db;
};

TEST_F(WeightOnly, StaysNearTheFloatModel) {
  for (const Bar& bar : {
           Bar{kLlama, R"("pass":"quantize_dynamic")", 32.0},
           Bar{kVit, R"("pass":"quantize_dynamic")", 35.5},
           Bar{kSqueezenet, R"("pass":"quantize_dynamic")", 25.5},
           Bar{kMobilenet, R"("pass":"quantize_dynamic")", 18.0},
           Bar{kLlama, R"("pass":"quantize_weights","bits":8,"scales":"channel")", 39.8},
           Bar{kSqueezenet, R"("pass":"quantize_weights","bits":8,"scales":"channel")", 27.5},
           Bar{kLlama, R"("pass":"quantize_weights","bits":4,"block_size":32,"form":"matmul_nbits")", 18.8},
           Bar{kLlama, R"("pass":"quantize_codebook")", 19.7},
           Bar{kVit, R"("pass":"quantize_codebook")", 12.9},
           Bar{kSqueezenet, R"("pass":"quantize_codebook")", 5.4},
           Bar{kSqueezenet, R"("pass":"quantize_codebook","levels":"normal_float","scales":"block")", 7.2},
           Bar{kSqueezenet, R"("pass":"quantize_codebook","levels":"additive_power_of_two")", 5.0},
           Bar{kLlama, R"("pass":"convert_float","scope":"model")", 60},
           Bar{kVit, R"("pass":"convert_float","scope":"model")", 58.6},
           Bar{kSqueezenet, R"("pass":"convert_float")", 100},
           Bar{kSqueezenet, R"("pass":"convert_float","type":"bfloat16")", 38.2},
           Bar{kSqueezenet, R"("pass":"convert_float","type":"float8e4m3fn")", 18.8},
           Bar{kVit, R"("pass":"convert_float","type":"float8e4m3fn","scope":"weights_and_activations")", 20.4},
           Bar{kLlama, R"("pass":"convert_float","type":"float4e2m1","scales":"block")", 16.6},
       }) {
    EXPECT_GE(apply_to(bar.network, bar.step).sqnr_db, bar.sqnr_db - 1) << bar.network.file << bar.step;
  }
}

double weights_in(const Network& network, const std::string& keys) {
  return apply_to(network, R"("pass":"quantize_weights","block_size":32,"symmetric":false,)" + keys).sqnr_db;
}

// What GPTQ wins over plain rounding, at 4 and at 3 bits.
TEST_F(WeightOnly, GptqBeatsPlainRounding) {
  for (const Network* network : {&kLlama, &kVit, &kSqueezenet, &kMobilenet}) {
    for (const std::string bits : {R"("bits":4)", R"("bits":3)"}) {
      const double rtn = weights_in(*network, bits);
      EXPECT_GT(weights_in(*network, bits + R"(,"method":"gptq")"), rtn + 1) << network->file << bits;
    }
  }
}

// HQQ at 4 bits: real zero points in MatMulNBits, whole ones with fitted scales elsewhere. (At 3 bits in blocks of 32
// both it and mse lose less of the weights and more of these outputs: they clip.)
TEST_F(WeightOnly, FittedScalesBeatPlainRounding) {
  const std::string plain = R"("bits":4)", packed = R"("bits":4,"form":"matmul_nbits")";
  for (const Network* network : {&kLlama, &kVit}) {
    EXPECT_GT(weights_in(*network, packed + R"(,"method":"hqq")"), weights_in(*network, packed)) << network->file;
  }
  for (const Network* network : {&kLlama, &kVit, &kSqueezenet}) {
    const double rtn = weights_in(*network, plain);
    EXPECT_GT(weights_in(*network, plain + R"(,"method":"hqq")"), rtn) << network->file;
    EXPECT_GT(weights_in(*network, plain + R"(,"method":"mse")"), rtn) << network->file;
  }
}

}  // namespace
}  // namespace halftone
