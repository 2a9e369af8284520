// Every adapter on a small graph: the converted nodes and constants, written out. That the numbers stay the same is
// tested on whole models (tests/conformance/models/opset_test.cc).
#include "core/passes/canonicalize/raise_opset.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/passes/canonicalize/opset/adapter.h"
#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::Build;

// print() and, behind it, the contents of small constants.
std::string describe(const Graph& graph) {
  std::string out = print(graph);
  for (const Value& value : graph.values) {
    if (!value.is_constant() || value.constant.size() > 8) continue;
    out += "%" + value.name + " = " + std::string(dtype_name(value.constant.dtype())) +
           to_string(value.constant.dims()) + " {";
    const auto numbers = to_floats(value.constant);
    for (size_t i = 0; numbers.ok() && i < numbers->size(); ++i) {
      char text[32];
      std::snprintf(text, sizeof text, i ? ", %g" : "%g", static_cast<double>((*numbers)[i]));
      out += text;
    }
    out += "}\n";
  }
  return out;
}

Attribute ints(std::vector<int64_t> values) { return Attribute(std::move(values)); }
Attribute floats(std::vector<float> values) { return Attribute(std::move(values)); }
Attribute text(std::string value) { return Attribute(std::move(value)); }
Attribute integer(int64_t value) { return Attribute(value); }
Attribute real(float value) { return Attribute(value); }

struct Case {
  const char* name;
  int64_t from, to;
  std::function<void(Build&)> build;  // x: [2, 3, 4, 5], output y
  const char* expected;
};

// `op`(x, others...) with attributes.
std::function<void(Build&)> unary(const char* op, Attributes attributes) {
  return [=](Build& b) { b.node(op, {"x"}, {"y"}, attributes); };
}

const Case kCases[] = {
    {"SqueezeAxes", 12, 13, unary("Unsqueeze", {{"axes", ints({0, 5})}}),
     "(%x)\n  %y = Unsqueeze(%x, %y_axes)\nreturn %y\n%y_axes = int64[2] {0, 5}\n"},
    {"ReduceSumAxes", 11, 13, unary("ReduceSum", {{"axes", ints({-1})}, {"keepdims", integer(0)}}),
     "(%x)\n  %y = ReduceSum(%x, %y_axes) {keepdims=0}\nreturn %y\n%y_axes = int64[1] {-1}\n"},
    {"ReduceSumOfEverything", 11, 13, unary("ReduceSum", {}), "(%x)\n  %y = ReduceSum(%x)\nreturn %y\n"},
    {"ReduceMeanKeepsAttributeBefore18", 12, 17, unary("ReduceMean", {{"axes", ints({2, 3})}}),
     "(%x)\n  %y = ReduceMean(%x) {axes=[2, 3]}\nreturn %y\n"},
    {"ReduceMeanAxes", 12, 18, unary("ReduceMean", {{"axes", ints({2, 3})}}),
     "(%x)\n  %y = ReduceMean(%x, %y_axes)\nreturn %y\n%y_axes = int64[2] {2, 3}\n"},
    {"SplitSizes", 11, 18,
     [](Build& b) { b.node("Split", {"x"}, {"y", "z"}, {{"axis", integer(2)}, {"split", ints({1, 3})}}).output("z"); },
     "(%x)\n  %y, %z = Split(%x, %y_split) {axis=2}\nreturn %z, %y\n%y_split = int64[2] {1, 3}\n"},
    {"SplitEqually", 11, 18,
     [](Build& b) { b.node("Split", {"x"}, {"y", "z"}, {{"axis", integer(2)}}).output("z"); },
     "(%x)\n  %y, %z = Split(%x) {axis=2, num_outputs=2}\nreturn %z, %y\n"},
    {"ReshapeShape", 1, 5, unary("Reshape", {{"shape", ints({6, 20})}, {"consumed_inputs", ints({0})}}),
     "(%x)\n  %y = Reshape(%x, %y_shape)\nreturn %y\n%y_shape = int64[2] {6, 20}\n"},

    {"ClipBounds", 7, 11, unary("Clip", {{"min", real(0)}, {"max", real(6)}}),
     "(%x)\n  %y = Clip(%x, %y_min, %y_max)\nreturn %y\n%y_min = float32[] {0}\n%y_max = float32[] {6}\n"},
    {"ClipOnlyMax", 7, 11, unary("Clip", {{"max", real(6)}}),
     "(%x)\n  %y = Clip(%x, _, %y_max)\nreturn %y\n%y_max = float32[] {6}\n"},
    {"ClipWithoutBounds", 7, 13, unary("Clip", {}), "(%x)\n  %y = Clip(%x)\nreturn %y\n"},
    {"PadOldest", 1, 11, unary("Pad", {{"paddings", ints({0, 0, 1, 1, 0, 0, 1, 1})}, {"value", real(2)}}),
     "(%x)\n  %y = Pad(%x, %y_pads, %y_value)\nreturn %y\n%y_pads = int64[8] {0, 0, 1, 1, 0, 0, 1, 1}\n"
     "%y_value = float32[] {2}\n"},
    {"PadMode", 2, 11, unary("Pad", {{"pads", ints({0, 0, 1, 1, 0, 0, 1, 1})}, {"mode", text("reflect")}}),
     "(%x)\n  %y = Pad(%x, %y_pads) {mode=\"reflect\"}\nreturn %y\n%y_pads = int64[8] {0, 0, 1, 1, 0, 0, 1, 1}\n"},
    {"SliceRanges", 9, 13, unary("Slice", {{"starts", ints({1})}, {"ends", ints({3})}, {"axes", ints({2})}}),
     "(%x)\n  %y = Slice(%x, %y_starts, %y_ends, %y_axes)\nreturn %y\n%y_starts = int64[1] {1}\n"
     "%y_ends = int64[1] {3}\n%y_axes = int64[1] {2}\n"},
    {"TopK", 1, 10,
     [](Build& b) { b.node("TopK", {"x"}, {"y", "i"}, {{"k", integer(2)}, {"axis", integer(3)}}).output("i"); },
     "(%x)\n  %y, %i = TopK(%x, %y_k) {axis=3}\nreturn %i, %y\n%y_k = int64[1] {2}\n"},
    {"DropoutRatio", 7, 12, unary("Dropout", {{"ratio", real(0.25f)}}),
     "(%x)\n  %y = Dropout(%x, %y_ratio)\nreturn %y\n%y_ratio = float32[] {0.25}\n"},
    {"DropoutIsTest", 6, 7, unary("Dropout", {{"is_test", integer(1)}}), "(%x)\n  %y = Dropout(%x)\nreturn %y\n"},
    {"TileAxis", 1, 6,
     [](Build& b) {
       b.constant("n", Tensor::of<float>({1}, {3})).constant("a", Tensor::of<float>({1}, {1}));
       b.node("Tile", {"x", "n", "a"}, {"y"});
     },
     "(%x)\n  %y = Tile(%x, %y_repeats)\nreturn %y\n%y_repeats = int64[4] {1, 3, 1, 1}\n"},
    {"DftAxis", 17, 20, unary("DFT", {{"axis", integer(2)}}),
     "(%x)\n  %y = DFT(%x, _, %y_axis)\nreturn %y\n%y_axis = int64[] {2}\n"},

    {"AddBroadcastAxis", 6, 7,
     [](Build& b) {
       b.constant("b", Tensor::of<float>({3}, {1, 2, 3}));
       b.node("Add", {"x", "b"}, {"y"}, {{"broadcast", integer(1)}, {"axis", integer(1)}});
     },
     "(%x)\n  %y = Add(%x, %y_aligned)\nreturn %y\n%y_aligned = float32[3, 1, 1] {1, 2, 3}\n"},
    {"MulBroadcastOfAnInput", 6, 7,
     [](Build& b) {
       b.input("b", {3, 4});
       b.node("Mul", {"x", "b"}, {"y"}, {{"broadcast", integer(1)}, {"axis", integer(1)}});
     },
     "(%x, %b)\n  %y_aligned = Unsqueeze(%b) {axes=[2]}\n  %y = Mul(%x, %y_aligned)\nreturn %y\n"},
    {"MulBroadcastAddedAt7IsConvertedAt13", 6, 13,
     [](Build& b) {
       b.input("b", {3, 4});
       b.node("Mul", {"x", "b"}, {"y"}, {{"broadcast", integer(1)}, {"axis", integer(1)}});
     },
     "(%x, %b)\n  %y_aligned = Unsqueeze(%b, %y_aligned_axes)\n  %y = Mul(%x, %y_aligned)\nreturn %y\n"
     "%y_aligned_axes = int64[1] {2}\n"},
    {"AddSuffix", 6, 7,
     [](Build& b) {
       b.constant("b", Tensor::of<float>({5}, {1, 2, 3, 4, 5}));
       b.node("Add", {"x", "b"}, {"y"}, {{"broadcast", integer(1)}});
     },
     "(%x)\n  %y = Add(%x, %b)\nreturn %y\n%b = float32[5] {1, 2, 3, 4, 5}\n"},
    {"PReluSlopes", 6, 7,
     [](Build& b) { b.constant("s", Tensor::of<float>({3}, {1, 2, 3})).node("PRelu", {"x", "s"}, {"y"}); },
     "(%x)\n  %y = PRelu(%x, %y_aligned)\nreturn %y\n%y_aligned = float32[3, 1, 1] {1, 2, 3}\n"},
    {"GemmBroadcast", 6, 7,
     [](Build& b) {
       b.input("m", {2, 2}).input("n", {2, 2}).input("c", {2});
       b.node("Gemm", {"m", "n", "c"}, {"z"}, {{"broadcast", integer(1)}}).node("Relu", {"z"}, {"y"});
     },
     "(%x, %m, %n, %c)\n  %z = Gemm(%m, %n, %c)\n  %y = Relu(%z)\nreturn %y\n"},

    {"SoftmaxLastAxis", 12, 13, unary("Softmax", {{"axis", integer(3)}}),
     "(%x)\n  %y = Softmax(%x) {axis=-1}\nreturn %y\n"},
    {"SoftmaxFlattened", 12, 13, unary("Softmax", {}),
     "(%x)\n  %y_flat = Flatten(%x) {axis=1}\n  %y_rows = Softmax(%y_flat) {axis=-1}\n  %y_shape = Shape(%x)\n"
     "  %y = Reshape(%y_rows, %y_shape)\nreturn %y\n"},
    {"LogSoftmaxNegativeAxis", 11, 13, unary("LogSoftmax", {{"axis", integer(-2)}}),
     "(%x)\n  %y_flat = Flatten(%x) {axis=-2}\n  %y_rows = LogSoftmax(%y_flat) {axis=-1}\n  %y_shape = Shape(%x)\n"
     "  %y = Reshape(%y_rows, %y_shape)\nreturn %y\n"},
    {"SoftmaxOverOnes", 7, 13,
     [](Build& b) {
       b.constant("s", Tensor::of<int64_t>({4}, {1, 120, 1, 1}));
       b.node("Reshape", {"x", "s"}, {"r"}).node("Softmax", {"r"}, {"y"});
     },
     "(%x)\n  %r = Reshape(%x, %s)\n  %y = Softmax(%r) {axis=1}\nreturn %y\n%s = int64[4] {1, 120, 1, 1}\n"},
    {"HardmaxOneBehindOnes", 7, 13,
     [](Build& b) {
       b.constant("s", Tensor::of<int64_t>({3}, {1, 1, 120}));
       b.node("Reshape", {"x", "s"}, {"r"}).node("Hardmax", {"r"}, {"y"});
     },
     "(%x)\n  %r = Reshape(%x, %s)\n  %y = Hardmax(%r) {axis=2}\nreturn %y\n%s = int64[3] {1, 1, 120}\n"},

    {"UpsampleOldest", 1, 7,
     unary("Upsample", {{"height_scale", real(2)}, {"width_scale", real(3)}, {"mode", text("nearest")}}),
     "(%x)\n  %y = Upsample(%x) {mode=\"nearest\", scales=[1, 1, 2, 3]}\nreturn %y\n"},
    {"UpsampleToResize", 7, 13, unary("Upsample", {{"scales", floats({1, 1, 2, 2})}, {"mode", text("nearest")}}),
     "(%x)\n  %y = Resize(%x, %y_roi, %y_scales) {coordinate_transformation_mode=\"asymmetric\", mode=\"nearest\", "
     "nearest_mode=\"floor\"}\nreturn %y\n%y_scales = float32[4] {1, 1, 2, 2}\n%y_roi = float32[0] {}\n"},
    {"ResizeLinear", 10, 11,
     [](Build& b) {
       b.constant("s", Tensor::of<float>({4}, {1, 1, 0.5f, 0.5f}));
       b.node("Resize", {"x", "s"}, {"y"}, {{"mode", text("linear")}});
     },
     "(%x)\n  %y = Resize(%x, %y_roi, %s) {coordinate_transformation_mode=\"asymmetric\", mode=\"linear\"}\nreturn %y\n"
     "%s = float32[4] {1, 1, 0.5, 0.5}\n%y_roi = float32[0] {}\n"},
    {"ResizeNearestSmaller", 10, 11,
     [](Build& b) {
       b.constant("s", Tensor::of<float>({4}, {1, 1, 0.5f, 0.375f}));
       b.node("Resize", {"x", "s"}, {"y"}, {{"mode", text("nearest")}});
     },
     "(%x)\n  %y = Resize(%x, %y_roi, %s) {coordinate_transformation_mode=\"asymmetric\", mode=\"nearest\", "
     "nearest_mode=\"ceil\"}\nreturn %y\n%s = float32[4] {1, 1, 0.5, 0.375}\n%y_roi = float32[0] {}\n"},
    {"GridSampleMode", 16, 20,
     [](Build& b) { b.input("g", {2, 4, 5, 2}).node("GridSample", {"x", "g"}, {"y"}, {{"mode", text("bicubic")}}); },
     "(%x, %g)\n  %y = GridSample(%x, %g) {mode=\"cubic\"}\nreturn %y\n"},

    {"BatchNormalization", 6, 14,
     [](Build& b) {
       b.weights("s", {3}).weights("o", {3}).weights("m", {3}).constant("v", Tensor::of<float>({3}, {1, 1, 1}));
       b.node("BatchNormalization", {"x", "s", "o", "m", "v"}, {"y", "unused"},
              {{"is_test", integer(1)}, {"spatial", integer(1)}, {"epsilon", real(0.5f)}});
       b.node("Relu", {"y"}, {"r"});
     },
     "(%x)\n  %y = BatchNormalization(%x, %s, %o, %m, %v) {epsilon=0.5}\nreturn %y\n%s = float32[3] {0.01, -0.02, 0.03}\n"
     "%o = float32[3] {0.01, -0.02, 0.03}\n%m = float32[3] {0.01, -0.02, 0.03}\n%v = float32[3] {1, 1, 1}\n"},
    {"GroupNormalizationPerChannel", 18, 21,
     [](Build& b) {
       b.input("g", {1, 4, 2}).constant("s", Tensor::of<float>({2}, {1, 2})).constant("o", Tensor::of<float>({2}, {3, 4}));
       b.node("GroupNormalization", {"g", "s", "o"}, {"y"}, {{"num_groups", integer(2)}});
     },
     "(%x, %g)\n  %y = GroupNormalization(%g, %y_scale, %y_bias) {num_groups=2}\nreturn %y\n"
     "%y_scale = float32[4] {1, 1, 2, 2}\n%y_bias = float32[4] {3, 3, 4, 4}\n"},

    {"CastName", 1, 6, unary("Cast", {{"to", text("INT64")}}), "(%x)\n  %y = Cast(%x) {to=7}\nreturn %y\n"},
    {"ConcatDefaultAxis", 1, 4,
     [](Build& b) { b.node("Concat", {"x", "x"}, {"y"}); },
     "(%x)\n  %y = Concat(%x, %x) {axis=1}\nreturn %y\n"},
    {"LpPoolNorm", 1, 2, unary("GlobalLpPool", {{"p", real(2)}}), "(%x)\n  %y = GlobalLpPool(%x) {p=2}\nreturn %y\n"},
    {"ConsumedInputs", 1, 6, unary("Relu", {{"consumed_inputs", ints({1})}}), "(%x)\n  %y = Relu(%x)\nreturn %y\n"},
    {"ScatterElements", 9, 11,
     [](Build& b) {
       b.input("i", {1, 1, 1, 1}, DType::kInt64).input("u", {1, 1, 1, 1});
       b.node("Scatter", {"x", "i", "u"}, {"y"}, {{"axis", integer(2)}});
     },
     "(%x, %i, %u)\n  %y = ScatterElements(%x, %i, %u) {axis=2}\nreturn %y\n"},
    {"Affine", 7, 13, unary("Affine", {{"alpha", real(2)}, {"beta", real(3)}}),
     "(%x)\n  %y_scaled = Mul(%x, %y_alpha)\n  %y = Add(%y_scaled, %y_beta)\nreturn %y\n%y_alpha = float32[] {2}\n"
     "%y_beta = float32[] {3}\n"},
    {"ImageScaler", 7, 13, unary("ImageScaler", {{"scale", real(0.5f)}, {"bias", floats({1, 2, 3})}}),
     "(%x)\n  %y_scaled = Mul(%x, %y_scale)\n  %y = Add(%y_scaled, %y_bias)\nreturn %y\n%y_scale = float32[] {0.5}\n"
     "%y_bias = float32[3, 1, 1] {1, 2, 3}\n"},
    {"Crop", 7, 13, unary("Crop", {{"border", ints({1, 2, 0, 1})}}),
     "(%x)\n  %y = Slice(%x, %y_starts, %y_ends, %y_axes)\nreturn %y\n%y_starts = int64[2] {2, 1}\n"
     "%y_ends = int64[2] {-1, 9.22337e+18}\n%y_axes = int64[2] {2, 3}\n"},
    {"ScaledTanh", 7, 13, unary("ScaledTanh", {{"alpha", real(2)}, {"beta", real(3)}}),
     "(%x)\n  %y_inner = Mul(%x, %y_beta)\n  %y_curve = Tanh(%y_inner)\n  %y = Mul(%y_curve, %y_alpha)\nreturn %y\n"
     "%y_beta = float32[] {3}\n%y_alpha = float32[] {2}\n"},
    {"UnchangedOperatorsCarryOver", 7, 25, unary("Relu", {}), "(%x)\n  %y = Relu(%x)\nreturn %y\n"},
};

TEST(RaiseOpset, EveryAdapter) {
  for (const Case& c : kCases) {
    Build build(c.from, 4);
    build.input("x", {2, 3, 4, 5});
    c.build(build);
    const Model model = build.output("y").take();
    const std::string before = describe(model.graph);
    auto raised = raise_opset(model, c.to);
    ASSERT_TRUE(raised.ok()) << c.name << ": " << raised.error().message;
    EXPECT_EQ(describe(raised->graph), c.expected) << c.name;
    EXPECT_EQ(raised->opset(), c.to) << c.name;
    EXPECT_EQ(describe(model.graph), before) << c.name << " changed the model it was given";
  }
}

struct Refusal {
  const char* name;
  int64_t from, to;
  std::function<void(Build&)> build;
  const char* says;
};

const Refusal kRefusals[] = {
    {"Scan", 8, 9, unary("Scan", {}), "Scan cannot be converted to opset 9"},
    {"PerElementStatistics", 7, 9,
     [](Build& b) {
       b.node("BatchNormalization", {"x", "x", "x", "x", "x"}, {"y"}, {{"spatial", integer(0)}});
     },
     "spatial = 0"},
    {"TrainingOutputs", 9, 14,
     [](Build& b) {
       b.node("BatchNormalization", {"x", "x", "x", "x", "x"}, {"y", "mean"}).output("mean");
     },
     "training outputs"},
    {"UnknownTiles", 1, 6,
     [](Build& b) {
       b.input("n", {1}).input("a", {1}).node("Tile", {"x", "n", "a"}, {"y"});
     },
     "not known"},
    {"NoSuchType", 1, 6, unary("Cast", {{"to", text("QUATERNION")}}), "'QUATERNION' is no element type"},
};

TEST(RaiseOpset, SaysWhatItCannotConvert) {
  for (const Refusal& c : kRefusals) {
    Build build(c.from, 4);
    build.input("x", {2, 3, 4, 5});
    c.build(build);
    const Model model = build.output("y").take();
    auto raised = raise_opset(model, c.to);
    ASSERT_FALSE(raised.ok()) << c.name;
    EXPECT_EQ(raised.error().code, ErrorCode::kUnsupportedOperator) << c.name;
    EXPECT_EQ(raised.error().where, "node_y") << c.name;
    EXPECT_NE(raised.error().message.find(c.says), std::string::npos) << c.name << ": " << raised.error().message;
    EXPECT_FALSE(raised.error().hint.empty());
  }
}

TEST(RaiseOpset, NeverLowers) {
  const Model model = Build(17).input("x", {2}).node("Relu", {"x"}, {"y"}).output("y").done();
  auto same = raise_opset(model, 13);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->opset(), 17);
  EXPECT_FALSE(raise_opset(model, kMaxOpset + 1).ok());
}

TEST(RaiseOpset, RaisesTheIrVersion) {
  const Model model = Build(7, 3).input("x", {2}).node("Relu", {"x"}, {"y"}).output("y").done();
  EXPECT_EQ(raise_opset(model, 8)->ir_version, 3);
  EXPECT_EQ(raise_opset(model, 13)->ir_version, 7);
  EXPECT_EQ(raise_opset(model, 21)->ir_version, 10);
  const Model newer = Build(7, 9).input("x", {2}).node("Relu", {"x"}, {"y"}).output("y").done();
  EXPECT_EQ(raise_opset(newer, 13)->ir_version, 9);
}

// Weights had to be inputs before IR version 4; afterwards that would make them replaceable.
TEST(RaiseOpset, WeightsStopBeingInputs) {
  Model model = Build(7, 3).input("x", {2}).weights("w", {2}).node("Add", {"x", "w"}, {"y"}).output("y").done();
  model.graph.initializer_inputs = {model.graph.find_value("w")};
  EXPECT_TRUE(raise_opset(model, 13)->graph.initializer_inputs.empty());
  EXPECT_EQ(raise_opset(model, 8)->graph.initializer_inputs.size(), 1u);
}

Graph branch(const char* op, Attributes attributes, const char* output) {
  Graph graph;
  const ValueId x = graph.add_value("x");
  graph.value(x).from_outer_scope = true;
  const ValueId y = graph.add_value(output);
  Node node;
  node.op_type = op;
  node.inputs = {x};
  node.outputs = {y};
  node.attributes = std::move(attributes);
  graph.nodes.push_back(std::move(node));
  graph.outputs = {y};
  return graph;
}

TEST(RaiseOpset, ConvertsSubgraphs) {
  const auto then = std::make_shared<const Graph>(branch("Squeeze", {{"axes", ints({0})}}, "a"));
  const auto other = std::make_shared<const Graph>(branch("Identity", {}, "b"));
  const Model model =
      Build(11)
          .input("x", {1, 2})
          .input("c", {}, DType::kBool)
          .node("If", {"c"}, {"y"},
                {{"then_branch", Attribute(GraphPtr(then))}, {"else_branch", Attribute(GraphPtr(other))}})
          .output("y")
          .done();
  auto raised = raise_opset(model, 13);
  ASSERT_TRUE(raised.ok()) << raised.error().message;
  const GraphPtr converted = raised->graph.nodes[0].graph_attr("then_branch");
  EXPECT_EQ(describe(*converted), "()\n  %a = Squeeze(%x, %a_axes)\nreturn %a\n%a_axes = int64[1] {0}\n");
  EXPECT_TRUE(then->nodes[0].has("axes"));
}

// Function bodies have no initializers.
TEST(RaiseOpset, ConvertsLocalFunctions) {
  Model model = Build(11).input("x", {1, 2}).node("Relu", {"x"}, {"y"}).output("y").done();
  Function function;
  function.name = "F";
  function.domain = "local";
  function.opset_imports[""] = 11;
  function.body = branch("Squeeze", {{"axes", ints({0})}}, "a");
  function.body.value(0).from_outer_scope = false;
  function.body.inputs = {0};
  model.functions.push_back(function);
  auto raised = raise_opset(model, 13);
  ASSERT_TRUE(raised.ok()) << raised.error().message;
  EXPECT_EQ(raised->functions[0].opset_imports[""], 13);
  EXPECT_EQ(describe(raised->functions[0].body),
            "(%x)\n  %a_axes = Constant() {value=<int64 [1]>}\n  %a = Squeeze(%x, %a_axes)\nreturn %a\n");
  model.functions[0].body.nodes[0].attributes["axes"] = Attribute();
  model.functions[0].body.nodes[0].attributes["axes"].ref_name = "which";
  EXPECT_FALSE(raise_opset(model, 13).ok());
}

TEST(RaiseOpset, OtherDomainsStayAsTheyAre) {
  Build build(11);
  build.input("x", {1, 2}).node("Squeeze", {"x"}, {"y"}, {{"axes", ints({0})}});
  Model model = build.output("y").take();
  model.graph.nodes[0].domain = "com.example";
  auto raised = raise_opset(model, 13);
  ASSERT_TRUE(raised.ok());
  EXPECT_TRUE(raised->graph.nodes[0].has("axes"));
}

// An adapter for a change that never happened would never run.
TEST(RaiseOpset, AdaptersMatchTheHistory) {
  for (const auto table : {axes_adapters(), broadcast_adapters(), input_adapters(), normalization_adapters(),
                           resize_adapters(), softmax_adapters()}) {
    for (const OpsetAdapter& row : table) {
      EXPECT_TRUE(changed_at(row.op, row.to)) << row.op << " " << row.to;
      EXPECT_FALSE(carries_over(row.op, row.to)) << row.op;
    }
  }
  for (const OpsetAdapter& row : legacy_adapters()) {
    EXPECT_TRUE(row.to == 10 || changed_at(row.op, row.to)) << row.op << " " << row.to;  // 10: experimental operators
  }
  EXPECT_TRUE(carries_over("Conv", 11));
  EXPECT_FALSE(carries_over("Scan", 9));
}

}  // namespace
}  // namespace halftone
