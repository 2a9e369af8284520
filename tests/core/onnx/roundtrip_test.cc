// Reading and writing keep models: every real model, and the corners of the format one by one.
#include <gtest/gtest.h>

#include "tests/core/onnx/proto_util.h"

namespace halftone {
namespace {

using namespace halftone::testing;

// write(read(bytes)) is equivalent to bytes, and write(read(.)) of that changes no byte.
void expect_round_trip(const std::string& bytes, const std::string& what) {
  auto first = read_bytes(bytes);
  ASSERT_TRUE(first.ok()) << what << ": " << first.error().message << " (" << first.error().where << ")";
  auto once = write_model(*first);
  ASSERT_TRUE(once.ok()) << what << ": " << once.error().message;
  const auto size = model_byte_size(*first);
  EXPECT_EQ(*size, static_cast<int64_t>(once->size())) << what;
  auto second = read_bytes(*once);
  ASSERT_TRUE(second.ok()) << what << ": " << second.error().message;
  auto twice = write_model(*second);
  ASSERT_TRUE(twice.ok());
  EXPECT_TRUE(*once == *twice) << what << ": the second writing differs";

  onnx::ModelProto before, after;
  ASSERT_TRUE(before.ParseFromString(bytes));
  ASSERT_TRUE(after.ParseFromString(*once));
  before = canonical(std::move(before));
  after = canonical(std::move(after));
  ASSERT_EQ(before.graph().node_size(), after.graph().node_size()) << what;
  for (int i = 0; i < before.graph().node_size(); ++i) {
    ASSERT_TRUE(before.graph().node(i).SerializeAsString() == after.graph().node(i).SerializeAsString())
        << what << ": node " << i << " " << before.graph().node(i).name();
  }
  EXPECT_TRUE(before.SerializeAsString() == after.SerializeAsString()) << what;
}

TEST(RoundTrip, EveryRealModel) {
  const auto models = shared_models();
  if (models.empty()) GTEST_SKIP() << "HALFTONE_SHARED is not set: no real models here.";
  for (const std::string& path : models) expect_round_trip(file_bytes(path), path);
}

TEST(RoundTrip, EveryModelOfTheBackendTests) {
  const auto models = backend_models();
  if (models.empty()) GTEST_SKIP() << "HALFTONE_SHARED is not set: no ONNX backend tests here.";
  for (const std::string& path : models) expect_round_trip(file_bytes(path), path);
}

TEST(RoundTrip, TinyModel) { expect_round_trip(tiny_model().SerializeAsString(), "tiny"); }

TEST(RoundTrip, Subgraphs) { expect_round_trip(if_model().SerializeAsString(), "if"); }

TEST(RoundTrip, InitializersThatAreInputsToo) {
  auto proto = tiny_model();
  proto.set_ir_version(3);
  *proto.mutable_graph()->add_input() = value_info("w");
  expect_round_trip(proto.SerializeAsString(), "ir 3");
  auto model = read_proto(proto);
  ASSERT_TRUE(model.ok());
  ASSERT_EQ(model->graph.inputs.size(), 1u);
  EXPECT_EQ(model->graph.value(model->graph.inputs[0]).name, "x");
  ASSERT_EQ(model->graph.initializer_inputs.size(), 1u);
}

TEST(RoundTrip, NewConstantsBecomeInputsBeforeIrVersion4) {
  auto proto = tiny_model();
  proto.set_ir_version(3);
  *proto.mutable_graph()->add_input() = value_info("w");
  auto model = read_proto(proto);
  ASSERT_TRUE(model.ok());
  model->graph.add_constant("fresh", Tensor::of<float>({1}, {3.0f}));
  const auto out = written(*model);
  ASSERT_EQ(out.graph().input_size(), 3);
  EXPECT_EQ(out.graph().input(2).name(), "fresh");
}

TEST(RoundTrip, LocalFunctions) {
  auto proto = tiny_model();
  auto* import = proto.add_opset_import();
  import->set_domain("local");
  import->set_version(1);
  auto* f = proto.add_functions();
  f->set_name("Twice");
  f->set_domain("local");
  f->add_input("a");
  f->add_output("b");
  f->add_attribute("alpha");
  f->add_opset_import()->set_version(13);
  auto* def = f->add_attribute_proto();
  def->set_name("beta");
  def->set_type(onnx::AttributeProto::FLOAT);
  def->set_f(2);
  auto* metadata = f->add_metadata_props();
  metadata->set_key("origin");
  metadata->set_value("tests");
  auto* node = f->add_node();
  node->set_op_type("LeakyRelu");
  node->add_input("a");
  node->add_output("b");
  auto* attribute = add_attribute(*node, "alpha", onnx::AttributeProto::FLOAT);
  attribute->set_ref_attr_name("alpha");
  auto* call = add_node(*proto.mutable_graph(), "Twice", {"y"}, {"z"});
  call->set_domain("local");
  *proto.mutable_graph()->add_output() = value_info("z");
  expect_round_trip(proto.SerializeAsString(), "functions");

  auto model = read_proto(proto);
  ASSERT_TRUE(model.ok());
  ASSERT_EQ(model->functions.size(), 1u);
  const Function& function = model->functions[0];
  EXPECT_EQ(function.attributes, std::vector<std::string>{"alpha"});
  EXPECT_EQ(function.body.nodes.at(0).attributes.at("alpha").ref_name, "alpha");
  EXPECT_EQ(function.opset_imports.at(""), 13);
}

TEST(RoundTrip, KeepsWhatItDoesNotModel) {
  auto proto = tiny_model();
  auto& graph = *proto.mutable_graph();
  auto put = [](auto* entry) {
    entry->set_key("key");
    entry->set_value("value");
  };
  put(proto.add_metadata_props());
  put(graph.add_metadata_props());
  put(graph.mutable_node(0)->add_metadata_props());
  put(graph.mutable_input(0)->add_metadata_props());
  put(graph.mutable_initializer(0)->add_metadata_props());
  graph.mutable_initializer(0)->set_doc_string("weights");
  graph.mutable_input(0)->mutable_type()->set_denotation("IMAGE");
  graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_denotation(
      "DATA_BATCH");
  graph.mutable_node(0)->add_device_configurations()->set_configuration_id("gpu");
  proto.add_configuration()->set_name("gpu");
  proto.add_training_info()->mutable_algorithm()->set_name("sgd");
  auto* sparse = graph.add_sparse_initializer();
  *sparse->mutable_values() = float_tensor("s", {1});
  sparse->add_dims(5);
  auto* annotation = graph.add_quantization_annotation();
  annotation->set_tensor_name("x");
  put(annotation->add_quant_parameter_tensor_names());
  auto* typed = add_attribute(*graph.mutable_node(0), "type", onnx::AttributeProto::TYPE_PROTO);
  typed->mutable_tp()->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(1);
  auto* constant = add_attribute(*graph.mutable_node(0), "value", onnx::AttributeProto::TENSOR);
  *constant->mutable_t() = float_tensor("named", {7});
  constant->mutable_t()->set_doc_string("doc of a tensor");
  auto* info = graph.add_value_info();
  info->set_name("seq");
  info->mutable_type()->mutable_sequence_type()->mutable_elem_type()->mutable_tensor_type()->set_elem_type(1);
  expect_round_trip(proto.SerializeAsString(), "unmodelled fields");
}

// Fields newer than the schema: number 900, in every message that has room for them.
TEST(RoundTrip, KeepsUnknownFieldsAtEveryLevel) {
  auto proto = tiny_model();
  auto& graph = *proto.mutable_graph();
  const std::string field("\xa2\x38\x03new", 6);
  auto mark = [&](google::protobuf::MessageLite& message) {
    const std::string bytes = message.SerializePartialAsString() + field;
    ASSERT_TRUE(message.ParsePartialFromString(bytes));
  };
  auto* attribute = add_attribute(*graph.mutable_node(0), "alpha", onnx::AttributeProto::FLOAT);
  attribute->set_f(1);
  auto* list = add_attribute(*graph.mutable_node(0), "values", onnx::AttributeProto::TENSORS);
  *list->add_tensors() = float_tensor("", {1});
  mark(*attribute);
  mark(*list->mutable_tensors(0));
  mark(*graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0));
  mark(*graph.mutable_input(0)->mutable_type()->mutable_tensor_type());
  mark(*graph.mutable_input(0)->mutable_type());
  mark(*graph.mutable_input(0));
  mark(*graph.mutable_initializer(0));
  mark(*graph.mutable_node(0));
  mark(graph);
  mark(proto);
  expect_round_trip(proto.SerializeAsString(), "unknown fields");
}

TEST(RoundTrip, OldModelsWithoutOpsetImports) {
  auto proto = tiny_model();
  proto.set_ir_version(2);
  proto.clear_opset_import();
  *proto.mutable_graph()->add_input() = value_info("w");
  auto model = read_proto(proto);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->opset(), 1);
  EXPECT_EQ(written(*model).opset_import_size(), 0);
}

TEST(RoundTrip, AttributesWithoutAType) {
  auto proto = tiny_model();
  auto* node = proto.mutable_graph()->mutable_node(0);
  auto* axis = node->add_attribute();
  axis->set_name("axis");
  axis->set_i(3);
  auto* scales = node->add_attribute();
  scales->set_name("scales");
  scales->add_floats(2);
  auto model = read_proto(proto);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->graph.nodes[0].int_attr("axis", 0), 3);
  EXPECT_EQ(model->graph.nodes[0].floats_attr("scales"), std::vector<float>{2});
}

TEST(RoundTrip, UnsortedNodesComeBackInOrder) {
  auto proto = tiny_model();
  auto& graph = *proto.mutable_graph();
  add_node(graph, "Relu", {"x"}, {"r"}, "relu");
  graph.mutable_node(0)->set_input(0, "r");
  auto model = read_proto(proto);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->graph.nodes[0].name, "relu");
  EXPECT_EQ(model->graph.nodes[1].name, "add");
}

TEST(RoundTrip, CapturedValuesAreMarked) {
  auto model = read_proto(if_model());
  ASSERT_TRUE(model.ok()) << model.error().message;
  const GraphPtr then = model->graph.nodes[0].graph_attr("then_branch");
  ASSERT_NE(then, nullptr);
  const ValueId x = then->find_value("x");
  ASSERT_NE(x, kNoValue);
  EXPECT_TRUE(then->value(x).from_outer_scope);
  EXPECT_FALSE(then->value(then->find_value("sum")).from_outer_scope);
}

// The inner subgraph's capture has to pass through the middle one, which does not use it.
TEST(RoundTrip, CapturesPassThroughTheGraphBetween) {
  auto proto = if_model();
  auto inner = proto.graph().node(0);
  auto& middle = *proto.mutable_graph()->mutable_node(0)->mutable_attribute(0)->mutable_g();
  middle.clear_node();
  *middle.add_node() = inner;
  middle.mutable_node(0)->set_output(0, "sum");
  for (auto& a : *middle.mutable_node(0)->mutable_attribute()) {
    const std::string out = "deep_" + a.g().output(0).name();
    a.mutable_g()->mutable_node(0)->set_output(0, out);
    a.mutable_g()->mutable_output(0)->set_name(out);
  }
  auto model = read_proto(proto);
  ASSERT_TRUE(model.ok()) << model.error().message;
  const GraphPtr then = model->graph.nodes[0].graph_attr("then_branch");
  const ValueId w = then->find_value("w");
  ASSERT_NE(w, kNoValue);
  EXPECT_TRUE(then->value(w).from_outer_scope);
  expect_round_trip(proto.SerializeAsString(), "nested");
}

TEST(Writer, RefusesWhatNoFileCanHold) {
  auto model = read_proto(tiny_model());
  ASSERT_TRUE(model.ok());
  Model with_attribute = *model;
  with_attribute.graph.nodes[0].attributes["halftone.clamp"] = Attribute(std::vector<float>{0, 6});
  auto result = write_model(with_attribute);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kInternal);
  EXPECT_EQ(result.error().where, "add");
  Model with_quant = *model;
  with_quant.graph.values[0].quant = QuantParams{};
  EXPECT_FALSE(write_model(with_quant).ok());
  EXPECT_FALSE(model_byte_size(with_quant).ok());
}

TEST(Writer, RawDataForNumbersOnly) {
  const auto out = written(*read_proto(tiny_model()));
  EXPECT_TRUE(out.graph().initializer(0).has_raw_data());
  EXPECT_EQ(out.graph().initializer(0).float_data_size(), 0);
}

}  // namespace
}  // namespace halftone
