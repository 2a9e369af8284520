// Session on a small network: what it tells about a model, running, taps, export, comparison.
#include "core/session/session.h"

#include <gtest/gtest.h>

#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::Build;

// Conv 3x3 (1 -> 2) on 4x4 -> Relu -> Flatten -> Gemm to 3.
Model small_network(float step = 0.01f) {
  return Build()
      .input("x", {1, 1, 4, 4})
      .weights("w", {2, 1, 3, 3}, step)
      .weights("b", {2}, step)
      .weights("fw", {8, 3}, step)
      .node("Conv", {"x", "w", "b"}, {"c"})
      .node("Relu", {"c"}, {"r"})
      .node("Flatten", {"r"}, {"f"})
      .node("Gemm", {"f", "fw"}, {"y"})
      .output("y")
      .done();
}

std::shared_ptr<Session> open(Model model) {
  auto session = Session::from_model(std::move(model));
  EXPECT_TRUE(session.ok());
  return *session;
}

Feeds feeds() {
  std::vector<float> x(16);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 5) * 0.25f - 0.6f;
  return {{"x", Tensor::of<float>({1, 1, 4, 4}, x)}};
}

double number(const Json& object, std::string_view key) { return object.find(key)->as_number(); }

TEST(Session, SummaryCountsTheModel) {
  const Json summary = open(small_network())->summary();
  EXPECT_EQ(number(summary, "nodes"), 4);
  EXPECT_EQ(number(summary, "parameters"), 2 * 9 + 2 + 24);
  // Conv: 2 channels x 2x2 positions x 9 taps; Gemm: 8 x 3.
  EXPECT_EQ(number(summary, "macs"), 2 * 4 * 9 + 24);
  EXPECT_EQ(number(summary, "opset"), 13);
  EXPECT_EQ(number(summary, "irVersion"), 8);
  EXPECT_FALSE(summary.find("quantized")->as_bool());
  EXPECT_TRUE(summary.find("unsupported")->as_array().empty());
  EXPECT_EQ(summary.find("operators")->as_array().size(), 4u);
  const Json& input = summary.find("inputs")->as_array().at(0);
  EXPECT_EQ(input.dump(), R"({"name":"x","type":"float32","shape":[1,1,4,4]})");
}

TEST(Session, GraphShowsScalesAndZeroPoints) {
  const Model model = Build()
                          .input("x", {4, 2})
                          .constant("s", Tensor::scalar<float>(0.5f))
                          .constant("z", Tensor::scalar<uint8_t>(7))
                          .constant("w", Tensor::of<int8_t>({2, 3}, {1, 2, 3, 4, 5, 6}))
                          .constant("ws", Tensor::of<float>({3}, {0.25f, 0.5f, 1.0f}))
                          .node("QuantizeLinear", {"x", "s", "z"}, {"q"})
                          .node("DequantizeLinear", {"q", "s", "z"}, {"d"})
                          .node("DequantizeLinear", {"w", "ws"}, {"wd"}, {{"axis", Attribute(int64_t{1})}})
                          .node("MatMul", {"d", "wd"}, {"y"})
                          .output("y")
                          .done();
  const Json graph = open(model)->graph();
  const auto quant_of = [&](std::string_view name) {
    for (const Json& value : graph.find("values")->as_array()) {
      if (value.find("name")->as_string() != name) continue;
      const Json* quant = value.find("quant");
      return quant == nullptr ? std::string() : quant->dump();
    }
    return std::string("no such value");
  };
  EXPECT_EQ(quant_of("q"), R"({"scales":[0.5],"zeroPoints":[7],"count":1})");
  EXPECT_EQ(quant_of("w"), R"({"scales":[0.25,0.5,1],"zeroPoints":[0,0,0],"count":3,"axis":1})");
  EXPECT_EQ(quant_of("x"), "");
}

TEST(Session, SymbolicDimsCountAsOneAndKeepTheirNames) {
  Model model = small_network();
  model.graph.value(model.graph.inputs[0]).shape[0] = Dim("batch");
  const Json summary = open(std::move(model))->summary();
  EXPECT_EQ(summary.find("inputs")->as_array().at(0).find("shape")->dump(), R"(["batch",1,4,4])");
  EXPECT_EQ(number(summary, "macs"), 2 * 4 * 9 + 24);
}

TEST(Session, LoadsAndNamesUnsupportedOperators) {
  Model model = Build().input("x", {2}).node("Relu", {"x"}, {"r"}).output("r").done();
  model.graph.nodes[0].op_type = "Frobnicate";
  model.graph.nodes[0].domain = "example.org";
  const auto session = open(std::move(model));
  const Json summary = session->summary();
  const Json& entry = summary.find("unsupported")->as_array().at(0);
  EXPECT_EQ(entry.dump(), R"({"op":"Frobnicate","domain":"example.org","nodes":["node_r"]})");
  const auto result = session->run({{"x", Tensor::of<float>({2}, {1, 2})}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupportedOperator);
  EXPECT_NE(result.error().message.find("Frobnicate"), std::string::npos);
}

TEST(Session, NamesEveryNodeThatCannotRun) {
  constexpr size_t kNodes = 40;
  Build build;
  build.input("x0", {2});
  for (size_t i = 0; i < kNodes; ++i) {
    build.node("Relu", {"x" + std::to_string(i)}, {"x" + std::to_string(i + 1)});
  }
  Model model = build.output("x" + std::to_string(kNodes)).done();
  for (Node& node : model.graph.nodes) node.op_type = "Frobnicate";
  const Json summary = open(std::move(model))->summary();
  EXPECT_EQ(summary.find("unsupported")->as_array().at(0).find("nodes")->as_array().size(), kNodes);
}

TEST(Session, TellsStateFromWhatAnEncoderMade) {
  const auto is_state = [](const char* name) {
    const auto session = open(Build().input(name, {2, 3}).node("Relu", {name}, {"y"}).output("y").done());
    return session->summary().find("io")->find("inputs")->as_array().at(0).find("kind")->as_string() == "state";
  };
  EXPECT_TRUE(is_state("past_key"));
  EXPECT_TRUE(is_state("hidden"));
  EXPECT_FALSE(is_state("encoder_hidden_states"));
  EXPECT_FALSE(is_state("stateful_call"));
}

TEST(Session, LocalFunctionsRunAndAreExportedAsTheyCame) {
  Function function;
  function.name = "Half";
  function.domain = "local";
  function.opset_imports[""] = 13;
  function.body = Build().input("u", {}).node("Relu", {"u"}, {"v"}).output("v").done().graph;
  Model model = Build().input("x", {2}).node("Relu", {"x"}, {"y"}).output("y").done();
  model.graph.nodes[0].op_type = "Half";
  model.graph.nodes[0].domain = "local";
  model.opset_imports["local"] = 1;
  model.functions.push_back(std::move(function));
  const auto session = open(std::move(model));
  EXPECT_TRUE(session->summary().find("unsupported")->as_array().empty());
  const auto result = session->run({{"x", Tensor::of<float>({2}, {-1, 2})}});
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result->outputs[0].second.data<float>()[0], 0);
  EXPECT_EQ(result->outputs[0].second.data<float>()[1], 2);
  const auto bytes = session->export_onnx("qdq");
  ASSERT_TRUE(bytes.ok());
  MemorySource source({reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()});
  const auto again = read_model(source);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->functions.size(), 1u);
}

TEST(Session, GraphListsNodesAndValues) {
  const Json graph = open(small_network())->graph();
  const Json& conv = graph.find("nodes")->as_array().at(0);
  EXPECT_EQ(conv.find("op")->as_string(), "Conv");
  EXPECT_EQ(conv.find("inputs")->dump(), R"(["x","w","b"])");
  EXPECT_EQ(number(conv, "macs"), 72);
  for (const Json& value : graph.find("values")->as_array()) {
    if (value.find("name")->as_string() != "w") continue;
    EXPECT_TRUE(value.find("constant")->as_bool());
    EXPECT_EQ(number(value, "bytes"), 72);
  }
}

TEST(Session, TapsGiveInnerValuesAndDoNotChangeOutputs) {
  const auto session = open(small_network());
  const auto plain = session->run(feeds());
  ASSERT_TRUE(plain.ok()) << plain.error().message;
  RunOptions options;
  options.taps = {"c", "r"};
  const auto tapped = session->run(feeds(), options);
  ASSERT_TRUE(tapped.ok()) << tapped.error().message;
  EXPECT_TRUE(plain->outputs[0].second.identical(tapped->outputs[0].second));
  ASSERT_EQ(tapped->taps.size(), 2u);
  const auto before = tapped->taps.at("c").data<float>(), after = tapped->taps.at("r").data<float>();
  bool negative = false;
  for (size_t i = 0; i < before.size(); ++i) {
    negative |= before[i] < 0;
    EXPECT_EQ(after[i], before[i] > 0 ? before[i] : 0);
  }
  EXPECT_TRUE(negative) << "the feed must reach both sides of Relu";
}

TEST(Session, UnknownTapIsAnArgumentError) {
  RunOptions options;
  options.taps = {"nowhere"};
  const auto result = open(small_network())->run(feeds(), options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(result.error().where, "nowhere");
}

TEST(Session, ExportReadsBackAndRunsTheSame) {
  const auto session = open(small_network());
  const auto bytes = session->export_onnx("qdq");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(static_cast<int64_t>(bytes->size()), session->byte_size());
  MemorySource source({reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()});
  const auto again = Session::load(source);
  ASSERT_TRUE(again.ok()) << again.error().message;
  const auto a = session->run(feeds()), b = (*again)->run(feeds());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_TRUE(a->outputs[0].second.identical(b->outputs[0].second));
  EXPECT_EQ(session->export_onnx("tflite").error().code, ErrorCode::kInvalidArgument);
}

TEST(Session, RunsAgainAfterReleasingItsProgram) {
  const auto session = open(small_network());
  const auto first = session->run(feeds());
  session->release_program();
  const auto second = session->run(feeds());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_TRUE(first->outputs[0].second.identical(second->outputs[0].second));
}

TEST(Compare, EqualModelsHaveNoError) {
  const auto a = open(small_network()), b = open(small_network());
  const auto result = compare(*a, *b, feeds());
  ASSERT_TRUE(result.ok()) << result.error().message;
  for (const char* list : {"outputs", "layers"}) {
    EXPECT_FALSE(result->find(list)->as_array().empty()) << list;
    for (const Json& diff : result->find(list)->as_array()) {
      EXPECT_TRUE(diff.find("sqnr")->is_null()) << diff.dump();
      EXPECT_EQ(number(diff, "maxAbsError"), 0);
    }
  }
}

TEST(Compare, MeasuresEveryLayer) {
  const auto a = open(small_network()), b = open(small_network(0.0101f));
  const auto result = compare(*a, *b, feeds());
  ASSERT_TRUE(result.ok()) << result.error().message;
  std::vector<std::string> names;
  for (const Json& diff : result->find("layers")->as_array()) {
    names.push_back(diff.find("name")->as_string());
    // Weights 1% larger: the first layer is 1% off, which is 40 dB; later ones accumulate.
    EXPECT_LT(number(diff, "sqnr"), 40.5) << diff.dump();
    EXPECT_GT(number(diff, "sqnr"), 30) << diff.dump();
  }
  EXPECT_EQ(names, (std::vector<std::string>{"c", "r", "f", "y"}));
}

TEST(Compare, ModelsWithoutACommonOutputAreRefused) {
  const auto a = open(small_network());
  const auto b = open(Build().input("x", {1, 1, 4, 4}).node("Relu", {"x"}, {"z"}).output("z").done());
  const auto result = compare(*a, *b, feeds());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
}

TEST(Compare, ProgressCancels) {
  const auto a = open(small_network()), b = open(small_network());
  const auto result = compare(*a, *b, feeds(), [](std::string_view, int64_t, int64_t) { return false; });
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(Compare, QuantizedLayersAreMeasuredAsTheyRun) {
  auto recipe = parse_recipe(std::string_view(R"([{"pass": "quantize_static"}])"));
  ASSERT_TRUE(recipe.ok()) << recipe.error().message;
  const auto a = open(small_network());
  auto run = RecipeRun::start(a->model(), *recipe);
  ASSERT_TRUE(run.ok()) << run.error().message;
  while (run->wants_data()) {
    ASSERT_TRUE(run->observe(feeds()).ok());
    ASSERT_TRUE(run->end_sweep().ok());
  }
  auto outcome = run->finish();
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const auto b = open(std::move(outcome->model));
  EXPECT_TRUE(b->summary().find("quantized")->as_bool());
  const auto result = compare(*a, *b, feeds());
  ASSERT_TRUE(result.ok()) << result.error().message;
  const auto& layers = result->find("layers")->as_array();
  ASSERT_FALSE(layers.empty());
  for (const Json& diff : layers) {
    EXPECT_FALSE(diff.find("sqnr")->is_null()) << diff.dump();
    EXPECT_GT(number(diff, "sqnr"), 20) << diff.dump();
  }
}

TEST(Report, KeysBecomeCamelCaseExceptParameters) {
  const auto report = Json::parse(
      R"({"recipe":[{"pass":"p","weight_bits":8}],"steps":[{"params":{"weight_bits":8},"bytes_before":3,"x":{"a_b":1}}]})");
  EXPECT_EQ(
      report_json(*report).dump(),
      R"({"recipe":[{"pass":"p","weight_bits":8}],"steps":[{"params":{"weight_bits":8},"bytesBefore":3,"x":{"aB":1}}]})");
}

TEST(Capabilities, DescribeEveryPassAndOperator) {
  const Json caps = capabilities();
  EXPECT_FALSE(caps.find("ops")->as_array().empty());
  ASSERT_FALSE(caps.find("passes")->as_array().empty());
  for (const Json& pass : caps.find("passes")->as_array()) {
    EXPECT_FALSE(pass.find("summary")->as_string().empty());
    for (const Json& param : pass.find("params")->as_array()) {
      EXPECT_FALSE(param.find("label")->as_string().empty()) << param.dump();
      EXPECT_FALSE(param.find("help")->as_string().empty()) << param.dump();
      EXPECT_NE(param.find("default"), nullptr);
      if (param.find("kind")->as_string() == "choice") {
        const auto& choices = param.find("choices")->as_array();
        EXPECT_FALSE(choices.empty()) << param.dump();
      }
    }
  }
}

}  // namespace
}  // namespace halftone
