#include "core/passes/quantize/quantize_dynamic.h"

#include <algorithm>
#include <cmath>

#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone {
namespace {

using testing::Build;
using testing::count_op;
using testing::entry_of;
using testing::filled;
using testing::output_sqnr;
using testing::run_model;
using testing::run_pass;

const std::vector<float> kSamples = {0.1f, -0.7f, 1.0f, 0.33f, -1.0f, 0.8f, 0.0f, 2.5f};

Result<PassOutcome> quantize(const Model& model, const std::string& keys = "") {
  return run_pass(quantize_dynamic_pass(), model, keys);
}

// y = s_x * s_w * sum (x_q - z_x) w_q + b, computed by hand for a matrix [k][n].
std::vector<float> by_hand(const std::vector<float>& x, const std::vector<float>& w, const std::vector<float>& b,
                           size_t m, size_t k, size_t n) {
  const float low = std::min(0.0f, *std::min_element(x.begin(), x.end()));
  const float high = std::max(0.0f, *std::max_element(x.begin(), x.end()));
  const float scale = (high - low) / 255.0f, zero = std::nearbyint(-low / scale);
  std::vector<float> y;
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < n; ++j) {
      float largest = 0;
      for (size_t l = 0; l < k; ++l) largest = std::max(largest, std::fabs(w[l * n + j]));
      const float weight_scale = largest / 127.0f;
      int32_t sum = 0;
      for (size_t l = 0; l < k; ++l) {
        const float q = std::clamp(std::nearbyint(x[i * k + l] / scale) + zero, 0.0f, 255.0f);
        sum += static_cast<int32_t>(q - zero) * static_cast<int32_t>(std::nearbyint(w[l * n + j] / weight_scale));
      }
      y.push_back(static_cast<float>(sum) * (scale * weight_scale) + b[j]);
    }
  }
  return y;
}

TEST(QuantizeDynamic, ProductsAreThoseOfIntegers) {
  const size_t m = 3, k = 5, n = 4;
  const Tensor x = filled({3, 5}, kSamples);
  Tensor w = filled({4, 5}, {0.3f, -0.21f, 0.9f, 0.04f, -0.55f, 0.7f, 0.13f});
  const std::vector<float> b = {0.5f, -0.25f, 1.0f, 0.0f};
  const Model model = Build()
                          .input("x", {3, 5})
                          .constant("w", w)
                          .constant("b", Tensor::of<float>({4}, b))
                          .node("Gemm", {"x", "w", "b"}, {"y"}, {{"transB", Attribute(int64_t{1})}})
                          .output("y")
                          .done();
  const auto outcome = quantize(model);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(count_op(outcome->model.graph, "MatMulInteger"), 1);
  EXPECT_EQ(count_op(outcome->model.graph, "DequantizeLinear"), 0);
  std::vector<float> turned(k * n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t l = 0; l < k; ++l) turned[l * n + i] = w.data<float>()[i * k + l];
  }
  const auto values = x.data<float>();
  const auto expected = by_hand({values.begin(), values.end()}, turned, b, m, k, n);
  const Tensor y = run_model(outcome->model, {{"x", x}});
  const auto got = y.data<float>();
  EXPECT_EQ(std::vector<float>(got.begin(), got.end()), expected);
}

TEST(QuantizeDynamic, ConvolutionsKeepTheirAttributesAndShareTheirInput) {
  const Attributes pads = {{"pads", Attribute(std::vector<int64_t>{1, 1, 1, 1})}};
  Model model = Build()
                    .input("x", {1, 4, 6, 6})
                    .weights("w", {6, 2, 3, 3})
                    .weights("b", {6}, 0.1f)
                    .weights("v", {3, 4, 1, 1})
                    .node("Conv", {"x", "w", "b"}, {"y"}, pads)
                    .node("Conv", {"x", "v"}, {"z"})
                    .output("y")
                    .output("z")
                    .take();
  model.graph.nodes[0].attributes["group"] = Attribute(int64_t{2});
  ASSERT_TRUE(infer_shapes(model).ok());
  const Feeds feeds = {{"x", filled({1, 4, 6, 6}, kSamples)}};
  for (const std::string keys : {R"("weight_type":"int8")", R"("weight_type":"uint8")", R"("per_channel":false)"}) {
    const auto outcome = quantize(model, keys);
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    EXPECT_EQ(count_op(outcome->model.graph, "ConvInteger"), 2) << keys;
    EXPECT_EQ(count_op(outcome->model.graph, "DynamicQuantizeLinear"), 1) << keys;
    EXPECT_GT(output_sqnr(model, outcome->model, {feeds}), 38) << keys;
    EXPECT_EQ(entry_of(*outcome, "weights", "w").find("bytes_before")->as_number(), 4 * 6 * 2 * 9);
  }
}

TEST(QuantizeDynamic, SelectsAndSaysWhatStaysFloat) {
  const Model model = Build()
                          .input("x", {2, 4})
                          .weights("w", {4, 4})
                          .weights("v", {4, 4})
                          .node("MatMul", {"x", "w"}, {"y"})
                          .node("Tanh", {"y"}, {"t"})
                          .node("MatMul", {"t", "v"}, {"z"})
                          .output("z")
                          .done();
  const auto outcome = quantize(model, R"("exclude_nodes":["node_z"])");
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(count_op(outcome->model.graph, "MatMulInteger"), 1);
  EXPECT_EQ(entry_of(*outcome, "nodes", "node_z").find("reason")->as_string(), "the recipe excludes this node");
  const auto nothing = quantize(model, R"("op_types":["Conv"])");
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(testing::first_warning(*nothing), "This step changed nothing");
  const auto wrong = quantize(model, R"("op_types":["LSTM"])");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().where, "quantize_dynamic.op_types");
}

TEST(QuantizeDynamic, TellsOfEachChannelAndOfWeightsThatStayFloat) {
  const Model model = Build()
                          .input("x", {3, 1, 8})
                          .weights("w", {1, 32, 8})
                          .weights("r", {1, 32, 8})
                          .weights("v", {8, 4})
                          .node("LSTM", {"x", "w", "r"}, {"h"}, {{"hidden_size", Attribute(int64_t{8})}})
                          .node("MatMul", {"h", "v"}, {"y"})
                          .output("y")
                          .done();
  const auto outcome = quantize(model);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(testing::first_warning(*outcome), "Most bytes of the weights stay float");
  const Json entry = entry_of(*outcome, "weights", "v");
  EXPECT_EQ(entry.find("channels")->find("sqnr")->as_array().size(), 4u);
  EXPECT_EQ(entry.find("dead")->as_array().size(), 0u);
  const auto excluded = quantize(model, R"("op_types":["MatMul"])");
  ASSERT_TRUE(excluded.ok()) << excluded.error().message;
  EXPECT_EQ(testing::first_warning(*excluded), "");
}

}  // namespace
}  // namespace halftone
