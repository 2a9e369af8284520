// Integer grids through the whole pass: weights and activations of 2 to 16 bits against a reference worked out value
// by value, and what they need of the opset.
#include <cmath>
#include <set>

#include "core/kernels/quant/quantize.h"
#include "core/passes/quantize/weights.h"
#include "core/stats/distortion.h"
#include "tests/core/passes/quantize/models.h"

namespace halftone::testing {
namespace {

// The tensor `tap` of the model as it is simulated.
Tensor tapped(const Model& model, const Feeds& feeds, const std::string& tap) {
  CompileOptions options;
  options.integer = false;
  options.keep = {tap};
  auto program = compile(model, options);
  EXPECT_TRUE(program.ok());
  RunOptions run_options;
  run_options.taps = {tap};
  auto result = Executor(*program).run(feeds, run_options);
  EXPECT_TRUE(result.ok());
  return result->taps.at(tap);
}

std::string bits(const char* key, int n) { return "\"" + std::string(key) + "\":" + std::to_string(n); }

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
  const Tensor weight = normal_tensor(dims, 11);
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
  const Tensor weight = normal_tensor({1, 4000}, 5);
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
  Feeds wider = grid_image();  // beyond what was calibrated
  wider["x"] = filled(kGridImage, {-3.0f, 2.5f, 0.2f, -0.1f, 0.77f});
  for (int width = 2; width <= 16; ++width) {
    for (const char* more : {"", R"(,"activation_type":"int8")", R"(,"activation_symmetric":true)",
                             R"(,"activation_type":"int8","power_of_two":true)"}) {
      const auto outcome = apply(grid_model(), bits("activation_bits", width) + more, {grid_image()});
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
      for (const Feeds& feeds : {grid_image(), wider}) {
        const Tensor got = tapped(outcome->model, feeds, tap);
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
    const auto outcome = apply(grid_model(), bits("activation_bits", width), {grid_image()});
    ASSERT_TRUE(outcome.ok());
    const Tensor simulated = run(outcome->model, grid_image(), false);
    const Tensor integer = run(outcome->model, grid_image(), true);
    const std::set<float> values(integer.data<float>().begin(), integer.data<float>().end());
    EXPECT_LE(values.size(), size_t{1} << width);
    EXPECT_GT(distortion(simulated.data<float>(), integer.data<float>()).sqnr_db, 6.0 * width - 8) << width;
  }
}

TEST(Grids, MoreBitsLoseLess) {
  const Tensor reference = run(grid_model(), grid_image(), false);
  double before = -10;
  for (int width = 2; width <= 16; width += 2) {
    const auto outcome =
        apply(grid_model(), bits("activation_bits", width) + "," + bits("weight_bits", width), {grid_image()});
    ASSERT_TRUE(outcome.ok());
    const Tensor got = run(outcome->model, grid_image(), true);
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
    const auto outcome = apply(grid_model(), c.keys, {grid_image()});
    ASSERT_TRUE(outcome.ok()) << c.keys << outcome.error().message;
    EXPECT_EQ(outcome->model.opset(), c.opset) << c.keys;
    EXPECT_GT(distortion(run(outcome->model, grid_image(), false).data<float>(),
                         run(outcome->model, grid_image(), true).data<float>())
                  .sqnr_db,
              25)
        << c.keys;
  }
}

TEST(Grids, BlocksHaveScalesAlongTheInputChannelsAndTheBiasStaysFloat) {
  const auto outcome = apply(grid_model(), R"("block_size":3,"weight_bits":4)", {grid_image()});
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

}  // namespace
}  // namespace halftone::testing
