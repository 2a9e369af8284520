#include "core/passes/weight_only/quantize_codebook.h"

#include <cmath>
#include <set>

#include "tests/core/passes/weight_only/zoo.h"

namespace halftone::testing {
namespace {

Result<PassOutcome> quantize(const Model& model, const std::string& keys) {
  return run_pass(quantize_codebook_pass(), model, keys);
}

TEST(QuantizeCodebook, EveryKindOfWeightWithEveryKindOfLevels) {
  const Model model = zoo();
  for (const std::string levels :
       {"kmeans", "normal_float", "power_of_two", "additive_power_of_two", "piecewise_linear"}) {
    for (const std::string scales : {"channel", "block", "tensor"}) {
      const auto outcome =
          quantize(model, R"("bits":6,"block_size":16,"levels":")" + levels + R"(","scales":")" + scales + "\"");
      ASSERT_TRUE(outcome.ok()) << outcome.error().message << outcome.error().where;
      EXPECT_EQ(count_op(outcome->model.graph, "Cast"), 7);
      const double least = levels == "power_of_two" ? 7 : 18;
      EXPECT_GT(output_sqnr(model, outcome->model, zoo_feeds()), least) << levels << scales;
      for (const char* name : {"table", "m", "g", "l", "w", "dw", "t"}) {
        EXPECT_GT(entry_of(*outcome, "weights", name).find("sqnr_db")->as_number(), least) << name << levels << scales;
      }
    }
  }
}

// The file holds what the report says: the compiled program's weights are the nearest levels.
TEST(QuantizeCodebook, TheProgramHoldsTheLookedUpWeightOnly) {
  const Model model = zoo();
  for (const std::string keys :
       {R"("bits":4,"scales":"block","block_size":16)", R"("bits":4,"book_per_channel":true)"}) {
    const auto outcome = quantize(model, keys);
    ASSERT_TRUE(outcome.ok()) << outcome.error().message;
    auto program = compile(outcome->model);
    ASSERT_TRUE(program.ok());
    for (const char* op : {"Cast", "GatherElements", "Mul"}) EXPECT_EQ(count_op((*program)->graph, op), 0) << keys;
    EXPECT_EQ(count_op((*program)->graph, "Gather"), 1);  // the model's own
    for (const Value& value : (*program)->graph.values) EXPECT_NE(value.dtype, DType::kUint4) << value.name;
    EXPECT_GT(output_sqnr(model, outcome->model, zoo_feeds()), 10) << keys;
  }
}

TEST(QuantizeCodebook, LevelsPerChannelFitEachChannel) {
  const Model model = Build()
                          .input("x", {1, 32})
                          .constant("w", normal_tensor({32, 6}, 3))
                          .node("MatMul", {"x", "w"}, {"y"})
                          .output("y")
                          .done();
  const auto shared = quantize(model, R"("bits":3,"scales":"tensor")");
  const auto each = quantize(model, R"("bits":3,"book_per_channel":true)");
  ASSERT_TRUE(shared.ok() && each.ok());
  EXPECT_EQ(count_op(each->model.graph, "GatherElements"), 1);
  EXPECT_GT(entry_of(*each, "weights", "w").find("sqnr_db")->as_number(),
            entry_of(*shared, "weights", "w").find("sqnr_db")->as_number() + 2);
  // Two codes in a byte, 8 levels of 4 bytes for each of 6 channels.
  EXPECT_EQ(entry_of(*each, "weights", "w").find("bytes_after")->as_number(), 32 * 6 / 2 + 8 * 6 * 4);
}

TEST(QuantizeCodebook, RowsThatDoNotDivideHaveScalesByChannel) {
  const Model model = Build()
                          .input("x", {1, 257})
                          .constant("w", normal_tensor({257, 6}, 3))
                          .node("MatMul", {"x", "w"}, {"y"})
                          .constant("v", normal_tensor({6, 40}, 4))
                          .node("MatMul", {"y", "v"}, {"z"})
                          .output("z")
                          .done();
  const auto outcome = quantize(model, R"("scales":"block","block_size":64)");
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  // Two codes in a byte, 16 levels, 6 scales.
  EXPECT_EQ(entry_of(*outcome, "weights", "w").find("bytes_after")->as_number(), 257 * 6 / 2 + 16 * 4 + 6 * 4);
  const auto& warnings = outcome->report.find("warnings")->as_array();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].find("where")->as_string(), "w");
}

TEST(QuantizeCodebook, SaysWhereChannelsCannotHaveLevelsOfTheirOwn) {
  const auto refused = quantize(zoo(), R"("levels":"normal_float","book_per_channel":true)");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().where, "quantize_codebook.book_per_channel");
  const auto outcome = quantize(zoo(), R"("book_per_channel":true)");
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto& warnings = outcome->report.find("warnings")->as_array();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].find("where")->as_string(), "t");  // the transposed convolution's
}

}  // namespace
}  // namespace halftone::testing
