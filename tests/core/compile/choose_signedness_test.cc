// Activations moved by 128 from one 8-bit type to the other. Natively the rule itself does nothing, since no dot
// product prefers a type, so its body is applied here to graphs of integers: which values move, and that no result
// changes.
#include "core/compile/rewrites/choose_signedness.h"

#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

// What lowering to integers makes of the model, as a model; `keep` are observed as if they were outputs.
Model lowered(const Model& model, const std::vector<std::string>& keep = {}) {
  CompileOptions options = channels_first();
  options.keep = keep;
  const auto program = compiled(model, options);
  Model integers = model;
  if (program == nullptr) return integers;
  integers.graph = program->graph;
  for (const std::string& name : keep) integers.graph.outputs.push_back(program->find(name).value);
  return integers;
}

bool shift(Model& model, DType from) {
  const UseMap uses(model.graph);
  RewriteContext context{model.graph, uses, model.opset(), 0, model.graph.outputs.size()};
  const bool changed = shift_activations(context, from);
  const Status valid = verify(model.graph, ErrorCode::kInternal);
  EXPECT_TRUE(valid.ok()) << text(valid.error());
  return changed;
}

// Types of the activations that have a meaning: "x_q:int8 y_q_shifted:uint8".
std::string activations(const Model& model) {
  std::string list;
  for (const Value& value : model.graph.values) {
    if (!value.quant || value.is_constant()) continue;
    EXPECT_EQ(value.dtype, value.quant->dtype) << value.name;
    list += (list.empty() ? "" : " ") + value.name + ":" + std::string(dtype_name(value.dtype));
  }
  return list;
}

template <typename T>
Make conv(int zero) {
  return Make()
      .input("x", {1, 3, 6, 6})
      .quantize<T>("x", 0.01f, zero)
      .int8_weight("w", {4, 3, 3, 3}, 0.002f)
      .int32_bias("b", 4, 0.01f * 0.002f)
      .node("Conv", {"x_d", "w_d", "b_d"}, {"y"});
}

// x_q -> MaxPool -> p_q, of equal parameters.
template <typename T>
Make pooled(int zero) {
  return Make()
      .input("x", {1, 3, 6, 6})
      .quantize<T>("x", 0.01f, zero)
      .node("MaxPool", {"x_d"}, {"p"}, attr("kernel_shape", std::vector<int64_t>{2, 2}))
      .template quantize<T>("p", 0.01f, zero);
}

// One constant and one activation, and a transpose of both.
template <typename T>
Make joined(int zero) {
  return pooled<T>(zero)
      .constant("c_q", random_ints<T>({1, 3, 5, 5}, 9, zero - 9, zero + 9))
      .node("DequantizeLinear", {"c_q", "x_scale", "x_zero"}, {"c_d"})
      .node("Concat", {"p_d", "c_d"}, {"j"}, attr("axis", int64_t{1}))
      .template quantize<T>("j", 0.01f, zero)
      .node("Transpose", {"j_d"}, {"t"}, attr("perm", std::vector<int64_t>{1, 0, 3, 2}))
      .template quantize<T>("t", 0.01f, zero);
}

struct Case {
  std::string name;
  DType from;
  Model model;
  std::string after;  // activations(); what is not "_shifted" stayed
  std::vector<std::string> keep = {};
};

Feeds feeds_of(const Model& model, uint64_t seed) {
  Feeds feeds = random_feeds(model, seed);
  if (feeds.count("q")) feeds["q"] = random_ints<int8_t>({1, 3, 6, 6}, seed, -128, 127);
  return feeds;
}

std::vector<Case> cases() {
  const DType i8 = DType::kInt8, u8 = DType::kUint8;
  const Attributes to_int8 = attr("output_dtype", int64_t{3});
  const auto bare = [](Make make, const Attributes& attributes, float scale) {
    return make.input("x", {1, 3, 6, 6})
        .constant("s", Tensor::of<float>({1}, std::vector<float>{scale}))
        .node("QuantizeLinear", {"x", "s"}, {"q"}, attributes)
        .node("DequantizeLinear", {"q", "s"}, {"d"})
        .node("Sigmoid", {"d"}, {"y"})
        .node("QuantizeLinear", {"y", "s"}, {"y_q"}, attributes)
        .node("DequantizeLinear", {"y_q", "s"}, {"y_d"})
        .output("y_d");
  };
  const std::string pool_up = "x_q_shifted:uint8 p_q_shifted:uint8", pool_down = "x_q_shifted:int8 p_q_shifted:int8";
  return {
      {"Int8Conv", i8, conv<int8_t>(-3).quantize<int8_t>("y", 0.02f, 5).output("y_d"),
       "x_q_shifted:uint8 y_q_shifted:uint8"},
      {"Uint8Conv", u8, conv<uint8_t>(131).quantize<uint8_t>("y", 0.02f, 120).output("y_d"),
       "x_q_shifted:int8 y_q_shifted:int8"},
      {"ZeroPointsAtTheEnds", i8, conv<int8_t>(-128).quantize<int8_t>("y", 0.02f, 127).output("y_d"),
       "x_q_shifted:uint8 y_q_shifted:uint8"},
      {"OnlyTheTypeAskedFor", i8, conv<uint8_t>(131).quantize<int8_t>("y", 0.02f, 5).output("y_d"),
       "x_q:uint8 y_q_shifted:uint8"},
      {"NothingToMove", u8, conv<int8_t>(-3).quantize<int8_t>("y", 0.02f, 5).output("y_d"), "x_q:int8 y_q:int8"},
      {"OutputStays", i8, conv<int8_t>(-3).quantize<int8_t>("y", 0.02f, 5).output("y_q"), "x_q_shifted:uint8 y_q:int8"},
      {"TapStays",
       i8,
       conv<int8_t>(-3).quantize<int8_t>("y", 0.02f, 5).output("y_d"),
       "x_q:int8 y_q_shifted:uint8",
       {"x_q"}},
      {"InputStays", i8,
       Make()
           .input("q", {1, 3, 6, 6}, i8)
           .constant("s", Tensor::scalar<float>(0.01f))
           .constant("z", Tensor::scalar<int8_t>(7))
           .node("DequantizeLinear", {"q", "s", "z"}, {"x"})
           .node("Sigmoid", {"x"}, {"y"})
           .quantize<int8_t>("y", 0.004f, -128)
           .output("y_d"),
       "q:int8 y_q_shifted:uint8"},
      {"MissingZeroPointOfUint8", u8, bare(Make(), {}, 0.01f), "q_shifted:int8 y_q_shifted:int8"},
      {"MissingZeroPointOfInt8", i8, bare(Make(21), to_int8, 0.01f), "q_shifted:uint8 y_q_shifted:uint8"},
      {"PassThroughUp", i8, pooled<int8_t>(-3).output("p_d"), pool_up},
      {"PassThroughDown", u8, pooled<uint8_t>(131).output("p_d"), pool_down},
      {"PassThroughToAnOutputStays", i8, pooled<int8_t>(-3).output("p_q"), "x_q:int8 p_q:int8"},
      {"ConcatTakesConstantsAsTheyAre", i8, joined<int8_t>(-3).output("t_d"),
       "x_q_shifted:uint8 p_q_shifted:uint8 j_q_shifted:uint8 t_q_shifted:uint8"},
      {"OneEndOfAChainHoldsItsPart", i8, joined<int8_t>(-3).output("t_q"),
       "x_q_shifted:uint8 p_q_shifted:uint8 j_q:int8 t_q:int8"},
      {"QuantizedWithOtherParametersStays", i8,
       pooled<int8_t>(-3)
           .constant("other", Tensor::scalar<int8_t>(9))
           .node("DequantizeLinear", {"p_q", "x_scale", "other"}, {"o"})
           .output("p_d")
           .output("o"),
       "x_q:int8 p_q:int8"},
  };
}

class ChooseSignedness : public ::testing::TestWithParam<Case> {};

TEST_P(ChooseSignedness, MovesWhatNobodyElseSeesAndKeepsEveryBit) {
  const Case& c = GetParam();
  const Model before = lowered(c.model, c.keep);
  Model after = before;
  EXPECT_EQ(shift(after, c.from), c.after.find("_shifted") != std::string::npos);
  EXPECT_EQ(activations(after), c.after) << print(after.graph);
  EXPECT_EQ(ops(*compiled(after)), ops(*compiled(before)));
  for (uint64_t seed : {1, 2}) {
    const Feeds feeds = feeds_of(c.model, seed);
    expect_same_outputs(ran(after, feeds), ran(before, feeds), 0);
  }
}

TEST_P(ChooseSignedness, ThereAndBackIsTheSameGraph) {
  Model model = lowered(GetParam().model, GetParam().keep);
  const DType from = GetParam().from, to = from == DType::kInt8 ? DType::kUint8 : DType::kInt8;
  shift(model, to);  // all that can move is of type `from` now
  const Model before = model;
  shift(model, from);
  shift(model, to);
  for (size_t i = 0; i < before.graph.values.size(); ++i) {
    EXPECT_EQ(model.graph.values[i].quant, before.graph.values[i].quant) << before.graph.values[i].name;
  }
  const Feeds feeds = feeds_of(GetParam().model, 3);
  expect_same_outputs(ran(model, feeds), ran(before, feeds), 0);
}

INSTANTIATE_TEST_SUITE_P(Graphs, ChooseSignedness, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

// The body of an If reads integers by name, as they are.
TEST(ChooseSignednessCaptures, WhatABodySeesStays) {
  const auto body = [] {
    auto graph = std::make_shared<Graph>();
    Value outer;
    outer.name = "x_q", outer.dtype = DType::kInt8, outer.from_outer_scope = true;
    graph->values.push_back(outer);
    graph->outputs.push_back(graph->add_value("inner", DType::kFloat));
    Node cast;
    cast.op_type = "Cast";
    cast.inputs = {0}, cast.outputs = {1};
    cast.attributes = attr("to", int64_t{1});
    graph->nodes.push_back(cast);
    return GraphPtr(graph);
  };
  Attributes branches = attr("then_branch", body());
  branches["else_branch"] = Attribute(body());
  const Model model = conv<int8_t>(-3)
                          .quantize<int8_t>("y", 0.02f, 5)
                          .input("which", {}, DType::kBool)
                          .node("If", {"which"}, {"z"}, branches)
                          .output("y_d")
                          .output("z");
  Model after = lowered(model);
  EXPECT_TRUE(shift(after, DType::kInt8));
  EXPECT_EQ(activations(after), "x_q:int8 y_q_shifted:uint8");
  Feeds feeds = random_feeds(model, 4);
  feeds["which"] = Tensor::scalar<bool>(true);
  expect_same_outputs(ran(after, feeds), ran(lowered(model), feeds), 0);
}

}  // namespace
}  // namespace halftone::testing
