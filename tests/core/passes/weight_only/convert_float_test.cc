#include "core/passes/weight_only/convert_float.h"

#include <cmath>

#include "core/passes/weight_only/small_float_codes.h"
#include "core/tensor/small_float.h"
#include "tests/core/passes/weight_only/zoo.h"

namespace halftone::testing {
namespace {

Result<PassOutcome> convert_model(const Model& model, const std::string& keys, const std::vector<Feeds>& feeds = {}) {
  return run_pass(convert_float_pass(), model, keys, feeds);
}

TEST(ConvertFloat, WeightsInEveryType) {
  struct Case {
    const char* keys;
    double sqnr_db;
    int64_t opset;
  };
  const Model model = zoo();
  for (const Case& c :
       {Case{R"("type":"float16")", 60, 13}, Case{R"("type":"bfloat16")", 46, 13},
        Case{R"("type":"float8e4m3fn")", 24, 19}, Case{R"("type":"float8e4m3fnuz","scales":"tensor")", 22, 19},
        Case{R"("type":"float8e5m2","scales":"block","block_size":16)", 18, 21},
        Case{R"("type":"float8e5m2fnuz")", 18, 19},
        Case{R"("type":"float8e4m3fn","scale_type":"float8e8m0","scales":"block","block_size":16)", 21, 24},
        Case{R"("type":"float4e2m1","scales":"block","block_size":16)", 9, 23},
        Case{R"("type":"float4e2m1","scales":"block","block_size":32,"scale_type":"float8e8m0")", 7, 24}}) {
    const auto outcome = convert_model(model, c.keys);
    ASSERT_TRUE(outcome.ok()) << outcome.error().message << c.keys;
    EXPECT_EQ(outcome->model.opset(), c.opset) << c.keys;
    EXPECT_GT(output_sqnr(model, outcome->model, zoo_feeds()), c.sqnr_db) << c.keys;
    EXPECT_GT(entry_of(*outcome, "weights", "w").find("sqnr_db")->as_number(), c.sqnr_db) << c.keys;
  }
}

// Every element is the nearest value of the format under its scale.
TEST(ConvertFloat, BitPatternsAreTheNearest) {
  for (const DType type :
       {DType::kFloat8E4M3FN, DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2, DType::kFloat8E5M2FNUZ, DType::kFloat4E2M1}) {
    const SmallFloat& format = *small_float_format(type);
    const Tensor w = random_tensor({3, 40}, 8);
    const MatrixForm form{.rows = 3, .cols = 40, .inner_rows = 3, .row_stride = 40};
    const WeightGroups groups{1, 16, 3};
    const GroupedCodes codes = small_float_codes(w.data<float>(), form, groups, type, false);
    const std::vector<float> real = real_matrix(codes, form, groups, type);
    for (size_t i = 0; i < real.size(); ++i) {
      const float x = w.data<float>()[i], scale = codes.scale[i / 40 * 3 + i % 40 / 16];
      double least = INFINITY;
      for (uint32_t bits = 0; bits < (1u << dtype_info(type).bits); ++bits) {
        const double level = static_cast<double>(decode_small_float(format, bits)) * scale;
        if (std::isfinite(level)) least = std::min(least, std::fabs(level - x));
      }
      EXPECT_NEAR(std::fabs(real[i] - x), least, 1e-6) << dtype_name(type) << i;
    }
  }
}

TEST(ConvertFloat, ActivationsToFloat8) {
  const Model model = zoo();
  const auto outcome = convert_model(model, R"("type":"float8e4m3fn","scope":"weights_and_activations")", zoo_feeds());
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(count_op(outcome->model.graph, "QuantizeLinear"), 6);  // all but the table's indices
  EXPECT_GT(output_sqnr(model, outcome->model, zoo_feeds()), 20);
}

TEST(ConvertFloat, AWholeModelInFloat16KeepsItsInterface) {
  Model model = zoo();
  const auto outcome = convert_model(model, R"("scope":"model")");
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(graph.value(graph.outputs[0]).dtype, DType::kFloat);
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "y");
  EXPECT_EQ(count_op(graph, "Cast"), 1);  // of the output: the input is integer
  for (const Value& value : graph.values) {
    EXPECT_FALSE(value.is_constant() && value.dtype == DType::kFloat) << value.name;
  }
  EXPECT_GT(output_sqnr(model, outcome->model, zoo_feeds()), 55);
}

TEST(ConvertFloat, NodesThatStayFloat32AreCastAround) {
  const Model model = Build(13)
                          .input("x", {1, 2, 3, 3})
                          .constant("scales", Tensor::of<float>({4}, {1, 1, 2, 2}))
                          .constant("tiny", Tensor::of<float>({1}, {1e-12f}))
                          .constant("huge", Tensor::of<float>({1}, {1e9f}))
                          .node("Relu", {"x"}, {"r"})
                          .node("Resize", {"r", "", "scales"}, {"u"})
                          .node("Add", {"u", "tiny"}, {"a"})
                          .node("Min", {"a", "huge"}, {"y"})
                          .output("y")
                          .done();
  const auto outcome = convert_model(model, R"("scope":"model")");
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  // x in, Resize's input back, its output in, y out.
  EXPECT_EQ(count_op(outcome->model.graph, "Cast"), 4);
  EXPECT_NE(first_warning(*outcome).find("1 constants were beyond"), std::string::npos);
  EXPECT_GT(output_sqnr(model, outcome->model, {Feeds{{"x", random_tensor({1, 2, 3, 3}, 1)}}}), 55);
}

// Channels of weights in batches (recurrent layers have one per direction) take blocks, and those opset 21.
TEST(ConvertFloat, ChannelsOfRecurrentLayersAreBlocks) {
  const Model model = recurrent();
  const std::vector<Feeds> feeds = {{{"x", random_tensor({3, 1, 4}, 3)}}};
  for (const std::string scales : {"channel", "tensor"}) {
    const auto outcome = convert_model(model, R"("type":"float8e4m3fn","scales":")" + scales + "\"");
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    EXPECT_EQ(outcome->model.opset(), scales == "channel" ? 21 : 19);
    EXPECT_GT(output_sqnr(model, outcome->model, feeds), 20) << scales;
  }
}

TEST(ConvertFloat, WarnsOfFilesThatOnnxruntimeCannotRun) {
  const Model model = zoo();
  const auto where = [&](const char* keys) -> std::string {
    const auto outcome = convert_model(model, keys, zoo_feeds());
    EXPECT_TRUE(outcome.ok());
    const auto& warnings = outcome->report.find("warnings")->as_array();
    return warnings.empty() ? "" : warnings[0].find("where")->as_string();
  };
  EXPECT_EQ(where(R"("type":"float8e4m3fn","scope":"weights_and_activations")"), "convert_float.scope");
  EXPECT_EQ(where(R"("type":"float4e2m1")"), "convert_float.type");
  EXPECT_EQ(where(R"("type":"float8e4m3fn")"), "");
}

TEST(ConvertFloat, WarnsOfWeightsThatBecomeInfinite) {
  const Model model = Build()
                          .input("x", {1, 2})
                          .constant("w", Tensor::of<float>({2, 1}, {1, 1e6f}))
                          .node("MatMul", {"x", "w"}, {"y"})
                          .output("y")
                          .done();
  EXPECT_EQ(first_warning(*convert_model(model, R"("type":"float16")")),
            "Some weights are beyond the type's range and became infinite");
  EXPECT_EQ(first_warning(*convert_model(model, R"("type":"bfloat16")")), "");
}

TEST(ConvertFloat, RefusesWhatNoModelHolds) {
  const Model model = zoo();
  for (const char* keys : {R"("type":"bfloat16","scope":"model")", R"("scope":"weights_and_activations")",
                           R"("scale_type":"float8e8m0")"}) {
    const auto outcome = convert_model(model, keys);
    ASSERT_FALSE(outcome.ok()) << keys;
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidRecipe);
  }
}

}  // namespace
}  // namespace halftone::testing
