// Integer grids through the whole pass: weights and activations of 2 to 16 bits against a reference worked out value
// by value, what they need of the opset, and the recipe's exceptions.
#include <cmath>
#include <set>

#include "core/base/rng.h"
#include "core/kernels/quant/quantize.h"
#include "core/passes/quantize/weights.h"
#include "core/stats/distortion.h"
#include "tests/core/passes/quantize/harness.h"

namespace halftone {
namespace {

using testing::apply;
using testing::Build;
using testing::count_op;
using testing::dequantized_input;
using testing::filled;
using testing::node_of;
using testing::pair_of;
using testing::producer_of;

const Dims kImage = {1, 4, 6, 6};
const std::vector<float> kSamples = {0.1f, -0.7f, 1.0f, 0.33f, -1.0f, 0.8f, 0.0f, 0.021f, -0.4142f, 0.577f, -0.05f};

Feeds image() { return {{"x", filled(kImage, kSamples)}}; }

Build conv_model(int64_t opset = 13) {
  Build build(opset);
  build.input("x", kImage).weights("w", {3, 4, 3, 3}).weights("b", {3}, 0.1f).node("Conv", {"x", "w", "b"}, {"c"});
  return build;
}

Model relu_model() { return conv_model().node("Relu", {"c"}, {"y"}).output("y").done(); }

RunResult run(const Model& model, const Feeds& feeds, bool integer, std::vector<std::string> taps = {}) {
  CompileOptions options;
  options.integer = integer;
  options.keep = taps;
  auto program = compile(model, options);
  EXPECT_TRUE(program.ok());
  RunOptions run_options;
  run_options.taps = std::move(taps);
  auto result = Executor(*program).run(feeds, run_options);
  EXPECT_TRUE(result.ok());
  return *std::move(result);
}

std::string bits(const char* key, int n) { return "\"" + std::string(key) + "\":" + std::to_string(n); }

Tensor spread(const Dims& dims, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(*element_count(dims)));
  for (float& v : values) v = rng.normal();
  return Tensor::of<float>(dims, values);
}

int32_t code_at(const Tensor& t, int64_t i) {
  const DTypeInfo& type = dtype_info(t.dtype());
  return packed_get(t.bytes(), i, type.bits, type.kind == DKind::kSigned);
}

// The index of element i's scale, worked out from its coordinates.
size_t scale_index(const Dims& dims, int64_t i, int64_t axis, int64_t block) {
  if (axis < 0) return 0;
  int64_t index = 0, rest = i, stride = *element_count(dims);
  for (int64_t d = 0; d < static_cast<int64_t>(dims.size()); ++d) {
    stride /= dims[static_cast<size_t>(d)];
    const int64_t at = rest / stride;
    rest %= stride;
    if (block == 0 && d == axis) return static_cast<size_t>(at);
    const int64_t extent = dims[static_cast<size_t>(d)];
    if (block > 0) index = index * (d == axis ? (extent + block - 1) / block : extent) + (d == axis ? at / block : at);
  }
  return static_cast<size_t>(index);
}

TEST(Grids, WeightCodesOfEveryWidthMatchTheReference) {
  const Dims dims = {3, 5, 2};
  const Tensor weight = spread(dims, 11);
  for (int width = 2; width <= 16; ++width) {
    for (const bool is_signed : {false, true}) {
      for (const bool symmetric : {false, true}) {
        for (const auto& [axis, block] : {std::pair(-1, 0), std::pair(0, 0), std::pair(1, 0), std::pair(1, 2)}) {
          WeightSpec spec;
          spec.grid =
              make_grid({.bits = width, .is_signed = is_signed, .symmetric = symmetric, .restricted = symmetric});
          spec.axis = axis;
          spec.block_size = block;
          const auto encoded = encode_weight(weight, Tensor(), 0.1f, spec);
          ASSERT_TRUE(encoded.ok());
          for (int64_t i = 0; i < weight.size(); ++i) {
            const size_t p = scale_index(dims, i, axis, block);
            const float scale = encoded->params.scale.at(p);
            const float w = weight.data<float>()[static_cast<size_t>(i)];
            const double code = std::clamp<double>(std::nearbyint(w / scale) + encoded->params.zero_point.at(p),
                                                   spec.grid.lowest, spec.grid.highest);
            ASSERT_EQ(code_at(encoded->weight, i), code) << width << " " << axis << " " << block << " " << i;
            EXPECT_NEAR(scale * (code - encoded->params.zero_point[p]), w, scale * 0.5001) << width;
          }
        }
      }
    }
  }
}

TEST(Grids, RoundingOfWeights) {
  const Tensor weight = spread({1, 4000}, 5);
  WeightSpec spec;
  spec.grid = make_grid({.bits = 4, .symmetric = true, .restricted = true});
  const auto mean_error = [&](Rounding rounding, uint64_t seed) {
    spec.rounding = rounding;
    spec.seed = seed;
    const auto encoded = encode_weight(weight, Tensor(), 1, spec);
    double sum = 0;
    for (int64_t i = 0; i < weight.size(); ++i) {
      sum += code_at(encoded->weight, i) - weight.data<float>()[static_cast<size_t>(i)] / encoded->params.scale[0];
    }
    return sum / static_cast<double>(weight.size());
  };
  EXPECT_NEAR(mean_error(Rounding::kFloor, 0), -0.5, 0.02);
  EXPECT_NEAR(mean_error(Rounding::kStochastic, 0), 0, 0.02);
  EXPECT_NE(mean_error(Rounding::kStochastic, 0), mean_error(Rounding::kStochastic, 1));
  EXPECT_EQ(mean_error(Rounding::kStochastic, 1), mean_error(Rounding::kStochastic, 1));
  EXPECT_NEAR(mean_error(Rounding::kNearestEven, 0), 0, 0.02);
}

// The narrow grid's codes and no others come out of QuantizeLinear, whatever comes in.
TEST(Grids, ActivationCodesOfEveryWidthMatchTheReference) {
  Feeds wider = image();  // beyond what was calibrated
  wider["x"] = filled(kImage, {-3.0f, 2.5f, 0.2f, -0.1f, 0.77f});
  for (int width = 2; width <= 16; ++width) {
    for (const char* more : {"", R"(,"activation_type":"int8")", R"(,"activation_symmetric":true)",
                             R"(,"activation_type":"int8","power_of_two":true)"}) {
      const auto outcome = apply(relu_model(), bits("activation_bits", width) + more, {image()});
      ASSERT_TRUE(outcome.ok()) << outcome.error().message;
      const Graph& graph = outcome->model.graph;
      const bool is_signed = std::string(more).find("int8") != std::string::npos;
      const Node& dequantize = *dequantized_input(graph, *node_of(graph, "node_c"), 0);
      const Tensor& zero = graph.value(dequantize.inputs[2]).constant;
      const float scale = graph.value(dequantize.inputs[1]).constant.data<float>()[0];
      EXPECT_EQ(dtype_info(zero.dtype()).bits, width <= 8 ? 8 : 16);
      const int32_t zero_point = code_at(zero, 0);
      const int32_t lowest = is_signed ? -(1 << (width - 1)) : 0, highest = lowest + (1 << width) - 1;
      const std::string tap = graph.value(dequantize.outputs[0]).name;
      for (const Feeds& feeds : {image(), wider}) {
        const Tensor got = run(outcome->model, feeds, false, {tap}).taps.at(tap);
        const auto x = feeds.at("x").data<float>();
        for (size_t i = 0; i < x.size(); ++i) {
          const float code = std::nearbyint(x[i] / scale) + static_cast<float>(zero_point);
          // Symmetric grids leave the lowest code out, but for 8 and 16 bits, where saturation may reach it.
          const bool left_out = std::string(more).find("symmetric") != std::string::npos && width != 8 && width != 16;
          const float inside = std::clamp(code, static_cast<float>(lowest + left_out), static_cast<float>(highest));
          ASSERT_EQ(got.data<float>()[i], (inside - static_cast<float>(zero_point)) * scale) << width << more << x[i];
        }
      }
    }
  }
}

TEST(Grids, NarrowActivationsRunOnIntegersAsSimulated) {
  for (int width = 3; width <= 8; ++width) {
    const auto outcome = apply(relu_model(), bits("activation_bits", width), {image()});
    ASSERT_TRUE(outcome.ok());
    const Tensor simulated = run(outcome->model, image(), false).outputs[0].second;
    const Tensor integer = run(outcome->model, image(), true).outputs[0].second;
    const std::set<float> values(integer.data<float>().begin(), integer.data<float>().end());
    EXPECT_LE(values.size(), size_t{1} << width);
    EXPECT_GT(distortion(simulated.data<float>(), integer.data<float>()).sqnr_db, 6.0 * width - 8) << width;
  }
}

TEST(Grids, MoreBitsLoseLess) {
  const Tensor reference = run(relu_model(), image(), false).outputs[0].second;
  double before = -10;
  for (int width = 2; width <= 16; width += 2) {
    const auto outcome =
        apply(relu_model(), bits("activation_bits", width) + "," + bits("weight_bits", width), {image()});
    ASSERT_TRUE(outcome.ok());
    const Tensor got = run(outcome->model, image(), true).outputs[0].second;
    const double sqnr = distortion(reference.data<float>(), got.data<float>()).sqnr_db;
    EXPECT_GT(sqnr, before + 5) << width;
    before = sqnr;
  }
  EXPECT_GT(before, 75);  // 16 bits
}

TEST(Grids, OpsetIsRaisedToWhatTheTypesNeed) {
  const struct {
    const char* keys;
    int64_t opset;
  } cases[] = {{"", 13},
               {R"("weight_bits":7,"activation_bits":5)", 13},
               {R"("weight_bits":4)", 21},
               {R"("weight_bits":3)", 21},
               {R"("weight_bits":2)", 21},
               {R"("weight_bits":12)", 21},
               {R"("activation_bits":16)", 21},
               {R"("block_size":2)", 21},
               {R"("overrides":[{"where":"node_c","weight_bits":4}])", 21}};
  for (const auto& c : cases) {
    const auto outcome = apply(relu_model(), c.keys, {image()});
    ASSERT_TRUE(outcome.ok()) << c.keys << outcome.error().message;
    EXPECT_EQ(outcome->model.opset(), c.opset) << c.keys;
    EXPECT_GT(distortion(run(outcome->model, image(), false).outputs[0].second.data<float>(),
                         run(outcome->model, image(), true).outputs[0].second.data<float>())
                  .sqnr_db,
              25)
        << c.keys;
  }
}

TEST(Grids, BlocksHaveScalesAlongTheInputChannelsAndTheBiasStaysFloat) {
  const auto outcome = apply(relu_model(), R"("block_size":3,"weight_bits":4)", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const Node& conv = *node_of(graph, "node_c");
  const Node& weight = *dequantized_input(graph, conv, 1);
  EXPECT_EQ(weight.int_attr("block_size", 0), 3);
  EXPECT_EQ(weight.int_attr("axis", 0), 1);
  EXPECT_EQ(graph.value(weight.inputs[1]).constant.dims(), (Dims{3, 2, 3, 3}));
  EXPECT_EQ(graph.value(weight.inputs[0]).constant.dtype(), DType::kInt4);
  EXPECT_TRUE(graph.value(conv.inputs[2]).is_constant());
}

TEST(Overrides, ANodeStaysFloatOrGetsOtherBits) {
  const Model model = Build()
                          .input("x", {1, 8})
                          .weights("w1", {8, 6})
                          .weights("w2", {6, 5})
                          .node("MatMul", {"x", "w1"}, {"a"})
                          .node("MatMul", {"a", "w2"}, {"y"})
                          .output("y")
                          .done();
  const Feeds feeds = {{"x", filled({1, 8}, kSamples)}};
  auto outcome = apply(model, R"("overrides":[{"where":"node_y","keep_float":true}])", {feeds});
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(outcome->model.graph.value(node_of(outcome->model.graph, "node_y")->inputs[1]).is_constant());

  outcome = apply(model, R"("overrides":[{"where":"node_a","weight_bits":4,"activation_bits":4},
                                         {"where":"a","activation_bits":6},
                                         {"where":"w2","per_channel":false,"weight_observer":"mse"}])",
                  {feeds});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const Node& w1 = *dequantized_input(graph, *node_of(graph, "node_a"), 1);
  const Node& w2 = *dequantized_input(graph, *node_of(graph, "node_y"), 1);
  EXPECT_EQ(graph.value(w1.inputs[0]).constant.dtype(), DType::kInt4);
  EXPECT_EQ(graph.value(w2.inputs[0]).constant.dtype(), DType::kInt8);
  EXPECT_EQ(graph.value(w2.inputs[1]).constant.size(), 1);
  // The tensor between: the higher of its two widths.
  for (const Json& tensor : outcome->report.find("tensors")->as_array()) {
    EXPECT_EQ(tensor.find("levels")->as_number(), tensor.find("name")->as_string() == "a" ? 64 : 256);
  }
}

TEST(Overrides, AGivenRangeCountsInsteadOfTheMeasuredOne) {
  const auto outcome = apply(relu_model(), R"("overrides":[{"where":"x","low":-2,"high":0.55},
                                                           {"where":"w","low":-0.127,"high":0.3}])",
                             {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  EXPECT_FLOAT_EQ(pair_of(graph, "x")->scale, 0.01f);
  const Node& weight = *dequantized_input(graph, *node_of(graph, "node_c"), 1);
  for (float scale : graph.value(weight.inputs[1]).constant.data<float>()) EXPECT_LE(scale, 0.3f / 127 * 1.0001f);
}

TEST(Overrides, WrongEntriesAreNamed) {
  const struct {
    const char* entry;
    const char* where;
  } cases[] = {
      {R"({"where":"node_cc","keep_float":true})", "quantize_static.overrides[0].where"},
      {R"({"where":"node_c"})", "quantize_static.overrides[0].where"},
      {R"({"where":"node_c","low":0,"high":1})", "quantize_static.overrides[0].where"},
      {R"({"where":"x","low":0})", "quantize_static.overrides[0].high"},
      {R"({"where":"x","low":2,"high":1})", "quantize_static.overrides[0].low"},
      {R"({"where":"x","activation_bits":17})", "quantize_static.overrides[0].activation_bits"},
      {R"({"where":"x","activation_observer":"mini"})", "quantize_static.overrides[0].activation_observer"},
      {R"({"where":"x","bits":4})", "quantize_static.overrides[0].bits"},
      {R"({"weight_bits":4})", "quantize_static.overrides[0]"},
      {R"({"where":"x","activation_bits":4},{"where":3})", "quantize_static.overrides[1].where"},
      {R"("x")", "quantize_static.overrides"},
  };
  for (const auto& c : cases) {
    const auto outcome = apply(relu_model(), R"("overrides":[)" + std::string(c.entry) + "]", {image()});
    ASSERT_FALSE(outcome.ok()) << c.entry;
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidRecipe);
    EXPECT_EQ(outcome.error().where, c.where) << c.entry;
    EXPECT_NE(outcome.error().hint, "") << c.entry;
  }
}

TEST(WithoutData, BatchNormalizationTellsTheRanges) {
  const Model model = conv_model()
                          .constant("gamma", Tensor::of<float>({3}, {0.5f, -1.0f, 2.0f}))
                          .constant("beta", Tensor::of<float>({3}, {0.0f, 1.0f, -1.0f}))
                          .constant("mean", Tensor::of<float>({3}, {0.1f, 0.2f, 0.3f}))
                          .constant("var", Tensor::of<float>({3}, {1.0f, 2.0f, 3.0f}))
                          .node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"n"})
                          .node("Relu", {"n"}, {"y"})
                          .output("y")
                          .done();
  const auto outcome = apply(
      model, R"("activation_observer":"batch_norm","deviations":3,"overrides":[{"where":"x","low":-1,"high":1}])", {});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto y = pair_of(outcome->model.graph, "y");
  ASSERT_TRUE(y);
  EXPECT_NEAR(y->scale, 5.0f / 255, 1e-6f);  // channel 2: -1 + 3 * 2
  EXPECT_EQ(y->zero_point, 0);
  EXPECT_TRUE(outcome->report.find("warnings")->as_array().empty());
  EXPECT_EQ(apply(model, R"("activation_observer":"batch_norm")", {})->report.find("warnings")->as_array().size(), 1u);
}

TEST(WithoutData, RangesGivenByHandNeedNoneEither) {
  const auto outcome = apply(relu_model(), R"("overrides":[{"where":"x","low":-1,"high":1},
                                                           {"where":"y","low":0,"high":4}])",
                             {});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_NEAR(pair_of(outcome->model.graph, "y")->scale, 4.0f / 255, 1e-6f);
}

TEST(Diagnosis, TensorsAndWeightsCarryFacts) {
  Model model = Build()
                    .input("x", {1, 4})
                    .constant("w", Tensor::of<float>({4, 3}, {1, 0, 0.5f, -1, 0, 0.25f, 0.3f, 0, 1, 0.7f, 0, -0.6f}))
                    .node("MatMul", {"x", "w"}, {"y"})
                    .output("y")
                    .done();
  const auto outcome = apply(model, R"("overrides":[{"where":"x","low":-1,"high":1}])",
                             {{{"x", Tensor::of<float>({1, 4}, {-1.0f, 0.0f, 0.5f, 3.0f})}}});
  ASSERT_TRUE(outcome.ok());
  const Json& x = outcome->report.find("tensors")->as_array()[0];
  EXPECT_EQ(x.find("name")->as_string(), "x");
  EXPECT_EQ(x.find("observed_high")->as_number(), 3);
  EXPECT_EQ(x.find("zeros")->as_number(), 0.25);
  EXPECT_EQ(x.find("clipped")->as_number(), 0.25);
  EXPECT_NEAR(x.find("sqnr")->as_number(), 10 * std::log10(10.25 / 4), 0.1);
  double counted = 0;
  for (const Json& count : x.find("histogram")->find("counts")->as_array()) counted += count.as_number();
  EXPECT_EQ(counted, 3);  // without the zero
  const Json& w = outcome->report.find("weights")->as_array()[0];
  EXPECT_EQ(w.find("dead")->dump(), "[1]");
  EXPECT_EQ(w.find("channels")->find("high")->dump(), "[1,0,1]");
  EXPECT_GT(w.find("sqnr")->as_number(), 40);
}

}  // namespace
}  // namespace halftone
