// Test models and the canonical form that makes equivalent models equal.
#include "tests/core/onnx/proto_util.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace halftone::testing {

onnx::ModelProto written(const Model& model) {
  auto bytes = write_model(model);
  EXPECT_TRUE(bytes.ok()) << (bytes.ok() ? "" : bytes.error().message);
  onnx::ModelProto proto;
  if (bytes.ok()) {
    EXPECT_TRUE(proto.ParseFromString(*bytes));
  }
  return proto;
}

onnx::ValueInfoProto value_info(const std::string& name, int type, std::initializer_list<int64_t> dims) {
  onnx::ValueInfoProto info;
  info.set_name(name);
  auto* tensor = info.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  tensor->mutable_shape();
  for (const int64_t d : dims) tensor->mutable_shape()->add_dim()->set_dim_value(d);
  return info;
}

onnx::TensorProto float_tensor(const std::string& name, std::initializer_list<float> values) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_dims(static_cast<int64_t>(values.size()));
  for (const float v : values) tensor.add_float_data(v);
  return tensor;
}

onnx::NodeProto* add_node(onnx::GraphProto& graph, const std::string& op, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs, const std::string& name) {
  auto* node = graph.add_node();
  node->set_op_type(op);
  for (const auto& i : inputs) node->add_input(i);
  for (const auto& o : outputs) node->add_output(o);
  if (!name.empty()) node->set_name(name);
  return node;
}

onnx::AttributeProto* add_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type) {
  auto* attribute = node.add_attribute();
  attribute->set_name(name);
  attribute->set_type(type);
  return attribute;
}

onnx::ModelProto tiny_model() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.set_producer_name("tests");
  model.add_opset_import()->set_version(13);
  auto& graph = *model.mutable_graph();
  graph.set_name("g");
  add_node(graph, "Add", {"x", "w"}, {"y"}, "add");
  *graph.add_initializer() = float_tensor("w", {1.5f, -2.0f});
  *graph.add_input() = value_info("x");
  *graph.add_output() = value_info("y");
  return model;
}

onnx::ModelProto if_model() {
  onnx::ModelProto model = tiny_model();
  auto& graph = *model.mutable_graph();
  graph.clear_node();
  *graph.add_input() = value_info("cond", onnx::TensorProto::BOOL, {});
  auto* node = add_node(graph, "If", {"cond"}, {"y"}, "choose");
  for (const bool then : {true, false}) {
    auto& branch =
        *add_attribute(*node, then ? "then_branch" : "else_branch", onnx::AttributeProto::GRAPH)->mutable_g();
    const std::string out = then ? "sum" : "product";
    branch.set_name(out);
    add_node(branch, then ? "Add" : "Mul", {"x", "w"}, {out});
    *branch.add_output() = value_info(out);
  }
  return model;
}

namespace {

std::vector<std::string> models_under(const std::string& folder) {
  std::vector<std::string> paths;
  const char* shared = std::getenv("HALFTONE_SHARED");
  if (shared == nullptr) return paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shared + folder)) {
    if (entry.path().extension() == ".onnx") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

std::vector<std::string> shared_models() { return models_under("/models"); }
std::vector<std::string> backend_models() { return models_under("/onnx-backend"); }

std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

namespace {

template <typename To, typename Repeated>
void append_raw(std::string& raw, const Repeated& values) {
  for (const auto v : values) {
    const To narrow = static_cast<To>(v);
    raw.append(reinterpret_cast<const char*>(&narrow), sizeof(To));
  }
}

void canonical_tensor(onnx::TensorProto& t) {
  using P = onnx::TensorProto;
  if (t.data_type() == P::STRING) return;
  std::string raw = t.raw_data();
  if (!t.has_raw_data()) {
    append_raw<float>(raw, t.float_data());
    append_raw<double>(raw, t.double_data());
    append_raw<int64_t>(raw, t.int64_data());
    const int type = t.data_type();
    if (type == P::UINT32) append_raw<uint32_t>(raw, t.uint64_data());
    if (type == P::UINT64) append_raw<uint64_t>(raw, t.uint64_data());
    if (type == P::INT32) append_raw<int32_t>(raw, t.int32_data());
    const bool two = type == P::INT16 || type == P::UINT16 || type == P::FLOAT16 || type == P::BFLOAT16;
    if (two) append_raw<uint16_t>(raw, t.int32_data());
    if (!two && type != P::INT32) append_raw<uint8_t>(raw, t.int32_data());
  }
  t.clear_float_data();
  t.clear_double_data();
  t.clear_int32_data();
  t.clear_int64_data();
  t.clear_uint64_data();
  t.set_raw_data(raw);
  if (t.doc_string().empty()) t.clear_doc_string();
}

template <typename Repeated>
void sort_by_name(Repeated* list) {
  std::sort(list->pointer_begin(), list->pointer_end(), [](auto* a, auto* b) { return a->name() < b->name(); });
}

void canonical_info(onnx::ValueInfoProto& info) {
  if (info.doc_string().empty()) info.clear_doc_string();
  if (info.type().ByteSizeLong() == 0) info.clear_type();
  if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape()) return;
  for (auto& d : *info.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim()) {
    const bool nothing = d.has_dim_value() ? d.dim_value() < 0 : d.dim_param().empty();
    if (nothing) d.clear_value();
  }
}

void canonical_graph(onnx::GraphProto& graph);

void canonical_node(onnx::NodeProto& node) {
  if (node.name().empty()) node.clear_name();
  if (node.doc_string().empty()) node.clear_doc_string();
  if (node.domain().empty() || node.domain() == "ai.onnx") node.clear_domain();
  sort_by_name(node.mutable_attribute());
  for (auto& a : *node.mutable_attribute()) {
    if (a.doc_string().empty()) a.clear_doc_string();
    if (a.has_t()) canonical_tensor(*a.mutable_t());
    for (auto& t : *a.mutable_tensors()) canonical_tensor(t);
    if (a.has_g()) canonical_graph(*a.mutable_g());
    for (auto& g : *a.mutable_graphs()) canonical_graph(g);
  }
}

void canonical_graph(onnx::GraphProto& graph) {
  if (graph.doc_string().empty()) graph.clear_doc_string();
  for (auto& n : *graph.mutable_node()) canonical_node(n);
  for (auto& t : *graph.mutable_initializer()) canonical_tensor(t);
  for (auto* infos : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()}) {
    for (auto& i : *infos) canonical_info(i);
  }
  sort_by_name(graph.mutable_initializer());
  sort_by_name(graph.mutable_input());
  sort_by_name(graph.mutable_value_info());
}

template <typename Imports>
void canonical_imports(Imports* imports) {
  for (auto& i : *imports) i.set_domain(i.domain() == "ai.onnx" ? "" : i.domain());
  std::sort(imports->pointer_begin(), imports->pointer_end(),
            [](auto* a, auto* b) { return a->domain() < b->domain(); });
}

}  // namespace

onnx::ModelProto canonical(onnx::ModelProto model) {
  canonical_graph(*model.mutable_graph());
  canonical_imports(model.mutable_opset_import());
  for (auto& f : *model.mutable_functions()) {
    canonical_imports(f.mutable_opset_import());
    for (auto& n : *f.mutable_node()) canonical_node(n);
  }
  if (model.producer_name().empty()) model.clear_producer_name();
  if (model.producer_version().empty()) model.clear_producer_version();
  if (model.domain().empty()) model.clear_domain();
  if (model.doc_string().empty()) model.clear_doc_string();
  if (model.model_version() == 0) model.clear_model_version();
  return model;
}

}  // namespace halftone::testing
