// A run allocates what it hands out and nothing else, once it has run with inputs of these sizes: no step, no shape, no
// scratch memory. What it hands out is the list of outputs, and a tensor for each.
#include "tests/core/compile/make.h"
#include "tests/core/count_memory.h"

namespace halftone::testing {
namespace {

const Attributes kPadded = attr("pads", std::vector<int64_t>{1, 1, 1, 1});

Attributes with(Attributes attributes, const std::string& key, Attribute::Payload value) {
  attributes.emplace(key, Attribute(std::move(value)));
  return attributes;
}

Attributes window(int64_t size) {
  return with(attr("kernel_shape", std::vector<int64_t>{size, size}), "strides", std::vector<int64_t>{size, size});
}

Make convolutions() {
  return Make()
      .input("x", {Dim("n"), 3, 20, 20})
      .floats("w1", {16, 3, 3, 3})
      .floats("b1", {16})
      .node("Conv", {"x", "w1", "b1"}, {"c1"}, with(kPadded, "strides", std::vector<int64_t>{2, 2}))
      .constant("zero", Tensor::scalar<float>(0))
      .constant("six", Tensor::scalar<float>(6))
      .node("Clip", {"c1", "zero", "six"}, {"r1"})
      .floats("w2", {16, 1, 3, 3})
      .node("Conv", {"r1", "w2"}, {"c2"}, with(kPadded, "group", int64_t{16}))
      .node("Relu", {"c2"}, {"r2"})
      .floats("w3", {16, 16, 1, 1})
      .node("Conv", {"r2", "w3"}, {"c3"})
      .node("Add", {"c3", "r1"}, {"sum"})
      .node("MaxPool", {"sum"}, {"m"}, window(2))
      .node("Concat", {"m", "m"}, {"joined"}, attr("axis", int64_t{1}))
      .node("AveragePool", {"joined"}, {"a"}, window(2))
      .node("HardSwish", {"a"}, {"h"})
      .node("GlobalAveragePool", {"h"}, {"g"})
      .node("Flatten", {"g"}, {"f"})
      .floats("w4", {10, 32})
      .floats("b4", {10})
      .node("Gemm", {"f", "w4", "b4"}, {"scores"}, attr("transB", int64_t{1}))
      .node("Softmax", {"scores"}, {"y"})
      .output("y");
}

// The same on integers, as quantized files have it.
Make integer_convolutions() {
  const float s = 0.02f, w = 0.004f;
  return Make()
      .input("x", {Dim("n"), 3, 20, 20})
      .quantize<uint8_t>("x", s, 128)
      .int8_weight("w1", {16, 3, 3, 3}, w)
      .int32_bias("b1", 16, s * w)
      .node("Conv", {"x_d", "w1_d", "b1_d"}, {"c1"}, with(kPadded, "strides", std::vector<int64_t>{2, 2}))
      .node("Relu", {"c1"}, {"r1"})
      .quantize<uint8_t>("r1", s, 0)
      .int8_weight("w2", {16, 1, 3, 3}, w)
      .node("Conv", {"r1_d", "w2_d"}, {"c2"}, with(kPadded, "group", int64_t{16}))
      .quantize<uint8_t>("c2", s, 100)
      .int8_weight("w3", {16, 16, 1, 1}, w)
      .node("Conv", {"c2_d", "w3_d"}, {"c3"})
      .quantize<uint8_t>("c3", s, 120)
      .node("Add", {"c3_d", "r1_d"}, {"sum"})
      .quantize<uint8_t>("sum", s, 110)
      .node("MaxPool", {"sum_d"}, {"m"}, window(2))
      .quantize<uint8_t>("m", s, 110)
      .node("Concat", {"m_d", "sum_d"}, {"joined"}, attr("axis", int64_t{0}))
      .node("AveragePool", {"m_d"}, {"a"}, window(2))
      .quantize<uint8_t>("a", s, 90)
      .node("Sigmoid", {"a_d"}, {"h"})
      .quantize<uint8_t>("h", 1.0f / 256, 0)
      .node("GlobalAveragePool", {"h_d"}, {"g"})
      .quantize<uint8_t>("g", 1.0f / 256, 0)
      .node("Flatten", {"g_d"}, {"f"})
      .quantize<uint8_t>("f", 1.0f / 256, 0)
      .int8_weight("w4", {10, 16}, w)
      .int32_bias("b4", 10, w / 256)
      .node("Gemm", {"f_d", "w4_d", "b4_d"}, {"scores"}, attr("transB", int64_t{1}))
      .quantize<uint8_t>("scores", 0.01f, 128)
      .node("Softmax", {"scores_d"}, {"y"})
      .output("y");
}

// One block of a transformer over tokens of 32 numbers, 4 heads.
Make transformer() {
  Make m(17);
  m.input("x", {Dim("n"), 9, 32});
  const auto norm = [&](const std::string& x, const std::string& y) {
    m.floats(y + "_scale", {32}).floats(y + "_bias", {32});
    m.node("LayerNormalization", {x, y + "_scale", y + "_bias"}, {y});
  };
  const auto linear = [&](const std::string& x, const std::string& y, int64_t from, int64_t to) {
    m.floats(y + "_w", {from, to}).floats(y + "_b", {to});
    m.node("MatMul", {x, y + "_w"}, {y + "_product"}).node("Add", {y + "_product", y + "_b"}, {y});
  };
  const auto heads = [&](const std::string& x, const std::string& y, std::vector<int64_t> perm) {
    m.node("Reshape", {x, "split"}, {y + "_4d"}).node("Transpose", {y + "_4d"}, {y}, attr("perm", std::move(perm)));
  };
  m.ints("split", {0, 0, 4, 8}).ints("join", {0, 0, 32});
  norm("x", "normed");
  linear("normed", "q", 32, 32);
  linear("normed", "k", 32, 32);
  linear("normed", "v", 32, 32);
  heads("q", "qh", {0, 2, 1, 3});
  heads("k", "kh", {0, 2, 3, 1});
  heads("v", "vh", {0, 2, 1, 3});
  m.constant("root", Tensor::scalar<float>(0.35f)).constant("half", Tensor::scalar<float>(0.5f));
  m.constant("one", Tensor::scalar<float>(1)).constant("sqrt2", Tensor::scalar<float>(1.4142135f));
  m.node("MatMul", {"qh", "kh"}, {"logits"}).node("Mul", {"logits", "root"}, {"scaled"});
  m.node("Softmax", {"scaled"}, {"weights"}, attr("axis", int64_t{-1}));
  m.node("MatMul", {"weights", "vh"}, {"mixed"});
  m.node("Transpose", {"mixed"}, {"mixed_4d"}, attr("perm", std::vector<int64_t>{0, 2, 1, 3}));
  m.node("Reshape", {"mixed_4d", "join"}, {"attended"});
  linear("attended", "projected", 32, 32);
  m.node("Add", {"projected", "x"}, {"residual"});
  norm("residual", "normed2");
  linear("normed2", "wide", 32, 64);
  m.node("Div", {"wide", "sqrt2"}, {"t"}).node("Erf", {"t"}, {"e"}).node("Add", {"e", "one"}, {"e1"});
  m.node("Mul", {"wide", "e1"}, {"w1"}).node("Mul", {"w1", "half"}, {"gelu"});
  linear("gelu", "narrow", 64, 32);
  m.node("Add", {"narrow", "residual"}, {"sum"});
  m.node("ReduceMean", {"sum"}, {"mean"}, with(attr("axes", std::vector<int64_t>{1}), "keepdims", int64_t{0}));
  m.ints("first", {0}).ints("from", {0}).ints("to", {1}).ints("axis", {1}).constant("pick", Tensor::scalar<int64_t>(0));
  m.node("Slice", {"sum", "from", "to", "axis"}, {"token"}).node("Squeeze", {"token", "axis"}, {"class"});
  m.node("Gather", {"sum", "pick"}, {"same"}, attr("axis", int64_t{1}));
  return m.node("Add", {"class", "same"}, {"y"}).output("y").output("mean");
}

// Attention on integers: products of two activations.
Make integer_attention() {
  return Make()
      .input("q", {Dim("n"), 2, 7, 8})
      .input("k", {Dim("n"), 2, 8, 7})
      .quantize<uint8_t>("q", 0.01f, 128)
      .quantize<uint8_t>("k", 0.01f, 120)
      .node("MatMul", {"q_d", "k_d"}, {"logits"})
      .quantize<uint8_t>("logits", 0.02f, 130)
      .node("Transpose", {"logits_d"}, {"turned"}, attr("perm", std::vector<int64_t>{0, 2, 1, 3}))
      .quantize<uint8_t>("turned", 0.02f, 130)
      .node("Mul", {"turned_d", "turned_d"}, {"square"})
      .quantize<uint8_t>("square", 0.02f, 10)
      .output("square_d");
}

// Sizes from constants: resized and padded planes.
Make resized_planes() {
  Make m(18);
  m.input("x", {Dim("n"), 4, 9, 9});
  m.constant("scales", Tensor::of<float>({4}, std::vector<float>{1, 1, 2, 2}));
  m.ints("edges", {0, 0, 1, 2, 0, 0, 2, 1}).ints("sizes", {6, 7});
  m.node("Resize", {"x", "", "scales"}, {"near"});
  m.node("Pad", {"near", "edges"}, {"mirrored"}, attr("mode", std::string("reflect")));
  m.node("Pad", {"mirrored", "edges"}, {"padded"});
  return m
      .node("Resize", {"padded", "", "", "sizes"}, {"y"},
            with(attr("mode", std::string("linear")), "axes", std::vector<int64_t>{2, 3}))
      .output("y");
}

struct Network {
  std::string name;
  Model model;
  std::vector<std::string> disabled;  // rewrites
};

std::vector<Network> networks() {
  return {
      {"Convolutions", convolutions(), {}},
      {"ConvolutionsInTheOrderOfTheModel", convolutions(), {"channels_last", "fuse_chains", "fuse_activation"}},
      {"IntegerConvolutions", integer_convolutions(), {}},
      {"IntegersComputedAsFloats", integer_convolutions(), {"lower_integer"}},
      {"Transformer", transformer(), {}},
      {"TransformerStepByStep", transformer(), {"fuse_chains", "matmul_add_to_gemm"}},
      {"IntegerAttention", integer_attention(), {}},
      {"ResizedPlanes", resized_planes(), {}},
  };
}

Feeds sized(const Model& model, int64_t n) {
  Model concrete = model;
  for (ValueId id : concrete.graph.inputs) concrete.graph.value(id).shape[0] = Dim(n);
  return random_feeds(concrete, 5);
}

// What handing out results takes: the list, and per output its bytes and what counts their users.
int64_t allocations_of_results(const RunResult& result) {
  return allocations_of([&] {
    RunResult made;
    made.outputs.reserve(result.outputs.size());
    for (const auto& [name, tensor] : result.outputs) {
      made.outputs.emplace_back(name, *Tensor::allocate(tensor.dtype(), tensor.dims()));
    }
  });
}

class Allocation : public ::testing::TestWithParam<Network> {};

TEST_P(Allocation, AKnownSizeTakesNothingButResults) {
  CompileOptions options;
  options.disabled = GetParam().disabled;
  Executor executor(compiled(GetParam().model, options));
  const Feeds small = sized(GetParam().model, 1), large = sized(GetParam().model, 3);
  // The plan of a size is what its first run found: made now, in place from the second run on.
  for (int round = 0; round < 2; ++round) {
    for (const Feeds* feeds : {&small, &large}) ASSERT_TRUE(executor.run(*feeds).ok());
  }
  for (const Feeds* feeds : {&small, &large, &small}) {
    std::optional<Result<RunResult>> result;
    const int64_t taken = allocations_of([&] { result.emplace(executor.run(*feeds)); });
    ASSERT_TRUE(result->ok());
    EXPECT_GT(taken, 0);  // or nothing is counted
    EXPECT_EQ(taken, allocations_of_results(**result));
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Allocation, ::testing::ValuesIn(networks()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace halftone::testing
