#include "core/passes/quantize/quantize_static.h"

#include <cmath>

#include "core/graph/subgraphs.h"
#include "core/onnx/writer.h"
#include "core/stats/distortion.h"
#include "tests/core/graph/build.h"
#include "tests/core/passes/quantize/harness.h"

namespace halftone {
namespace {

using testing::apply;
using testing::Build;
using testing::count_op;
using testing::dequantized_input;
using testing::filled;
using testing::integer_at;
using testing::node_of;
using testing::pair_of;
using testing::reason_of;

const Dims kImage = {1, 2, 6, 6};
// Repeats over the image; range [-1, 1].
const std::vector<float> kSamples = {0.1f, -0.7f, 1.0f, 0.33f, -1.0f, 0.8f, 0.0f};

Feeds image() { return {{"x", filled(kImage, kSamples)}}; }

Attributes ints(const char* key, std::vector<int64_t> values) { return {{key, Attribute(std::move(values))}}; }

Build conv_model(int64_t opset = 13) {
  Build build(opset);
  build.input("x", kImage).weights("w", {3, 2, 3, 3}).weights("b", {3}, 0.1f).node("Conv", {"x", "w", "b"}, {"c"});
  return build;
}

Tensor run(const Model& model, const Feeds& feeds, bool integer) {
  CompileOptions options;
  options.integer = integer;
  auto program = compile(model, options);
  EXPECT_TRUE(program.ok());
  auto result = Executor(*program).run(feeds);
  EXPECT_TRUE(result.ok());
  return result->outputs[0].second;
}

// A runtime makes an integer operator of a Conv only where nobody reads its real numbers but the QuantizeLinear.
TEST(QuantizeStatic, GraphsInsideOfNodesReadWhatWasDequantized) {
  const auto branch = [](const std::string& op) {
    return Attribute(testing_graphs::Build(op).captured("c").node(op, {"c"}, {"in_" + op}).output("in_" + op).shared());
  };
  Build build = conv_model();
  build.input("flag", {}, DType::kBool);
  build.node("If", {"flag"}, {"y"}, {{"then_branch", branch("Neg")}, {"else_branch", branch("Abs")}});
  const Model model = build.node("Relu", {"c"}, {"r"}).output("y").output("r").done();
  Feeds feeds = image();
  feeds.emplace("flag", Tensor::scalar(true));
  const auto outcome = apply(model, "", {feeds});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const auto captured = captured_names(*node_of(graph, "node_y"));
  EXPECT_EQ(captured.size(), 1u);
  EXPECT_EQ(captured.count("c_dequantized"), 1u);
  const UseMap uses(graph);
  for (const Use& use : uses.uses(graph.find_value("c"))) {
    ASSERT_GE(use.node, 0);
    EXPECT_EQ(graph.nodes[static_cast<size_t>(use.node)].op_type, "QuantizeLinear");
  }
  EXPECT_TRUE(run(outcome->model, feeds, true).identical(run(outcome->model, feeds, false)));
}

TEST(QuantizeStatic, ConvGetsDequantizedInputsAndAQuantizedOutput) {
  const Model model = conv_model().output("c").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const Node& conv = *node_of(graph, "node_c");
  for (size_t i : {0, 1, 2}) EXPECT_NE(dequantized_input(graph, conv, i), nullptr) << i;
  const auto x = pair_of(graph, "x");
  ASSERT_TRUE(x);
  EXPECT_FLOAT_EQ(x->scale, 2.0f / 255);
  // The model's output keeps its name and comes out of the last DequantizeLinear.
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "c");
  EXPECT_EQ(testing::producer_of(graph, graph.outputs[0])->op_type, "DequantizeLinear");
  EXPECT_EQ(graph.value(conv.outputs[0]).name, "c_unquantized");
  EXPECT_EQ(graph.value(graph.inputs[0]).name, "x");
  EXPECT_EQ(graph.value(graph.inputs[0]).dtype, DType::kFloat);
}

// As some exporters write all of their weights.
TEST(QuantizeStatic, WeightsInConstantNodesAreWeights) {
  Model model =
      Build()
          .input("x", {1, 2, 4, 4})
          .node("Constant", {}, {"w"}, {{"value", Attribute(Tensor::of<float>({3, 2, 1, 1}, {1, 2, 3, 4, 5, 6}))}})
          .node("Conv", {"x", "w"}, {"y"})
          .output("y")
          .done();
  Tensor x = *Tensor::allocate(DType::kFloat, {1, 2, 4, 4});
  for (size_t i = 0; i < 32; ++i) x.mutable_data<float>()[i] = static_cast<float>(i);
  auto outcome = apply(model, "", {{{"x", x}}});
  ASSERT_TRUE(outcome.ok());
  for (const Node& node : outcome->model.graph.nodes) {
    if (node.op_type != "Conv") continue;
    const Node* weight = testing::producer_of(outcome->model.graph, node.inputs[1]);
    ASSERT_NE(weight, nullptr);
    EXPECT_EQ(weight->op_type, "DequantizeLinear");
    EXPECT_EQ(outcome->model.graph.value(weight->inputs[0]).constant.dtype(), DType::kInt8);
  }
}

TEST(QuantizeStatic, OutputIsCloseToFloatAndIntegersAgreeWithTheSimulation) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Tensor reference = run(model, image(), false);
  const Tensor simulated = run(outcome->model, image(), false);
  const Tensor integer = run(outcome->model, image(), true);
  EXPECT_GT(distortion(reference.data<float>(), simulated.data<float>()).sqnr_db, 35);
  EXPECT_GT(distortion(simulated.data<float>(), integer.data<float>()).sqnr_db, 45);
}

TEST(QuantizeStatic, BiasScaleIsInputScaleTimesWeightScale) {
  const auto outcome = apply(conv_model().output("c").done(), "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  const Node& conv = *node_of(graph, "node_c");
  const Node &w = *dequantized_input(graph, conv, 1), &b = *dequantized_input(graph, conv, 2);
  EXPECT_EQ(graph.value(w.inputs[0]).constant.dtype(), DType::kInt8);
  EXPECT_EQ(graph.value(b.inputs[0]).constant.dtype(), DType::kInt32);
  EXPECT_EQ(b.inputs.size(), 2u);  // no zero point
  EXPECT_EQ(w.int_attr("axis", -9), 0);
  EXPECT_EQ(b.int_attr("axis", -9), 0);
  const auto w_scale = graph.value(w.inputs[1]).constant.data<float>();
  const auto b_scale = graph.value(b.inputs[1]).constant.data<float>();
  ASSERT_EQ(w_scale.size(), 3u);
  for (size_t c = 0; c < 3; ++c) EXPECT_EQ(b_scale[c], pair_of(graph, "x")->scale * w_scale[c]);
}

TEST(QuantizeStatic, ReluIsFoldedIntoAnUnsignedRange) {
  const Model model = conv_model()
                          .node("Relu", {"c"}, {"y"})
                          .node("MaxPool", {"y"}, {"p"}, ints("kernel_shape", {2, 2}))
                          .output("p")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(count_op(graph, "Relu"), 0);
  EXPECT_EQ(graph.value(node_of(graph, "node_c")->outputs[0]).name, "y");  // the range behind the Relu
  EXPECT_EQ(pair_of(graph, "y")->zero_point, 0);
  EXPECT_EQ(outcome->report.find("removed_activations")->as_array().size(), 1u);
}

TEST(QuantizeStatic, ReluStaysWhereTheRangeDoesNotImplyIt) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  for (const char* keys :
       {R"("activation_symmetric":true)", R"("activation_symmetric":true,"activation_type":"int8")"}) {
    const auto outcome = apply(model, keys, {image()});
    ASSERT_TRUE(outcome.ok());
    const Graph& graph = outcome->model.graph;
    EXPECT_EQ(count_op(graph, "Relu"), 1) << keys;
    // Both sides of it share parameters, so nothing is lost between.
    ASSERT_TRUE(pair_of(graph, "c") && pair_of(graph, "y")) << keys;
    EXPECT_EQ(pair_of(graph, "c")->scale, pair_of(graph, "y")->scale);
    EXPECT_EQ(pair_of(graph, "c")->zero_point, pair_of(graph, "y")->zero_point);
  }
}

TEST(QuantizeStatic, ReluIsFoldedIntoAnAffineInt8Range) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  const auto outcome = apply(model, R"("activation_type":"int8")", {image()});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(count_op(outcome->model.graph, "Relu"), 0);
  EXPECT_EQ(pair_of(outcome->model.graph, "y")->zero_point, -128);
}

TEST(QuantizeStatic, ClipIsFoldedExactlyWhenItsBoundsSaturate) {
  const struct {
    float low, high;
    bool folded;
  } cases[] = {
      {0, 6, true},          // like Relu6
      {0, 0.5f, true},       // the range ends where it clips
      {-0.25f, 0.5f, true},  // both ends are the range's
      {-100, 100, true},     // never clips: saturation is as good
      {0.5f, 6, false},      // the range contains 0, so integers below 0.5 exist
      {-6, -0.5f, false},    // ... and above -0.5
  };
  for (const auto& c : cases) {
    const Model model = conv_model()
                            .constant("lo", Tensor::scalar(c.low))
                            .constant("hi", Tensor::scalar(c.high))
                            .node("Clip", {"c", "lo", "hi"}, {"y"})
                            .output("y")
                            .done();
    const auto outcome = apply(model, "", {image()});
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(count_op(outcome->model.graph, "Clip"), c.folded ? 0 : 1) << c.low << " " << c.high;
    const Tensor reference = run(model, image(), false), simulated = run(outcome->model, image(), false);
    EXPECT_GT(distortion(reference.data<float>(), simulated.data<float>()).sqnr_db, 30) << c.low << " " << c.high;
  }
}

TEST(QuantizeStatic, ReluIsNotFoldedWhenItsInputHasOtherReaders) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).node("Add", {"c", "y"}, {"s"}).output("s").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(count_op(graph, "Relu"), 1);
  EXPECT_NE(pair_of(graph, "c")->zero_point, 0);
  EXPECT_EQ(pair_of(graph, "y")->zero_point, 0);
}

TEST(QuantizeStatic, AnOutputBetweenTwoNodesStaysFloatUnderItsName) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("c").output("y").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "c");
  EXPECT_EQ(graph.value(graph.outputs[1]).name, "y");
  for (ValueId id : graph.outputs) EXPECT_EQ(testing::producer_of(graph, id)->op_type, "DequantizeLinear");
}

TEST(QuantizeStatic, MoversShareTheParametersOfWhatTheyMove) {
  const Model model = conv_model()
                          .node("MaxPool", {"c"}, {"p"}, ints("kernel_shape", {2, 2}))
                          .node("Transpose", {"p"}, {"t"}, ints("perm", {0, 2, 3, 1}))
                          .node("Flatten", {"t"}, {"f"})
                          .output("f")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  const auto first = pair_of(graph, "c");
  ASSERT_TRUE(first);
  for (const char* name : {"p", "t", "f"}) {
    const auto other = pair_of(graph, name);
    ASSERT_TRUE(other) << name;
    EXPECT_EQ(other->quantize->inputs[1], first->quantize->inputs[1]) << name;
    EXPECT_EQ(other->quantize->inputs[2], first->quantize->inputs[2]) << name;
  }
}

TEST(QuantizeStatic, MoversAloneStayFloat) {
  const Model model = Build()
                          .input("x", kImage)
                          .node("Transpose", {"x"}, {"t"}, ints("perm", {0, 2, 3, 1}))
                          .node("Sin", {"t"}, {"s"})
                          .output("s")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(outcome.error().hint.find("nothing next to it is quantized"), std::string::npos);
}

TEST(QuantizeStatic, ConcatSharesOneScaleOverAllItsTensors) {
  const Model model = conv_model()
                          .weights("v", {3, 2, 3, 3}, 0.3f)
                          .node("Conv", {"x", "v"}, {"d"})
                          .node("Concat", {"c", "d"}, {"k"}, {{"axis", Attribute(int64_t{1})}})
                          .output("k")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  ASSERT_TRUE(pair_of(graph, "c") && pair_of(graph, "d") && pair_of(graph, "k"));
  EXPECT_EQ(pair_of(graph, "c")->scale, pair_of(graph, "k")->scale);
  EXPECT_EQ(pair_of(graph, "d")->scale, pair_of(graph, "k")->scale);
  const Tensor reference = run(model, image(), false), simulated = run(outcome->model, image(), false);
  EXPECT_GT(distortion(reference.data<float>(), simulated.data<float>()).sqnr_db, 30);
}

TEST(QuantizeStatic, ConstantOperandsAreQuantizedAsActivations) {
  const Model model = conv_model()
                          .constant("k", Tensor::of<float>({1, 3, 1, 1}, {-0.5f, 0.25f, 2.0f}))
                          .node("Mul", {"c", "k"}, {"m"})
                          .output("m")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  const Graph& graph = outcome->model.graph;
  const Node* k = dequantized_input(graph, *node_of(graph, "node_m"), 1);
  ASSERT_NE(k, nullptr);
  EXPECT_EQ(graph.value(k->inputs[0]).constant.dtype(), DType::kUint8);
  EXPECT_FLOAT_EQ(graph.value(k->inputs[1]).constant.data<float>()[0], 2.5f / 255);
}

TEST(QuantizeStatic, ShapesAreReadFromTheIntegers) {
  const Model model = Build()
                          .input("x", {-1, 2, 6, 6})  // with a known batch the shapes would be constants
                          .weights("w", {3, 2, 3, 3})
                          .node("Conv", {"x", "w"}, {"c"})
                          .node("Shape", {"c"}, {"s"})
                          .node("Shape", {"x"}, {"t"})
                          .node("Sin", {"c"}, {"y"})
                          .output("s")
                          .output("t")
                          .output("y")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  ASSERT_NE(node_of(graph, "node_s"), nullptr);
  EXPECT_EQ(graph.value(node_of(graph, "node_s")->inputs[0]).name, "c_quantized");
  EXPECT_EQ(graph.value(node_of(graph, "node_t")->inputs[0]).name, "x");
}

TEST(QuantizeStatic, WeightAxisIsTheOutputChannels) {
  const struct {
    const char* op;
    Dims input, weight;
    Attributes attributes;
    int64_t axis, scales;
  } cases[] = {
      {"Conv", {1, 4, 5, 5}, {6, 2, 3, 3}, {{"group", Attribute(int64_t{2})}}, 0, 6},
      {"MatMul", {2, 4}, {4, 5}, {}, 1, 5},
      {"Gemm", {2, 4}, {4, 5}, {}, 1, 5},
      {"Gemm", {2, 4}, {5, 4}, {{"transB", Attribute(int64_t{1})}}, 0, 5},
  };
  for (const auto& c : cases) {
    const Model model = Build()
                            .input("x", c.input)
                            .weights("w", c.weight)
                            .node(c.op, {"x", "w"}, {"y"}, c.attributes)
                            .output("y")
                            .done();
    const auto outcome = apply(model, "", {{{"x", filled(c.input, kSamples)}}});
    ASSERT_TRUE(outcome.ok()) << c.op << ": " << outcome.error().message;
    const Graph& graph = outcome->model.graph;
    const Node* w = dequantized_input(graph, *node_of(graph, "node_y"), 1);
    ASSERT_NE(w, nullptr) << c.op;
    EXPECT_EQ(w->int_attr("axis", -9), c.axis) << c.op;
    EXPECT_EQ(graph.value(w->inputs[1]).constant.size(), c.scales) << c.op;
    const auto per_tensor = apply(model, R"("per_channel":false)", {{{"x", filled(c.input, kSamples)}}});
    ASSERT_TRUE(per_tensor.ok()) << c.op;
    const Node* one = dequantized_input(per_tensor->model.graph, *node_of(per_tensor->model.graph, "node_y"), 1);
    EXPECT_FALSE(one->has("axis")) << c.op;
    EXPECT_EQ(per_tensor->model.graph.value(one->inputs[1]).constant.size(), 1) << c.op;
  }
}

TEST(QuantizeStatic, SharedWeightsAreStoredOnceAndSharedBiasesPerScale) {
  const Model model = conv_model()
                          .node("Conv", {"x", "w", "b"}, {"d"})
                          .node("Relu", {"x"}, {"r"})
                          .node("Conv", {"r", "w", "b"}, {"e"})
                          .output("c")
                          .output("d")
                          .output("e")
                          .done();
  const auto outcome = apply(model, "", {{{"x", filled(kImage, {0.5f, -2.0f})}}});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  const Node &c = *node_of(graph, "node_c"), &d = *node_of(graph, "node_d"), &e = *node_of(graph, "node_e");
  EXPECT_EQ(c.inputs[1], d.inputs[1]);
  EXPECT_EQ(c.inputs[1], e.inputs[1]);
  EXPECT_EQ(c.inputs[2], d.inputs[2]);
  EXPECT_NE(c.inputs[2], e.inputs[2]);  // another input scale, another bias
  EXPECT_EQ(graph.find_value("w"), kNoValue);
}

TEST(QuantizeStatic, ExcludedNodesAndOperatorsStayFloat) {
  const Model model = conv_model()
                          .weights("v", {2, 3, 3, 3})
                          .node("Conv", {"c", "v"}, {"d"})
                          .node("Add", {"d", "d"}, {"s"})
                          .output("s")
                          .done();
  const struct {
    const char* keys;
    bool c, d, s;
  } cases[] = {
      {R"("exclude_nodes":["node_c"])", false, true, true},
      {R"("nodes":["node_d"])", false, true, false},
      {R"("op_types":["Add"])", false, false, true},
      {R"("exclude_op_types":["Conv"])", false, false, true},
      {R"("op_types":["Conv"],"exclude_nodes":["node_d"])", true, false, false},
  };
  for (const auto& c : cases) {
    const auto outcome = apply(model, c.keys, {image()});
    ASSERT_TRUE(outcome.ok()) << c.keys;
    const Graph& graph = outcome->model.graph;
    EXPECT_EQ(dequantized_input(graph, *node_of(graph, "node_c"), 1) != nullptr, c.c) << c.keys;
    EXPECT_EQ(dequantized_input(graph, *node_of(graph, "node_d"), 1) != nullptr, c.d) << c.keys;
    EXPECT_EQ(reason_of(*outcome, "node_c").empty(), c.c) << c.keys;
    EXPECT_EQ(reason_of(*outcome, "node_d").empty(), c.d) << c.keys;
    EXPECT_EQ(reason_of(*outcome, "node_s").empty(), c.s) << c.keys;
  }
}

TEST(QuantizeStatic, ProductsOfTwoActivationsAreQuantizedOnBothSides) {
  const Model model = Build(13)
                          .input("x", {2, 3, 4})
                          .node("Relu", {"x"}, {"r"})
                          .node("Transpose", {"r"}, {"t"}, ints("perm", {0, 2, 1}))
                          .node("MatMul", {"x", "t"}, {"y"})
                          .output("y")
                          .done();
  const Feeds feeds = {{"x", filled({2, 3, 4}, kSamples)}};
  const auto outcome = apply(model, "", {feeds});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  for (size_t i : {0, 1}) EXPECT_NE(dequantized_input(graph, *node_of(graph, "node_y"), i), nullptr) << i;
  ASSERT_TRUE(pair_of(graph, "x") && pair_of(graph, "y"));
  const auto program = compile(outcome->model, {});
  ASSERT_TRUE(program.ok());
  bool integer = false;
  for (const Step& step : (*program)->steps) integer = integer || (step.op->name == "MatMul" && step.integer);
  EXPECT_TRUE(integer);
  const Tensor reference = run(model, feeds, false), quantized = run(outcome->model, feeds, true);
  EXPECT_GT(distortion(reference.data<float>(), quantized.data<float>()).sqnr_db, 35);
}

TEST(QuantizeStatic, UnknownNamesInListsAreRefused) {
  const Model model = conv_model().output("c").done();
  const struct {
    const char* keys;
    const char* where;
    const char* hint;
  } cases[] = {
      {R"("exclude_nodes":["node_C"])", "quantize_static.exclude_nodes", "node_c"},
      {R"("nodes":["nothing"])", "quantize_static.nodes", "node_c"},
      {R"("op_types":["Convv"])", "quantize_static.op_types", "Conv"},
      {R"("exclude_op_types":["If"])", "quantize_static.exclude_op_types", "Conv"},
      {R"("activation_type":"int8","weight_type":"uint8")", "quantize_static.weight_type", "int8"},
  };
  for (const auto& c : cases) {
    const auto outcome = apply(model, c.keys, {image()});
    ASSERT_FALSE(outcome.ok()) << c.keys;
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidRecipe) << c.keys;
    EXPECT_EQ(outcome.error().where, c.where);
    EXPECT_NE(outcome.error().hint.find(c.hint), std::string::npos) << outcome.error().hint;
  }
}

TEST(QuantizeStatic, WeightsThatAreInputsStayFloat) {
  const Model model = conv_model().input("v", {2, 3, 1, 1}).node("Conv", {"c", "v"}, {"d"}).output("d").done();
  Feeds feeds = image();
  feeds.emplace("v", filled({2, 3, 1, 1}, kSamples));
  const auto outcome = apply(model, "", {feeds});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(reason_of(*outcome, "node_d"), "its weight \"v\" is not a constant");
  EXPECT_TRUE(reason_of(*outcome, "node_c").empty());
}

TEST(QuantizeStatic, InitializersOfOldModelsAreNoLongerInputs) {
  Model model = conv_model(13).output("c").done();
  model.ir_version = 3;
  model.graph.initializer_inputs = {model.graph.find_value("w"), model.graph.find_value("b")};
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok());
  EXPECT_GE(outcome->model.ir_version, 4);
  EXPECT_TRUE(outcome->model.graph.initializer_inputs.empty());
}

TEST(QuantizeStatic, QuantizedModelsAreRefused) {
  const auto once = apply(conv_model().output("c").done(), "", {image()});
  ASSERT_TRUE(once.ok());
  const auto twice = apply(once->model, "", {image()});
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(twice.error().message, "The model is quantized already");
}

TEST(QuantizeStatic, TwoStepsCanQuantizeDifferentParts) {
  const Model model = conv_model()
                          .node("Flatten", {"c"}, {"f"})
                          .weights("v", {48, 5})
                          .node("Gemm", {"f", "v"}, {"g"})
                          .output("g")
                          .done();
  const auto first = apply(model, R"("op_types":["Conv"])", {image()});
  ASSERT_TRUE(first.ok()) << first.error().message;
  const auto outcome = apply(first->model, R"("op_types":["Gemm"],"per_channel":false)", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  EXPECT_TRUE(dequantized_input(graph, *node_of(graph, "node_c"), 1)->has("axis"));
  ASSERT_NE(dequantized_input(graph, *node_of(graph, "node_g"), 1), nullptr);
  EXPECT_FALSE(dequantized_input(graph, *node_of(graph, "node_g"), 1)->has("axis"));
}

TEST(QuantizeStatic, OpsetIsKeptWhereItSuffices) {
  const struct {
    int64_t opset;
    bool per_channel;
    int64_t after;
  } cases[] = {{17, true, 17}, {13, true, 13}, {12, false, 12}, {10, false, 10},
               {12, true, 13}, {9, false, 13}, {7, true, 13}};
  for (const auto& c : cases) {
    const Model model = conv_model(c.opset).node("Relu", {"c"}, {"y"}).output("y").done();
    const auto outcome = apply(model, c.per_channel ? "" : R"("per_channel":false)", {image()});
    ASSERT_TRUE(outcome.ok()) << c.opset << ": " << outcome.error().message;
    EXPECT_EQ(outcome->model.opset(), c.after) << c.opset;
  }
}

TEST(QuantizeStatic, BatchNormalizationIsFoldedFirst) {
  const Model model = conv_model()
                          .constant("g", Tensor::of<float>({3}, {1.5f, 0.5f, -1.0f}))
                          .constant("h", Tensor::of<float>({3}, {0.1f, 0.2f, 0.3f}))
                          .constant("m", Tensor::of<float>({3}, {0.0f, 0.1f, -0.1f}))
                          .constant("v", Tensor::of<float>({3}, {1.0f, 2.0f, 0.5f}))
                          .node("BatchNormalization", {"c", "g", "h", "m", "v"}, {"n"})
                          .node("Relu", {"n"}, {"y"})
                          .output("y")
                          .done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(count_op(outcome->model.graph, "BatchNormalization"), 0);
  EXPECT_EQ(count_op(outcome->model.graph, "Relu"), 0);
  const Tensor reference = run(model, image(), false), simulated = run(outcome->model, image(), false);
  EXPECT_GT(distortion(reference.data<float>(), simulated.data<float>()).sqnr_db, 30);
  for (const Node& node : outcome->model.graph.nodes) {
    for (const auto& [key, attribute] : node.attributes) EXPECT_NE(key.substr(0, 9), "halftone.") << node.name;
  }
}

TEST(QuantizeStatic, OutputNamesSurviveSimplification) {
  const Model model =
      conv_model().node("Identity", {"c"}, {"y"}).node("Identity", {"x"}, {"z"}).output("y").output("z").done();
  const auto outcome = apply(model, "", {image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Graph& graph = outcome->model.graph;
  EXPECT_EQ(graph.value(graph.outputs[0]).name, "y");
  EXPECT_EQ(graph.value(graph.outputs[1]).name, "z");
}

TEST(QuantizeStatic, SoftmaxAtTheEndStaysFloatUnlessAskedFor) {
  const Model model = Build()
                          .input("x", {2, 4})
                          .weights("w", {4, 5})
                          .node("MatMul", {"x", "w"}, {"m"})
                          .node("Softmax", {"m"}, {"s"})
                          .output("s")
                          .done();
  const Feeds feeds = {{"x", filled({2, 4}, kSamples)}};
  const auto plain = apply(model, "", {feeds});
  ASSERT_TRUE(plain.ok());
  EXPECT_FALSE(reason_of(*plain, "node_s").empty());
  const auto asked = apply(model, R"("op_types":["MatMul","Softmax"])", {feeds});
  ASSERT_TRUE(asked.ok());
  const auto s = pair_of(asked->model.graph, "s");
  ASSERT_TRUE(s);
  EXPECT_FLOAT_EQ(s->scale, 1.0f / 255);  // known beforehand, whatever was seen
  EXPECT_EQ(s->zero_point, 0);
}

TEST(QuantizeStatic, NonFiniteValuesAreLeftOutAndReported) {
  const Model model = conv_model().output("c").done();
  Feeds bad = {{"x", filled(kImage, {0.5f, NAN, INFINITY})}};
  const auto outcome = apply(model, "", {bad, image()});
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Json& warnings = *outcome->report.find("warnings");
  ASSERT_FALSE(warnings.as_array().empty());
  EXPECT_EQ(warnings.as_array()[0].find("where")->as_string(), "x");
  EXPECT_FLOAT_EQ(pair_of(outcome->model.graph, "x")->scale, 2.0f / 255);
}

TEST(QuantizeStatic, WrongCalibrationDataNamesTheInput) {
  const Model model = conv_model().output("c").done();
  const std::vector<Feeds> cases = {
      {{"y", filled(kImage, kSamples)}},
      {{"x", filled({1, 2, 6, 7}, kSamples)}},
      {{"x", filled(kImage, kSamples)}, {"extra", filled(kImage, kSamples)}},
      {{"x", Tensor::of<int64_t>({1}, {1})}},
      {},
  };
  for (const Feeds& feeds : cases) {
    const auto outcome = apply(model, "", {image(), feeds});
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidInput);
    EXPECT_FALSE(outcome.error().where.empty());
  }
}

TEST(QuantizeStatic, SameInputSameBytes) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  const auto a = apply(model, "", {image()}), b = apply(model, "", {image()});
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(*write_model(a->model), *write_model(b->model));
  EXPECT_EQ(a->report.dump(), b->report.dump());
}

TEST(QuantizeStatic, TheGivenModelIsNotTouched) {
  const Model model = conv_model().node("Relu", {"c"}, {"y"}).output("y").done();
  const std::string before = *write_model(model);
  ASSERT_TRUE(apply(model, "", {image()}).ok());
  EXPECT_EQ(*write_model(model), before);
}

}  // namespace
}  // namespace halftone
