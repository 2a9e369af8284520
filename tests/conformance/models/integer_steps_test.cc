// Every integer step of the quantized models on its own: on the integers that reach it in a real run, its result
// is that of the float simulation of the same step (dequantize, operator, quantize) to within one unit, and for
// nearly all elements exactly.
#include "tests/conformance/models/shared_models.h"

namespace halftone::testing {
namespace {

// Integer activations of a run by value id.
using Integers = std::map<ValueId, Tensor>;

Integers activations(const std::shared_ptr<const Program>& program, const Feeds& feeds) {
  RunOptions taps;
  std::map<std::string, ValueId> ids;
  for (const Step& step : program->steps) {
    const Node& node = program->graph.nodes[static_cast<size_t>(step.node)];
    for (const auto* list : {&node.inputs, &node.outputs}) {
      for (ValueId id : *list) {
        if (step.integer && id != kNoValue && !program->graph.value(id).is_constant()) {
          ids.emplace(program->graph.value(id).name, id);
        }
      }
    }
  }
  for (const auto& [name, id] : ids) taps.taps.push_back(name);
  Executor executor(program);
  auto run = executor.run(feeds, taps);
  EXPECT_TRUE(run.ok()) << text(run.error());
  Integers values;
  for (const auto& [name, tensor] : run->taps) values[ids.at(name)] = tensor;
  return values;
}

Tensor zero_points(const QuantParams& q) {
  const int64_t n = static_cast<int64_t>(q.zero_point.size());
  const Dims dims = q.per_tensor() ? Dims{} : Dims{n};
  Tensor zeros = *Tensor::allocate(q.dtype, dims);
  for (size_t i = 0; i < q.zero_point.size(); ++i) {
    if (q.dtype == DType::kInt32) {
      zeros.mutable_data<int32_t>()[i] = q.zero_point[i];
    } else {
      zeros.mutable_bytes()[i] = static_cast<uint8_t>(q.zero_point[i]);
    }
  }
  return zeros;
}

// The step as the float graph has it, with the integers of the run as inputs.
Model simulation(const Program& program, const Node& node, const Integers& values, Feeds& feeds) {
  Model model;
  model.opset_imports = program.opset_imports;
  Graph& graph = model.graph;
  const auto scale_and_zero = [&](const QuantParams& q, std::vector<ValueId>& inputs) {
    const Dims dims = q.per_tensor() ? Dims{} : Dims{static_cast<int64_t>(q.scale.size())};
    inputs.push_back(graph.add_constant("scale", Tensor::of<float>(dims, q.scale)));
    inputs.push_back(graph.add_constant("zero", zero_points(q)));
  };
  Node op = node;
  op.attributes.erase(std::string(kIntegerAttr));
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] == kNoValue) continue;
    const Value& given = program.graph.value(node.inputs[i]);
    const auto run = values.find(node.inputs[i]);
    const Tensor& tensor = run == values.end() ? given.constant : run->second;
    const ValueId input = graph.add_value("in", tensor.dtype(), SymShape::of(tensor.dims()));
    if (given.is_constant()) {
      graph.value(input).constant = tensor;
    } else {
      graph.inputs.push_back(input);
      feeds[graph.value(input).name] = tensor;
    }
    op.inputs[i] = input;
    if (!given.quant) continue;
    Node dequantize{.name = "", .op_type = "DequantizeLinear", .inputs = {input}};
    scale_and_zero(*given.quant, dequantize.inputs);
    if (!given.quant->per_tensor()) dequantize.attributes["axis"] = Attribute(given.quant->axis);
    op.inputs[i] = graph.add_value("real", DType::kFloat);
    dequantize.outputs = {op.inputs[i]};
    graph.nodes.push_back(std::move(dequantize));
  }
  std::vector<Node> quantizers;
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    op.outputs[i] = graph.add_value("out", DType::kFloat);
    Node quantize{.name = "", .op_type = "QuantizeLinear", .inputs = {op.outputs[i]}};
    scale_and_zero(*program.graph.value(node.outputs[i]).quant, quantize.inputs);
    quantize.outputs = {graph.add_value("y")};
    graph.outputs.push_back(quantize.outputs[0]);
    quantizers.push_back(std::move(quantize));
  }
  graph.nodes.push_back(std::move(op));
  graph.nodes.insert(graph.nodes.end(), quantizers.begin(), quantizers.end());
  return model;
}

int level(const Tensor& tensor, int64_t i) {
  const size_t k = static_cast<size_t>(i);
  return tensor.dtype() == DType::kInt8 ? tensor.data<int8_t>()[k] : tensor.data<uint8_t>()[k];
}

class IntegerSteps : public ::testing::TestWithParam<SharedModel> {};

TEST_P(IntegerSteps, AreWithinOneUnitOfTheirSimulation) {
  if (shared_folder().empty()) GTEST_SKIP() << "HALFTONE_SHARED does not name the folder with the models.";
  auto model = load_shared(GetParam());
  ASSERT_TRUE(model.ok()) << text(model.error());
  const auto program = compiled(*model);
  const Integers values = activations(program, random_feeds(*model, 3, GetParam().low, GetParam().high));
  int64_t steps = 0;
  for (const Step& step : program->steps) {
    if (!step.integer) continue;
    const Node& node = program->graph.nodes[static_cast<size_t>(step.node)];
    SCOPED_TRACE(node_label(program->graph, node));
    Feeds feeds;
    const Model alone = simulation(*program, node, values, feeds);
    const RunResult expected = ran(alone, feeds, only(""));
    size_t next = 0;
    for (ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      const Tensor &e = expected.outputs.at(next++).second, &a = values.at(id);
      ASSERT_EQ(a.dims(), e.dims());
      int64_t differ = 0;
      for (int64_t i = 0; i < a.size(); ++i) {
        const int distance = std::abs(level(a, i) - level(e, i));
        ASSERT_LE(distance, 1) << "element " << i;
        differ += distance;
      }
      EXPECT_LE(differ, a.size() / 200 + 1);
    }
    ++steps;
  }
  EXPECT_GT(steps, 50);
}

INSTANTIATE_TEST_SUITE_P(Shared, IntegerSteps, ::testing::ValuesIn(quantized_models()),
                         [](const auto& info) { return test_name(info.param); });

}  // namespace
}  // namespace halftone::testing
