// Every model that has to run: it compiles, runs on seeded inputs, gives outputs of the declared shapes that are
// finite, and the same bits again from planned buffers. How close they are to onnxruntime is tested in Node.
#include "tests/conformance/models/shared_models.h"

namespace halftone::testing {
namespace {

class Models : public ::testing::TestWithParam<SharedModel> {
 protected:
  void SetUp() override {
    if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
    auto loaded = load_shared(GetParam());
    ASSERT_TRUE(loaded.ok()) << text(loaded.error());
    model = *std::move(loaded);
    feeds = random_feeds(model, 1, GetParam().low, GetParam().high);
  }
  Model model;
  Feeds feeds;
};

TEST_P(Models, RunToFiniteOutputsOfDeclaredShape) {
  const RunResult run = ran(model, feeds);
  ASSERT_EQ(run.outputs.size(), model.graph.outputs.size());
  for (size_t i = 0; i < run.outputs.size(); ++i) {
    const Value& declared = model.graph.value(model.graph.outputs[i]);
    const Tensor& tensor = run.outputs[i].second;
    EXPECT_EQ(run.outputs[i].first, declared.name);
    EXPECT_EQ(tensor.dtype(), declared.dtype);
    EXPECT_TRUE(declared.shape.accepts(tensor.dims())) << to_string(tensor.dims()) << declared.shape.to_string();
    float low = INFINITY, high = -INFINITY;
    for (float v : tensor.data<float>()) {
      ASSERT_TRUE(std::isfinite(v));
      low = std::min(low, v);
      high = std::max(high, v);
    }
    EXPECT_LT(low, high) << "all elements of an output are the same";
  }
}

TEST_P(Models, PlannedRunsGiveTheSameBits) {
  Executor executor(compiled(model));
  auto first = executor.run(feeds);
  ASSERT_TRUE(first.ok()) << text(first.error());
  const Feeds others = random_feeds(model, 77, GetParam().low, GetParam().high);
  ASSERT_TRUE(executor.run(others).ok());
  auto again = executor.run(feeds);
  ASSERT_TRUE(again.ok()) << text(again.error());
  expect_same_outputs(*again, *first, 0);
}

// Taps of every value that survives compilation change nothing, and come back.
TEST_P(Models, TapsOfEveryValueLeaveTheOutputsAlone) {
  const auto program = compiled(model);
  RunOptions taps;
  for (const Step& step : program->steps) {
    for (ValueId id : program->graph.nodes[static_cast<size_t>(step.node)].outputs) {
      if (id != kNoValue) taps.taps.push_back(program->graph.value(id).name);
    }
  }
  for (const auto& [name, alias] : program->aliases) taps.taps.push_back(name);
  Executor executor(program);
  auto plain = executor.run(feeds);
  ASSERT_TRUE(plain.ok()) << text(plain.error());
  auto tapped = executor.run(feeds, taps);
  ASSERT_TRUE(tapped.ok()) << text(tapped.error());
  expect_same_outputs(*tapped, *plain, 0);
  EXPECT_EQ(tapped->taps.size(), taps.taps.size());
}

class QuantizedModels : public Models {};

TEST_P(QuantizedModels, IntegerRunIsCloseToTheFloatSimulation) {
  CompileOptions simulated;
  simulated.integer = false;
  const auto integer = compiled(model);
  for (const Step& step : integer->steps) {
    const bool product = step.op->name == "Conv" || step.op->name == "Gemm" || step.op->name == "MatMul";
    EXPECT_TRUE(step.integer || !product) << "a float " << step.op->name << " in " << ops(*integer);
  }
  // Roundings of near-ties spread through the layers: the distance is that of the quantization noise itself.
  // integer_steps_test.cc looks at every step on its own.
  EXPECT_GE(sqnr_db(ran(model, feeds, simulated), ran(model, feeds)), 10);
}

INSTANTIATE_TEST_SUITE_P(Shared, Models, ::testing::ValuesIn(kSharedModels),
                         [](const auto& info) { return test_name(info.param); });

INSTANTIATE_TEST_SUITE_P(Shared, QuantizedModels, ::testing::ValuesIn(quantized_models()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace halftone::testing
