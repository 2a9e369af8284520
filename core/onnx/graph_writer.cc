// Graph -> wire format; the contract is in graph_writer.h.
#include "core/onnx/graph_writer.h"

#include <algorithm>

#include "core/onnx/proto_attribute.h"
#include "core/onnx/proto_tensor.h"
#include "core/onnx/proto_value.h"

namespace halftone {
namespace {

using onnx::AttributeProto;
using onnx::FunctionProto;
using onnx::GraphProto;
using onnx::NodeProto;
using onnx::TensorProto;

constexpr std::string_view kInternalPrefix = "halftone.";

// `header`: name and whatever else of the TensorProto we do not model.
void write_tensor(const Tensor& tensor, TensorProto header, int field, WireWriter& out) {
  fill_tensor(tensor, header);
  const std::string head = header.SerializePartialAsString();
  out.nested_field(field, [&](WireWriter& w) {
    w.raw(head);
    if (tensor.dtype() == DType::kString) return;
    w.copied_field(TensorProto::kRawDataFieldNumber, tensor.byte_size(), [&](uint8_t* to) { tensor.copy_to(to); });
  });
}

void write_initializer(const Value& value, WireWriter& out) {
  TensorProto header;
  header.ParsePartialFromString(value.tensor_opaque);
  header.set_name(value.name);
  write_tensor(value.constant, std::move(header), GraphProto::kInitializerFieldNumber, out);
}

// Numbers and strings into the proto; tensors and graphs are written in place.
void fill_attribute(const Attribute& attribute, AttributeProto& proto) {
  if (const auto* f = std::get_if<float>(&attribute.value)) {
    proto.set_type(AttributeProto::FLOAT);
    proto.set_f(*f);
  } else if (const auto* i = std::get_if<int64_t>(&attribute.value)) {
    proto.set_type(AttributeProto::INT);
    proto.set_i(*i);
  } else if (const auto* s = std::get_if<std::string>(&attribute.value)) {
    proto.set_type(AttributeProto::STRING);
    proto.set_s(*s);
  } else if (const auto* floats = std::get_if<std::vector<float>>(&attribute.value)) {
    proto.set_type(AttributeProto::FLOATS);
    proto.mutable_floats()->Assign(floats->begin(), floats->end());
  } else if (const auto* ints = std::get_if<std::vector<int64_t>>(&attribute.value)) {
    proto.set_type(AttributeProto::INTS);
    proto.mutable_ints()->Assign(ints->begin(), ints->end());
  } else if (const auto* strings = std::get_if<std::vector<std::string>>(&attribute.value)) {
    proto.set_type(AttributeProto::STRINGS);
    for (const std::string& one : *strings) proto.add_strings(one);
  }
}

void write_tensors(const Attribute& attribute, const AttributeProto& carried, WireWriter& out) {
  if (const auto* one = std::get_if<Tensor>(&attribute.value)) {
    out.varint_field(AttributeProto::kTypeFieldNumber, AttributeProto::TENSOR);
    write_tensor(*one, carried.t(), AttributeProto::kTFieldNumber, out);
  } else if (const auto* many = std::get_if<std::vector<Tensor>>(&attribute.value)) {
    out.varint_field(AttributeProto::kTypeFieldNumber, AttributeProto::TENSORS);
    const bool same = carried.tensors_size() == static_cast<int>(many->size());
    for (int i = 0; i < static_cast<int>(many->size()); ++i) {
      write_tensor((*many)[static_cast<size_t>(i)], same ? carried.tensors(i) : TensorProto(),
                   AttributeProto::kTensorsFieldNumber, out);
    }
  }
}

void write_graphs(const Attribute& attribute, int64_t ir_version, WireWriter& out) {
  const bool one = std::holds_alternative<GraphPtr>(attribute.value);
  if (!one && !std::holds_alternative<std::vector<GraphPtr>>(attribute.value)) return;
  out.varint_field(AttributeProto::kTypeFieldNumber, one ? AttributeProto::GRAPH : AttributeProto::GRAPHS);
  for_each_graph(attribute, [&](const Graph& graph) {
    out.nested_field(one ? AttributeProto::kGFieldNumber : AttributeProto::kGraphsFieldNumber,
                     [&](WireWriter& w) { write_graph(graph, ir_version, w); });
  });
}

void write_attribute(const std::string& name, const Attribute& attribute, int64_t ir_version, int field,
                     WireWriter& out) {
  AttributeProto proto, carried;
  proto.ParsePartialFromString(attribute.opaque);
  if (attribute.ref_name.empty() && attribute.value.index() != 0) {
    if (proto.has_t()) carried.mutable_t()->Swap(proto.mutable_t());
    carried.mutable_tensors()->Swap(proto.mutable_tensors());
    proto.clear_t();
  }
  proto.set_name(name);
  if (!attribute.doc.empty()) proto.set_doc_string(attribute.doc);
  if (!attribute.ref_name.empty()) proto.set_ref_attr_name(attribute.ref_name);
  fill_attribute(attribute, proto);
  const std::string head = proto.SerializePartialAsString();
  out.nested_field(field, [&](WireWriter& w) {
    w.raw(head);
    write_tensors(attribute, carried, w);
    write_graphs(attribute, ir_version, w);
  });
}

void write_node(const Graph& graph, const Node& node, int64_t ir_version, int field, WireWriter& out) {
  auto name_of = [&](ValueId id) {
    return id == kNoValue ? std::string_view() : std::string_view(graph.value(id).name);
  };
  out.nested_field(field, [&](WireWriter& w) {
    for (const ValueId id : node.inputs) w.bytes_field(NodeProto::kInputFieldNumber, name_of(id));
    for (const ValueId id : node.outputs) w.bytes_field(NodeProto::kOutputFieldNumber, name_of(id));
    w.text_field(NodeProto::kNameFieldNumber, node.name);
    w.text_field(NodeProto::kOpTypeFieldNumber, node.op_type);
    for (const auto& [name, attribute] : node.attributes) {
      write_attribute(name, attribute, ir_version, NodeProto::kAttributeFieldNumber, w);
    }
    w.text_field(NodeProto::kDocStringFieldNumber, node.doc);
    w.text_field(NodeProto::kDomainFieldNumber, node.domain);
    w.text_field(NodeProto::kOverloadFieldNumber, node.overload);
    w.raw(node.opaque);
  });
}

// The graph's inputs, then the initializers that are listed as inputs too.
std::vector<ValueId> listed_inputs(const Graph& graph, int64_t ir_version) {
  std::vector<ValueId> ids = graph.inputs;
  ids.insert(ids.end(), graph.initializer_inputs.begin(), graph.initializer_inputs.end());
  if (ir_version >= 4) return ids;
  std::vector<bool> listed(graph.values.size(), false);
  for (const ValueId id : ids) listed[static_cast<size_t>(id)] = true;
  for (ValueId id = 0; id < static_cast<ValueId>(graph.values.size()); ++id) {
    if (graph.value(id).is_constant() && !listed[static_cast<size_t>(id)]) ids.push_back(id);
  }
  return ids;
}

}  // namespace

void write_graph(const Graph& graph, int64_t ir_version, WireWriter& out) {
  for (const Node& node : graph.nodes) {
    if (!node.removed) write_node(graph, node, ir_version, GraphProto::kNodeFieldNumber, out);
  }
  out.text_field(GraphProto::kNameFieldNumber, graph.name);
  for (const Value& value : graph.values) {
    if (value.is_constant()) write_initializer(value, out);
  }
  out.text_field(GraphProto::kDocStringFieldNumber, graph.doc);
  for (const ValueId id : listed_inputs(graph, ir_version)) {
    out.message_field(GraphProto::kInputFieldNumber, value_info_proto(graph.value(id)));
  }
  for (const ValueId id : graph.outputs) {
    out.message_field(GraphProto::kOutputFieldNumber, value_info_proto(graph.value(id)));
  }
  for (const Value& value : graph.values) {
    if (value.declared) out.message_field(GraphProto::kValueInfoFieldNumber, value_info_proto(value));
  }
  out.raw(graph.opaque);
}

void write_opset_imports(const std::map<std::string, int64_t, std::less<>>& imports, int field, WireWriter& out) {
  for (const auto& [domain, version] : imports) {
    onnx::OperatorSetIdProto proto;
    proto.set_domain(domain);
    proto.set_version(version);
    out.message_field(field, proto);
  }
}

void write_function(const Function& function, int64_t ir_version, WireWriter& out) {
  const Graph& body = function.body;
  out.text_field(FunctionProto::kNameFieldNumber, function.name);
  for (const ValueId id : body.inputs) out.bytes_field(FunctionProto::kInputFieldNumber, body.value(id).name);
  for (const ValueId id : body.outputs) out.bytes_field(FunctionProto::kOutputFieldNumber, body.value(id).name);
  for (const std::string& name : function.attributes) out.bytes_field(FunctionProto::kAttributeFieldNumber, name);
  for (const Node& node : body.nodes) {
    if (!node.removed) write_node(body, node, ir_version, FunctionProto::kNodeFieldNumber, out);
  }
  out.text_field(FunctionProto::kDocStringFieldNumber, function.doc);
  write_opset_imports(function.opset_imports, FunctionProto::kOpsetImportFieldNumber, out);
  out.text_field(FunctionProto::kDomainFieldNumber, function.domain);
  for (const auto& [name, attribute] : function.attribute_defaults) {
    write_attribute(name, attribute, ir_version, FunctionProto::kAttributeProtoFieldNumber, out);
  }
  for (const Value& value : body.values) {
    if (value.declared) out.message_field(FunctionProto::kValueInfoFieldNumber, value_info_proto(value));
  }
  out.text_field(FunctionProto::kOverloadFieldNumber, function.overload);
  out.raw(function.opaque);
}

Status check_writable(const Graph& graph) {
  for (const Value& value : graph.values) {
    if (value.quant) {
      return Error{ErrorCode::kInternal, "Value '" + value.name + "' holds quantized integers without Q/DQ nodes.",
                   value.name, "Write the model as it was before compilation."};
    }
  }
  for (const Node& node : graph.nodes) {
    if (node.removed) continue;
    for (const auto& [name, attribute] : node.attributes) {
      if (name.starts_with(kInternalPrefix)) {
        return Error{ErrorCode::kInternal,
                     "Node '" + node_label(graph, node) + "' has the internal attribute '" + name + "'.",
                     node_label(graph, node), "Write the model as it was before compilation."};
      }
      Status inner;
      for_each_graph(attribute, [&](const Graph& g) {
        if (inner.ok()) inner = check_writable(g);
      });
      HT_TRY(std::move(inner));
    }
  }
  return ok_status();
}

}  // namespace halftone
