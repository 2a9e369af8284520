// Broken models: small networks with random damage (wrong edges, attributes, types, shapes, swapped operators) are
// compiled and run. Whatever happens, it is a result or an error that names a place; never a crash, never kInternal.
#include <algorithm>

#include "tests/core/compile/make.h"

namespace halftone::testing {
namespace {

Model float_network() {
  return Make()
      .input("x", {1, 3, 8, 8})
      .floats("w1", {4, 3, 3, 3})
      .floats("b1", {4})
      .floats("gamma", {4}, 0.5f, 1)
      .floats("beta", {4})
      .floats("mean", {4})
      .floats("var", {4}, 0.5f, 1)
      .ints("pads", {0, 0, 1, 1, 0, 0, 1, 1})
      .ints("flat", {1, -1})
      .floats("w2", {36, 5})
      .floats("b2", {5})
      .node("Pad", {"x", "pads"}, {"padded"})
      .node("Conv", {"padded", "w1", "b1"}, {"c"}, attr("strides", std::vector<int64_t>{1, 1}))
      .node("BatchNormalization", {"c", "gamma", "beta", "mean", "var"}, {"n"})
      .node("Relu", {"n"}, {"r"})
      .node(
          "MaxPool", {"r"}, {"p"},
          {{"kernel_shape", Attribute(std::vector<int64_t>{3, 3})}, {"strides", Attribute(std::vector<int64_t>{2, 2})}})
      .node("Concat", {"p", "p"}, {"k"}, attr("axis", int64_t{3}))
      .node("Transpose", {"p"}, {"t"}, attr("perm", std::vector<int64_t>{0, 2, 3, 1}))
      .node("Reshape", {"t", "flat"}, {"f"})
      .node("MatMul", {"f", "w2"}, {"m"})
      .node("Add", {"m", "b2"}, {"s"})
      .node("Softmax", {"s"}, {"y"}, attr("axis", int64_t{-1}))
      .output("y")
      .output("k");
}

Model integer_network() {
  return Make()
      .input("x", {1, 3, 6, 6})
      .quantize<uint8_t>("x", 0.01f, 128)
      .int8_weight("w", {4, 3, 3, 3}, 0.002f)
      .int32_bias("b", 4, 0.01f * 0.002f)
      .node("Conv", {"x_d", "w_d", "b_d"}, {"c"})
      .node("Relu", {"c"}, {"r"})
      .quantize<uint8_t>("r", 0.02f, 0)
      .node("MaxPool", {"r_d"}, {"p"}, attr("kernel_shape", std::vector<int64_t>{2, 2}))
      .quantize<uint8_t>("p", 0.02f, 0)
      .node("Add", {"p_d", "p_d"}, {"s"})
      .quantize<uint8_t>("s", 0.04f, 0)
      .node("GlobalAveragePool", {"s_d"}, {"g"})
      .quantize<uint8_t>("g", 0.02f, 0)
      .output("g_d");
}

void damage_attributes(Node& node, Rng& rng) {
  for (auto& [key, attribute] : node.attributes) {
    const auto any = [&] { return static_cast<int64_t>(rng.below(8) == 0 ? rng.next() : rng.below(9)) - 4; };
    if (auto* list = std::get_if<std::vector<int64_t>>(&attribute.value); list != nullptr && !list->empty()) {
      (*list)[rng.below(static_cast<uint32_t>(list->size()))] = any();
      if (rng.below(4) == 0) list->pop_back();
    } else if (auto* number = std::get_if<int64_t>(&attribute.value)) {
      *number = any();
    }
  }
}

void damage_constant(Value& value, Rng& rng) {
  if (!value.is_constant()) return;
  constexpr DType kTypes[] = {DType::kFloat, DType::kInt64, DType::kInt32, DType::kUint8,
                              DType::kInt8,  DType::kBool,  DType::kDouble};
  Dims dims = value.constant.dims();
  if (rng.below(2) == 0) dims.push_back(1);
  if (rng.below(2) == 0) std::reverse(dims.begin(), dims.end());
  Tensor other = *Tensor::allocate(rng.below(2) ? value.dtype : kTypes[rng.below(std::size(kTypes))], dims);
  uint8_t* bytes = other.mutable_bytes();
  const bool flags = other.dtype() == DType::kBool;
  for (int64_t i = 0; i < other.byte_size(); ++i) bytes[i] = static_cast<uint8_t>(rng.below(flags ? 2 : 256));
  value.dtype = other.dtype();
  value.shape = SymShape::of(dims);
  value.constant = std::move(other);
}

void damage(Graph& graph, Rng& rng) {
  const auto pick = [&](const auto& list) { return rng.below(static_cast<uint32_t>(list.size())); };
  Node& node = graph.nodes[pick(graph.nodes)];
  switch (rng.below(6)) {
    case 0:
      node.inputs[pick(node.inputs)] = static_cast<ValueId>(pick(graph.values));
      break;
    case 1:
      node.inputs[pick(node.inputs)] = kNoValue;
      break;
    case 2:
      node.inputs.push_back(static_cast<ValueId>(pick(graph.values)));
      break;
    case 3:
      damage_attributes(node, rng);
      break;
    case 4:
      std::swap(node.op_type, graph.nodes[pick(graph.nodes)].op_type);
      break;
    default:
      damage_constant(graph.values[pick(graph.values)], rng);
      break;
  }
}

void expect_named(const Error& error, uint64_t seed) {
  EXPECT_NE(error.code, ErrorCode::kInternal) << "seed " << seed << ": " << text(error);
  EXPECT_FALSE(error.where.empty()) << "seed " << seed << ": " << text(error);
}

class Mutation : public ::testing::TestWithParam<Model (*)()> {};

TEST_P(Mutation, GivesAResultOrANamedError) {
  int ran = 0;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    Rng rng(seed);
    Model model = GetParam()();
    for (uint32_t i = 0; i <= rng.below(3); ++i) damage(model.graph, rng);
    if (!sort_topologically(model.graph).ok() || !verify(model.graph, ErrorCode::kInvalidModel).ok()) continue;
    auto program = compile(model);
    if (!program.ok()) {
      expect_named(program.error(), seed);
      continue;
    }
    Executor executor(*program);
    const Feeds feeds = random_feeds(model, seed);
    for (int round = 0; round < 2; ++round) {
      const auto result = executor.run(feeds);
      if (!result.ok()) expect_named(result.error(), seed);
      ran += result.ok();
    }
  }
  EXPECT_GT(ran, 50) << "hardly any damaged model still runs: the damage is too coarse to test much";
}

INSTANTIATE_TEST_SUITE_P(Networks, Mutation, ::testing::Values(float_network, integer_network));

}  // namespace
}  // namespace halftone::testing
