// FunctionProto -> Function: its body is read as a graph of its own, whose inputs and outputs have names only.
// Source: onnx.proto, FunctionProto.
#include "core/onnx/proto_attribute.h"
#include "core/onnx/proto_graph.h"
#include "core/onnx/text.h"

namespace halftone {
namespace {

onnx::GraphProto body_of(onnx::FunctionProto& proto) {
  onnx::GraphProto body;
  for (auto& name : *proto.mutable_input()) body.add_input()->set_name(std::move(name));
  for (auto& name : *proto.mutable_output()) body.add_output()->set_name(std::move(name));
  body.mutable_node()->Swap(proto.mutable_node());
  body.mutable_value_info()->Swap(proto.mutable_value_info());
  body.set_name(proto.name());
  proto.clear_input();
  proto.clear_output();
  return body;
}

}  // namespace

std::map<std::string, int64_t, std::less<>> read_opset_imports(
    const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto>& protos) {
  std::map<std::string, int64_t, std::less<>> imports;
  for (const auto& proto : protos) {
    int64_t& version = imports[proto.domain() == "ai.onnx" ? "" : proto.domain()];
    version = std::max<int64_t>(version, proto.version());
  }
  return imports;
}

Result<Function> take_function(onnx::FunctionProto& proto, const ReadOptions& options) {
  Function function;
  function.name = proto.name();
  function.domain = proto.domain() == "ai.onnx" ? "" : proto.domain();
  const std::string label = "function " + function.domain + "::" + function.name;
  if (!valid_utf8(function.name) || !valid_utf8(function.domain)) {
    return Error{ErrorCode::kInvalidModel, "The " + quoted(label) + " has a name that is not UTF-8.", printable(label),
                 "The file is damaged."};
  }
  function.doc = std::move(*proto.mutable_doc_string());
  function.overload = std::move(*proto.mutable_overload());
  function.attributes.assign(proto.attribute().begin(), proto.attribute().end());
  function.opset_imports = read_opset_imports(proto.opset_import());
  for (auto& default_proto : *proto.mutable_attribute_proto()) {
    const std::string name = default_proto.name();
    HT_ASSIGN(Attribute value, take_attribute(default_proto, options, 0, label));
    function.attribute_defaults.insert_or_assign(name, std::move(value));
  }
  onnx::GraphProto body = body_of(proto);
  GraphBuilder builder(options, 0);
  HT_ASSIGN(function.body, builder.finish(body));
  proto.clear_name();
  proto.clear_domain();
  proto.clear_doc_string();
  proto.clear_overload();
  proto.clear_attribute();
  proto.clear_attribute_proto();
  proto.clear_opset_import();
  if (proto.ByteSizeLong() > 0) function.opaque = proto.SerializePartialAsString();
  return function;
}

}  // namespace halftone
