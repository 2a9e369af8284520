// Tables made of integer elementwise operators: which chains become one, and that no bit changes.
#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

Make quantized_input() { return Make().input("x", {2, 3, 37}, DType::kFloat).quantize<uint8_t>("x", 0.03f, 120); }

struct Case {
  std::string name;
  Model model;
  std::string ops;
};

std::vector<Case> cases() {
  const auto sigmoid = [] {
    return quantized_input().node("Sigmoid", {"x_d"}, {"s"}).quantize<uint8_t>("s", 1.0f / 256, 0);
  };
  return {
      {"Swish", sigmoid().node("Mul", {"x_d", "s_d"}, {"y"}).quantize<int8_t>("y", 0.02f, -100).output("y_d"),
       "QuantizeLinear Table* DequantizeLinear"},
      {"ReadElsewhereToo",
       sigmoid().node("Sub", {"s_d", "x_d"}, {"y"}).quantize<uint8_t>("y", 0.03f, 90).output("y_d").output("s_d"),
       "QuantizeLinear Sigmoid* DequantizeLinear Table* DequantizeLinear"},
      {"Chain", sigmoid().node("Tanh", {"s_d"}, {"y"}).quantize<uint8_t>("y", 0.01f, 3).output("y_d"),
       "QuantizeLinear Table* DequantizeLinear"},
      {"TwoBranchesOfOneValue",
       sigmoid()
           .node("Tanh", {"x_d"}, {"t"})
           .quantize<int8_t>("t", 1.0f / 127, 0)
           .node("Add", {"s_d", "t_d"}, {"y"})
           .quantize<uint8_t>("y", 0.01f, 128)
           .output("y_d"),
       "QuantizeLinear Table* DequantizeLinear"},
      {"TwoValuesStay",
       sigmoid()
           .input("z", {2, 3, 37})
           .quantize<uint8_t>("z", 0.01f, 7)
           .node("Mul", {"z_d", "s_d"}, {"y"})
           .quantize<uint8_t>("y", 0.01f, 128)
           .output("y_d"),
       "QuantizeLinear Sigmoid* QuantizeLinear Mul* DequantizeLinear"},
  };
}

class FuseTables : public ::testing::TestWithParam<Case> {};

TEST_P(FuseTables, ChangesOperatorsAndNoBit) {
  const Case& c = GetParam();
  EXPECT_EQ(ops(*compiled(c.model)), c.ops);
  CompileOptions off;
  off.disabled = {"fuse_tables"};
  for (uint64_t seed : {1, 2}) {
    const Feeds feeds = random_feeds(c.model, seed, -5, 5);
    expect_same_outputs(ran(c.model, feeds), ran(c.model, feeds, off), 0.0f);
  }
}

INSTANTIATE_TEST_SUITE_P(Chains, FuseTables, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

TEST(FuseTables, TapsBetweenKeepTheirValues) {
  const Model model = cases()[0].model;
  CompileOptions keep, off;
  keep.keep = off.keep = {"s_q", "y"};
  off.disabled = {"fuse_tables"};
  const Feeds feeds = random_feeds(model, 3, -5, 5);
  const RunResult with = ran(model, feeds, keep, {.taps = {"s_q", "y"}}),
                  without = ran(model, feeds, off, {.taps = {"s_q", "y"}});
  for (const char* name : {"s_q", "y"}) expect_close(with.taps.at(name), without.taps.at(name), 0.0f);
}

}  // namespace
}  // namespace halftone::testing
