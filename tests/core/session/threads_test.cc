// The same bits with any number of threads: a network of the large operators, float and quantized, every value of it.
#include <gtest/gtest.h>

#include <cstring>

#include "core/base/parallel.h"
#include "core/recipe/recipe.h"
#include "core/session/session.h"
#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::Build;

Attribute ints(std::vector<int64_t> values) { return Attribute(std::move(values)); }

// Dense, pointwise, depthwise and strided convolution, pooling, matrix products, softmax and normalization, each large
// enough to be cut into pieces.
Model network() {
  return Build(17)
      .input("x", {1, 3, 65, 65})
      .weights("w0", {24, 3, 3, 3}, 1e-3f)
      .weights("b0", {24}, 1e-3f)
      .weights("w1", {48, 24, 1, 1}, 1e-3f)
      .weights("w2", {48, 1, 3, 3}, 2e-3f)
      .weights("w3", {40, 48, 3, 3}, 1e-4f)
      .weights("square", {1, 40, 17, 17}, 1e-3f)
      .weights("scale", {17})
      .weights("shift", {17})
      .weights("m", {17, 300})
      .weights("fw", {300, 130}, 1e-3f)
      .weights("fb", {130})
      .node("Conv", {"x", "w0", "b0"}, {"c0"}, {{"pads", ints({1, 1, 1, 1})}})
      .node("Relu", {"c0"}, {"r0"})
      .node("Conv", {"r0", "w1"}, {"c1"})
      .node("Sigmoid", {"c1"}, {"s1"})
      .node("Mul", {"c1", "s1"}, {"r1"})
      .node("Conv", {"r1", "w2"}, {"c2"}, {{"group", Attribute(int64_t{48})}, {"pads", ints({1, 1, 1, 1})}})
      .node("Conv", {"c2", "w3"}, {"c3"}, {{"strides", ints({2, 2})}, {"pads", ints({1, 1, 1, 1})}})
      .node("MaxPool", {"c3"}, {"p"},
            {{"kernel_shape", ints({3, 3})}, {"strides", ints({2, 2})}, {"pads", ints({1, 1, 1, 1})}})
      .node("Add", {"p", "square"}, {"a"})
      .node("LayerNormalization", {"a", "scale", "shift"}, {"n"})
      .node("Softmax", {"n"}, {"s"})
      .node("MatMul", {"s", "m"}, {"wide"})
      .node("GlobalAveragePool", {"wide"}, {"mean"})
      .node("MatMul", {"wide", "fw"}, {"f"})
      .node("Add", {"f", "fb"}, {"y"})
      .output("y")
      .output("mean")
      .done();
}

Feeds feeds(int seed) {
  std::vector<float> x(3 * 65 * 65);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>((i * 37 + static_cast<size_t>(seed) * 11) % 101) / 50 - 1;
  return {{"x", Tensor::of<float>({1, 3, 65, 65}, x)}};
}

Model quantized(const Model& model) {
  auto run = RecipeRun::start(model, *parse_recipe(R"([{"pass":"quantize_static"}])"));
  HT_CHECK(run.ok());
  while (run->wants_data()) {
    HT_CHECK(run->observe(feeds(1)).ok() && run->end_sweep().ok());
  }
  auto outcome = run->finish();
  HT_CHECK(outcome.ok());
  return std::move(outcome->model);
}

// Every value that a node makes, by name.
Feeds values_of(Session& session) {
  RunOptions options;
  const Graph& graph = session.model().graph;
  for (const Node& node : graph.nodes) options.taps.push_back(graph.value(node.outputs[0]).name);
  auto result = session.run(feeds(2), options);
  HT_CHECK(result.ok());
  return std::move(result->taps);
}

class SameBits : public ::testing::TestWithParam<bool> {
 protected:
  void TearDown() override { set_thread_count(1); }
};

INSTANTIATE_TEST_SUITE_P(Models, SameBits, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Quantized" : "Float"; });

TEST_P(SameBits, WithAnyNumberOfThreads) {
  Model model = network();
  if (GetParam()) model = quantized(model);
  const auto session = *Session::from_model(std::move(model));
  const auto expected = values_of(*session);
  EXPECT_GE(expected.size(), 15u);
  for (const int threads : {2, 3}) {
    set_thread_count(threads);
    for (int round = 0; round < 2; ++round) {
      const auto actual = values_of(*session);
      ASSERT_EQ(actual.size(), expected.size());
      for (const auto& [name, tensor] : expected) {
        const Tensor& other = actual.at(name);
        const auto size = static_cast<size_t>(tensor.byte_size());
        ASSERT_EQ(other.byte_size(), tensor.byte_size()) << name;
        EXPECT_EQ(std::memcmp(other.bytes(), tensor.bytes(), size), 0) << name << " with " << threads << " threads";
      }
    }
  }
}

}  // namespace
}  // namespace halftone
