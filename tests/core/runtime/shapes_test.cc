// Shapes that are known at run time only: batches that change, sizes computed by the graph, results whose size depends
// on data, tensors without elements, scalars. One program serves them all, and gives what a fresh one gives.
#include <cmath>

#include "core/runtime/executor.h"
#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

RunResult run_ok(Executor& executor, const Feeds& feeds) {
  auto result = executor.run(feeds);
  EXPECT_TRUE(result.ok()) << text(result.error());
  return result.ok() ? *std::move(result) : RunResult();
}

// Whatever ran before, results are those of an executor that runs nothing else.
void expect_independent(const Model& model, const std::vector<Feeds>& order) {
  Executor executor(compiled(model));
  for (const Feeds& feeds : order) {
    Executor fresh(compiled(model));
    expect_same_outputs(run_ok(executor, feeds), run_ok(fresh, feeds), 0);
  }
}

// --- batches and sizes ----------------------------------------------------------------------------
// A small network whose flattening is computed from Shape, as exporters write it.
Make classifier() {
  const Attributes halves = {{"kernel_shape", Attribute(std::vector<int64_t>{2, 2})},
                             {"strides", Attribute(std::vector<int64_t>{2, 2})}};
  return Make()
      .input("x", {Dim("n"), 3, 8, 8})
      .floats("w", {6, 3, 3, 3})
      .floats("b", {6})
      .node("Conv", {"x", "w", "b"}, {"c"}, attr("pads", std::vector<int64_t>{1, 1, 1, 1}))
      .node("Relu", {"c"}, {"r"})
      .node("MaxPool", {"r"}, {"p"}, halves)
      .node("Shape", {"p"}, {"s"})
      .ints("zero", {0})
      .ints("rest", {-1})
      .node("Gather", {"s", "zero"}, {"n"})
      .node("Concat", {"n", "rest"}, {"flat"}, attr("axis", int64_t{0}))
      .node("Reshape", {"p", "flat"}, {"f"})
      .floats("fw", {96, 5})
      .node("MatMul", {"f", "fw"}, {"y"})
      .output("y");
}

Make integer_classifier() {
  return Make()
      .input("x", {Dim("n"), 3, 8, 8})
      .quantize<uint8_t>("x", 0.02f, 128)
      .int8_weight("w", {6, 3, 3, 3}, 0.01f)
      .node("Conv", {"x_d", "w_d"}, {"c"})
      .quantize<uint8_t>("c", 0.05f, 100)
      .node("GlobalAveragePool", {"c_d"}, {"y"})
      .output("y");
}

Feeds batch(int64_t n) { return {{"x", random_floats({n, 3, 8, 8}, static_cast<uint64_t>(n) + 5)}}; }

TEST(Shapes, BatchesOfOneFourAndOneAgain) {
  for (const Model& model : {Model(classifier()), Model(integer_classifier())}) {
    expect_independent(model, {batch(1), batch(4), batch(1), batch(4), batch(2)});
  }
}

TEST(Shapes, ItemsOfABatchAreWhatTheyAreAlone) {
  for (const Model& model : {Model(classifier()), Model(integer_classifier())}) {
    const Tensor four = batch(4)["x"];
    const Tensor together = ran(model, {{"x", four}}).outputs[0].second;
    const size_t in = static_cast<size_t>(four.size()) / 4, out = static_cast<size_t>(together.size()) / 4;
    for (size_t i = 0; i < 4; ++i) {
      const auto part = four.data<float>().subspan(i * in, in), expected = together.data<float>().subspan(i * out, out);
      const RunResult alone =
          ran(model, {{"x", Tensor::of<float>({1, 3, 8, 8}, std::vector<float>(part.begin(), part.end()))}});
      Dims dims = together.dims();
      dims[0] = 1;
      expect_close(alone.outputs[0].second,
                   Tensor::of<float>(dims, std::vector<float>(expected.begin(), expected.end())), 1e-5f);
    }
  }
}

// A feature map resized to the size of another one, both of sizes that only the feeds know.
TEST(Shapes, SizesOfOneValueShapeAnother) {
  const Make model = Make()
                         .input("x", {1, 2, Dim("h"), Dim("w")})
                         .floats("k", {2, 2, 3, 3})
                         .node("Conv", {"x", "k"}, {"small"}, attr("strides", std::vector<int64_t>{2, 2}))
                         .node("Shape", {"x"}, {"sx"})
                         .ints("two", {2})
                         .ints("four", {4})
                         .ints("channels", {1, 2})
                         .node("Slice", {"sx", "two", "four"}, {"hw"})
                         .node("Concat", {"channels", "hw"}, {"size"}, attr("axis", int64_t{0}))
                         .node("Resize", {"small", "", "", "size"}, {"large"}, attr("mode", std::string("linear")))
                         .node("Add", {"large", "x"}, {"y"})
                         .output("y");
  const auto sized = [](int64_t h, int64_t w) { return Feeds{{"x", random_floats({1, 2, h, w}, 3)}}; };
  expect_independent(model, {sized(9, 7), sized(16, 5), sized(9, 7), sized(3, 3)});
  EXPECT_EQ(ran(model, sized(16, 5)).outputs[0].second.dims(), (Dims{1, 2, 16, 5}));
}

// --- sizes that depend on data --------------------------------------------------------------------
// The end of a detector: boxes kept by suppression, gathered, and those of high score counted.
Make detector() {
  return Make()
      .input("boxes", {1, Dim("n"), 4})
      .input("scores", {1, 1, Dim("n")})
      .constant("most", Tensor::of<int64_t>({1}, {10}))
      .constant("iou", Tensor::of<float>({1}, {0.5f}))
      .constant("threshold", Tensor::of<float>({1}, {0.3f}))
      .node("NonMaxSuppression", {"boxes", "scores", "most", "iou", "threshold"}, {"kept"})
      .constant("two", Tensor::scalar<int64_t>(2))
      .node("Gather", {"kept", "two"}, {"index"}, attr("axis", int64_t{1}))
      .node("Gather", {"boxes", "index"}, {"chosen"}, attr("axis", int64_t{1}))
      .constant("high", Tensor::scalar<float>(0.8f))
      .node("Greater", {"scores", "high"}, {"is_high"})
      .node("NonZero", {"is_high"}, {"places"})
      .node("Shape", {"places"}, {"count"})
      .output("chosen")
      .output("count");
}

// n boxes side by side, every second of which covers most of the one before it.
Feeds boxes(int64_t n, float score) {
  std::vector<float> corners, scores;
  for (int64_t i = 0; i < n; ++i) {
    const float left = static_cast<float>(i / 2 * 10) + static_cast<float>(i % 2);
    corners.insert(corners.end(), {0, left, 8, left + 8});
    scores.push_back(i % 2 == 0 ? score : score - 0.1f);
  }
  return {{"boxes", Tensor::of<float>({1, n, 4}, corners)}, {"scores", Tensor::of<float>({1, 1, n}, scores)}};
}

TEST(Shapes, ResultsDependOnData) {
  expect_independent(detector(), {boxes(8, 0.9f), boxes(8, 0.5f), boxes(8, 0.1f), boxes(2, 0.9f), boxes(8, 0.9f)});
  const RunResult found = ran(detector(), boxes(8, 0.9f));
  EXPECT_EQ(found.outputs[0].second.dims(), (Dims{1, 4, 4}));
  EXPECT_EQ(found.outputs[1].second.data<int64_t>()[1], 4);
  const RunResult none = ran(detector(), boxes(8, 0.1f));
  EXPECT_EQ(none.outputs[0].second.dims(), (Dims{1, 0, 4}));
  EXPECT_EQ(none.outputs[1].second.data<int64_t>()[1], 0);
}

// --- no elements ----------------------------------------------------------------------------------
struct EmptyCase {
  std::string name;
  Make model;  // reads "x" of shape `dims`
  Dims dims, expected;
};

std::vector<EmptyCase> empty_cases() {
  const auto rows = [] { return Make().input("x", {Dim("n"), 4}); };
  const auto image = [] { return Make().input("x", {Dim("n"), 3, 6, 6}); };
  const auto axis = [](int64_t v) { return attr("axis", v); };
  const auto kernel = attr("kernel_shape", std::vector<int64_t>{2, 2});
  return {
      {"Conv", image().floats("w", {5, 3, 3, 3}).node("Conv", {"x", "w"}, {"y"}), {0, 3, 6, 6}, {0, 5, 4, 4}},
      {"ConvTranspose",
       image().floats("w", {3, 5, 3, 3}).node("ConvTranspose", {"x", "w"}, {"y"}),
       {0, 3, 6, 6},
       {0, 5, 8, 8}},
      {"MaxPool", image().node("MaxPool", {"x"}, {"y"}, kernel), {0, 3, 6, 6}, {0, 3, 5, 5}},
      {"AveragePool", image().node("AveragePool", {"x"}, {"y"}, kernel), {0, 3, 6, 6}, {0, 3, 5, 5}},
      {"GlobalAveragePool", image().node("GlobalAveragePool", {"x"}, {"y"}), {0, 3, 6, 6}, {0, 3, 1, 1}},
      {"MatMulRows", rows().floats("w", {4, 2}).node("MatMul", {"x", "w"}, {"y"}), {0, 4}, {0, 2}},
      {"MatMulInner",
       Make().input("x", {2, Dim("k")}).node("Transpose", {"x"}, {"t"}).node("MatMul", {"x", "t"}, {"y"}),
       {2, 0},
       {2, 2}},
      {"Gemm", rows().floats("w", {4, 2}).floats("b", {2}).node("Gemm", {"x", "w", "b"}, {"y"}), {0, 4}, {0, 2}},
      {"Concat", rows().floats("c", {3, 4}).node("Concat", {"x", "c"}, {"y"}, axis(0)), {0, 4}, {3, 4}},
      {"Add", rows().floats("c", {4}).node("Add", {"x", "c"}, {"y"}), {0, 4}, {0, 4}},
      {"Softmax", rows().node("Softmax", {"x"}, {"y"}, axis(1)), {0, 4}, {0, 4}},
      {"ReduceSum", rows().ints("a", {0}).node("ReduceSum", {"x", "a"}, {"y"}), {0, 4}, {1, 4}},
      {"ReduceProd", rows().node("ReduceProd", {"x"}, {"y"}, attr("axes", std::vector<int64_t>{0})), {0, 4}, {1, 4}},
      {"ReduceMean", rows().node("ReduceMean", {"x"}, {"y"}, attr("axes", std::vector<int64_t>{1})), {0, 4}, {0, 1}},
      {"Transpose", rows().node("Transpose", {"x"}, {"y"}), {0, 4}, {4, 0}},
      {"Reshape", rows().ints("s", {-1, 2}).node("Reshape", {"x", "s"}, {"y"}), {0, 4}, {0, 2}},
      {"Slice", rows().ints("b", {1}).ints("e", {3}).node("Slice", {"x", "b", "e"}, {"y"}), {1, 4}, {0, 4}},
      {"Gather", rows().ints("i", {}).node("Gather", {"x", "i"}, {"y"}), {2, 4}, {0, 4}},
      {"Expand", rows().ints("s", {2, 1, 1}).node("Expand", {"x", "s"}, {"y"}), {0, 4}, {2, 0, 4}},
      {"LayerNormalization",
       Make(17).input("x", {Dim("n"), 4}).floats("g", {4}).node("LayerNormalization", {"x", "g"}, {"y"}),
       {0, 4},
       {0, 4}},
      {"BatchNormalization",
       image()
           .floats("g", {3})
           .floats("b", {3})
           .floats("m", {3})
           .floats("v", {3}, 0.1f, 1)
           .node("BatchNormalization", {"x", "g", "b", "m", "v"}, {"y"}),
       {0, 3, 6, 6},
       {0, 3, 6, 6}},
      {"Lstm",
       Make()
           .input("x", {Dim("t"), 1, 4})
           .floats("w", {1, 8, 4})
           .floats("r", {1, 8, 2})
           .node("LSTM", {"x", "w", "r"}, {"y"}, attr("hidden_size", int64_t{2})),
       {0, 1, 4},
       {0, 1, 1, 2}},
      {"TopK", rows().ints("k", {2}).node("TopK", {"x", "k"}, {"y", "i"}), {0, 4}, {0, 2}},
      {"NonZero", rows().node("NonZero", {"x"}, {"y"}), {0, 4}, {2, 0}},
      {"Resize",
       image().ints("s", {0, 3, 12, 12}).node("Resize", {"x", "", "", "s"}, {"y"}, attr("mode", std::string("linear"))),
       {0, 3, 6, 6},
       {0, 3, 12, 12}},
  };
}

class EmptyShapes : public ::testing::TestWithParam<EmptyCase> {};

TEST_P(EmptyShapes, RunToTheirShape) {
  EmptyCase c = GetParam();
  const Model model = c.model.output("y");
  const RunResult run = ran(model, {{"x", random_floats(c.dims, 1)}});
  ASSERT_EQ(run.outputs.size(), 1u);
  EXPECT_EQ(run.outputs[0].second.dims(), c.expected);
}

INSTANTIATE_TEST_SUITE_P(Table, EmptyShapes, ::testing::ValuesIn(empty_cases()),
                         [](const auto& info) { return info.param.name; });

TEST(Shapes, SumsAndProductsOfNothing) {
  const auto reduced = [](const std::string& op) {
    const Make model =
        Make().input("x", {Dim("n"), 2}).node(op, {"x"}, {"y"}, attr("axes", std::vector<int64_t>{0})).output("y");
    return ran(model, {{"x", random_floats({0, 2}, 1)}}).outputs[0].second.data<float>()[0];
  };
  EXPECT_EQ(reduced("ReduceSumSquare"), 0.0f);
  EXPECT_EQ(reduced("ReduceProd"), 1.0f);
  EXPECT_EQ(reduced("ReduceMax"), -INFINITY);
  EXPECT_EQ(reduced("ReduceMin"), INFINITY);
}

// --- scalars --------------------------------------------------------------------------------------
TEST(Shapes, ScalarsGoThrough) {
  const Make model = Make()
                         .input("x", {})
                         .input("v", {3})
                         .constant("half", Tensor::scalar<float>(0.5f))
                         .node("Mul", {"x", "half"}, {"a"})
                         .node("Add", {"v", "a"}, {"b"})
                         .node("ReduceSum", {"b"}, {"s"}, attr("keepdims", int64_t{0}))
                         .node("Greater", {"s", "x"}, {"larger"})
                         .node("Where", {"larger", "s", "x"}, {"y"})
                         .ints("one", {1})
                         .node("Reshape", {"y", "one"}, {"list"})
                         .node("Concat", {"list", "v"}, {"z"}, attr("axis", int64_t{0}))
                         .output("y")
                         .output("z");
  const RunResult run =
      ran(model, {{"x", Tensor::scalar<float>(2)}, {"v", Tensor::of<float>({3}, std::vector<float>{1, 2, 3})}});
  EXPECT_EQ(run.outputs[0].second.dims(), Dims{});
  EXPECT_EQ(run.outputs[0].second.data<float>()[0], 9.0f);
  EXPECT_EQ(run.outputs[1].second.dims(), Dims{4});
}

}  // namespace
}  // namespace halftone::testing
