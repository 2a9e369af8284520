// Operators that quantize by themselves: run as integer Conv, MatMul and Gemm, with the same bits, their weights packed
// once. What cannot be lowered runs as it is and packs its weights once too.
#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

// Weights above the size from which packed constants are let go of.
constexpr int64_t kFilters = 40, kChannels = 16;

template <typename T>
Make& parameters(Make& m, const std::string& name, const std::vector<float>& scales, int zero) {
  const auto n = static_cast<int64_t>(scales.size());
  const Dims dims = n == 1 ? Dims{} : Dims{n};
  return m.constant(name + "_s", Tensor::of<float>(dims, scales))
      .constant(name + "_z", Tensor::of<T>(dims, std::vector<T>(scales.size(), static_cast<T>(zero))));
}

std::vector<float> many(int64_t n) {
  std::vector<float> scales;
  for (int64_t i = 0; i < n; ++i) scales.push_back(0.002f + 0.0001f * static_cast<float>(i));
  return scales;
}

Make& quantized_input(Make& m, const Dims& dims) {
  m.input("x", {dims.begin(), dims.end()}, DType::kUint8);
  parameters<uint8_t>(m, "x", {0.02f}, 119);
  return parameters<uint8_t>(m, "y", {0.05f}, 131);
}

// Two convolutions one behind the other and a pool between them; the second is depthwise.
Model convolutions(bool per_channel, bool biased) {
  Make m;
  quantized_input(m, {2, kChannels, 9, 7});
  parameters<int8_t>(m, "w", per_channel ? many(kFilters) : std::vector<float>{0.004f}, per_channel ? 0 : 3);
  parameters<int8_t>(m, "d", {0.01f}, -2);
  m.constant("w", random_ints<int8_t>({kFilters, kChannels, 3, 3}, 3, -128, 127));
  m.constant("d", random_ints<int8_t>({kFilters, 1, 11, 11}, 4, -128, 127));
  m.constant("b", random_ints<int32_t>({kFilters}, 5, -9000, 9000));
  std::vector<std::string> inputs = {"x", "x_s", "x_z", "w", "w_s", "w_z", "y_s", "y_z"};
  if (biased) inputs.push_back("b");
  m.node("QLinearConv", inputs, {"c"}, attr("pads", std::vector<int64_t>{1, 0, 1, 2}));
  m.node("MaxPool", {"c"}, {"p"}, attr("kernel_shape", std::vector<int64_t>{2, 2}));
  Attributes depthwise = attr("group", kFilters);
  depthwise.emplace("pads", Attribute(std::vector<int64_t>{5, 5, 5, 5}));
  m.node("QLinearConv", {"p", "y_s", "y_z", "d", "d_s", "d_z", "x_s", "x_z"}, {"y"}, depthwise);
  return m.output("y");
}

Model product(bool per_column) {
  Make m;
  quantized_input(m, {2, 5, 70});
  parameters<uint8_t>(m, "w", per_column ? many(90) : std::vector<float>{0.004f}, 120);
  m.constant("w", random_ints<uint8_t>({70, 90}, 3, 0, 255));
  return m.node("QLinearMatMul", {"x", "x_s", "x_z", "w", "w_s", "w_z", "y_s", "y_z"}, {"y"}).output("y");
}

Model gemm(bool transposed) {
  Make m;
  quantized_input(m, {5, 70});
  parameters<int8_t>(m, "w", many(90), 0);
  m.constant("w", random_ints<int8_t>(transposed ? Dims{90, 70} : Dims{70, 90}, 3, -127, 127));
  m.constant("b", random_ints<int32_t>({90}, 5, -9000, 9000));
  m.node("QGemm", {"x", "x_s", "x_z", "w", "w_s", "w_z", "b", "y_s", "y_z"}, {"y"},
         attr("transB", int64_t{transposed ? 1 : 0}));
  Model model = m.output("y");
  model.graph.nodes.back().domain = "com.microsoft";
  model.opset_imports["com.microsoft"] = 1;
  return model;
}

struct Case {
  std::string name;
  Model model;
  std::string ops, packed;
};

std::vector<Case> cases() {
  return {{"Conv", convolutions(false, true), "Conv* MaxPool Conv*", "w d"},
          {"ConvPerChannel", convolutions(true, true), "Conv* MaxPool Conv*", "w d"},
          {"ConvWithoutBias", convolutions(true, false), "Conv* MaxPool Conv*", "w d"},
          {"MatMul", product(false), "MatMul*", "w"},
          {"MatMulPerColumn", product(true), "MatMul*", "w"},
          {"Gemm", gemm(false), "Gemm*", "w"},
          {"GemmTransposed", gemm(true), "Gemm*", "w"}};
}

std::string packed(const Program& program) {
  std::string names;
  for (ValueId id : program.packed) {
    const Value& value = program.graph.value(id);
    EXPECT_FALSE(value.constant.holds_bytes()) << value.name;
    names += (names.empty() ? "" : " ") + value.name;
  }
  return names;
}

// The operators as the model has them.
CompileOptions as_they_are() {
  CompileOptions options = channels_first();
  options.disabled.emplace_back("lower_qlinear");
  return options;
}

class LowerQLinear : public ::testing::TestWithParam<Case> {};

TEST_P(LowerQLinear, TakesTheOperator) {
  const auto program = compiled(GetParam().model, channels_first());
  ASSERT_TRUE(program);
  EXPECT_EQ(ops(*program), GetParam().ops);
}

TEST_P(LowerQLinear, GivesTheSameBits) {
  const Model& model = GetParam().model;
  const Feeds feeds = random_feeds(model, 9);
  const RunResult expected = ran(model, feeds, as_they_are());
  expect_same_outputs(ran(model, feeds), expected, 0);
  expect_same_outputs(ran(model, feeds, channels_first()), expected, 0);
  const auto codes = expected.outputs.at(0).second.data<uint8_t>();
  EXPECT_NE(*std::min_element(codes.begin(), codes.end()), *std::max_element(codes.begin(), codes.end()));
}

TEST_P(LowerQLinear, PacksWeightsOnce) {
  for (const CompileOptions& options : {channels_first(), as_they_are()}) {
    // A model of its own: whoever else ran this one has packed its weights.
    for (const Case& fresh : cases()) {
      if (fresh.name != GetParam().name) continue;
      EXPECT_EQ(packed(*compiled(fresh.model, options)), fresh.packed);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Operators, LowerQLinear, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

TEST(LowerQLinear, AComputedScaleStays) {
  Model model = convolutions(true, true);
  Graph& graph = model.graph;
  const ValueId scale = graph.find_value("x_s");
  const float given = graph.value(scale).constant.data<float>()[0];
  graph.value(scale).constant = Tensor();
  graph.inputs.push_back(scale);
  graph.value(scale).shape = SymShape::of({});
  const auto program = compiled(model, channels_first());
  ASSERT_TRUE(program);
  EXPECT_EQ(ops(*program), "QLinearConv MaxPool QLinearConv");
  Feeds feeds = random_feeds(convolutions(true, true), 9);
  const RunResult expected = ran(convolutions(true, true), feeds);
  feeds["x_s"] = Tensor::scalar<float>(given);
  expect_same_outputs(ran(model, feeds), expected, 0);
}

TEST(LowerQLinear, OneTensorWithTwoMeaningsStays) {
  Make m;
  quantized_input(m, {1, 4, 6, 6});
  parameters<int8_t>(m, "w", {0.004f}, 0);
  parameters<uint8_t>(m, "other", {0.04f}, 7);
  m.constant("w", random_ints<int8_t>({4, 4, 1, 1}, 3, -127, 127));
  m.node("QLinearConv", {"x", "x_s", "x_z", "w", "w_s", "w_z", "y_s", "y_z"}, {"a"});
  m.node("QLinearConv", {"x", "other_s", "other_z", "w", "w_s", "w_z", "y_s", "y_z"}, {"b"});
  const Model model = m.output("a").output("b");
  const auto program = compiled(model, channels_first());
  ASSERT_TRUE(program);
  EXPECT_EQ(ops(*program), "Conv* QLinearConv");
  const Feeds feeds = random_feeds(model, 9);
  expect_same_outputs(ran(model, feeds), ran(model, feeds, as_they_are()), 0);
}

Model integer_sums(const Tensor& w, DType type, int64_t group, bool constant) {
  Make m;
  m.input("x", {1, kChannels, 8, 8}, type).input("x_z", {}, type);
  if (constant) {
    m.constant("w", w);
  } else {
    m.input("w", {w.dims().begin(), w.dims().end()}, DType::kInt8);
  }
  m.constant("w_z", Tensor::scalar<int8_t>(-3));
  Attributes attributes = attr("group", group);
  attributes.emplace("pads", Attribute(std::vector<int64_t>{4, 4, 4, 4}));
  return m.node("ConvInteger", {"x", "w", "x_z", "w_z"}, {"y"}, attributes).output("y");
}

// Weights that are an input are packed in the run; as constants once, with the same sums for every zero point.
TEST(ConvInteger, PacksConstantWeightsOnce) {
  for (const bool is_signed : {false, true}) {
    for (const int64_t group : {int64_t{1}, kChannels}) {
      const Dims dims = {4 * kChannels, kChannels / group, 9, 9};
      const Tensor w = random_ints<int8_t>(dims, 3, -128, 127);
      const DType type = is_signed ? DType::kInt8 : DType::kUint8;
      const auto program = compiled(integer_sums(w, type, group, true), channels_first());
      ASSERT_TRUE(program);
      EXPECT_EQ(packed(*program), "w");
      Executor executor(program);
      for (const int zero : {0, 5, 127}) {
        Feeds feeds;
        if (is_signed) {
          feeds = {{"x", random_ints<int8_t>({1, kChannels, 8, 8}, 7, -128, 127)},
                   {"x_z", Tensor::scalar(static_cast<int8_t>(-zero))}};
        } else {
          feeds = {{"x", random_ints<uint8_t>({1, kChannels, 8, 8}, 7, 0, 255)},
                   {"x_z", Tensor::scalar(static_cast<uint8_t>(2 * zero))}};
        }
        const auto once = executor.run(feeds);
        ASSERT_TRUE(once.ok()) << text(once.error());
        feeds.emplace("w", random_ints<int8_t>(dims, 3, -128, 127));
        expect_same_outputs(*once, ran(integer_sums(w, type, group, false), feeds), 0);
      }
    }
  }
}

}  // namespace
}  // namespace halftone::testing
