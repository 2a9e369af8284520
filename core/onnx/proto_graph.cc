// GraphProto -> Graph; the contract is in proto_graph.h.
#include "core/onnx/proto_graph.h"

#include "core/graph/edit.h"
#include "core/onnx/proto_attribute.h"
#include "core/onnx/proto_value.h"
#include "core/onnx/text.h"

namespace halftone {
namespace {

Error bad(std::string message, std::string_view where) {
  return {ErrorCode::kInvalidModel, std::move(message), printable(where),
          "The file is damaged, or was written by a tool that does not follow ONNX."};
}

std::string label_of(const onnx::NodeProto& proto) {
  if (!proto.name().empty()) return printable(proto.name());
  return printable(proto.op_type()) + " -> " + (proto.output_size() > 0 ? printable(proto.output(0)) : "");
}

}  // namespace

Result<ValueId> GraphBuilder::mention(const std::string& name) {
  const auto [at, fresh] = ids_.try_emplace(name, static_cast<ValueId>(graph_.values.size()));
  if (fresh) {
    if (!valid_utf8(name)) return bad("The value name " + quoted(name) + " is not UTF-8.", name);
    graph_.values.emplace_back().name = name;
    origins_.push_back(kNowhere);
  }
  return at->second;
}

Status GraphBuilder::define(ValueId id, Origin origin) {
  Origin& known = origins_[static_cast<size_t>(id)];
  const std::string& name = graph_.value(id).name;
  if (name.empty()) return bad("An input or initializer of the graph has no name.", graph_.name);
  if (known == kInitializer && origin == kInput) return ok_status();  // before IR version 4 both lists had it
  if (known != kNowhere) {
    return bad("The name " + quoted(name) + " is defined twice: every value needs one producer.", name);
  }
  known = origin;
  return ok_status();
}

Status GraphBuilder::add_node(onnx::NodeProto proto) {
  const std::string label = label_of(proto);
  if (proto.op_type().empty()) return bad("Node " + quoted(label) + " has no operator type.", label);
  if (!valid_utf8(proto.name()) || !valid_utf8(proto.op_type()) || !valid_utf8(proto.domain())) {
    return bad("Node " + quoted(label) + " has a name, operator type or domain that is not UTF-8.", label);
  }
  Node node;
  for (const std::string& name : proto.input()) {
    HT_ASSIGN(const ValueId id, name.empty() ? Result<ValueId>(kNoValue) : mention(name));
    node.inputs.push_back(id);
  }
  for (const std::string& name : proto.output()) {
    HT_ASSIGN(const ValueId id, name.empty() ? Result<ValueId>(kNoValue) : mention(name));
    if (id != kNoValue) HT_TRY(define(id, kNodeOutput));
    node.outputs.push_back(id);
  }
  HT_TRY(add_attributes(proto, node));
  node.name = std::move(*proto.mutable_name());
  node.op_type = std::move(*proto.mutable_op_type());
  if (proto.domain() != "ai.onnx") node.domain = proto.domain();
  node.doc = std::move(*proto.mutable_doc_string());
  node.overload = std::move(*proto.mutable_overload());
  proto.clear_input();
  proto.clear_output();
  proto.clear_name();
  proto.clear_op_type();
  proto.clear_domain();
  proto.clear_doc_string();
  proto.clear_overload();
  if (proto.ByteSizeLong() > 0) node.opaque = proto.SerializePartialAsString();
  graph_.nodes.push_back(std::move(node));
  return ok_status();
}

Status GraphBuilder::add_attributes(onnx::NodeProto& proto, Node& node) {
  const std::string label = label_of(proto);
  std::vector<ValueId> captured;
  for (auto& attribute_proto : *proto.mutable_attribute()) {
    const std::string name = attribute_proto.name();
    // Names of what only compiled graphs hold: kernels trust them.
    if (name.starts_with("halftone.")) {
      return bad("Node " + quoted(label) + " has the attribute " + quoted(name) + ", a name that files may not use.",
                 label);
    }
    HT_ASSIGN(Attribute attribute, take_attribute(attribute_proto, options_, depth_, label));
    Status status;
    for_each_graph(attribute, [&](const Graph& inner) {
      for (const Value& value : inner.values) {
        if (!value.from_outer_scope || !status.ok()) continue;
        Result<ValueId> id = mention(value.name);
        if (id.ok())
          captured.push_back(*id);
        else
          status = std::move(id).error();
      }
    });
    HT_TRY(std::move(status));
    if (!node.attributes.emplace(name, std::move(attribute)).second) {
      return bad("Node " + quoted(label) + " has the attribute " + quoted(name) + " twice.", label);
    }
  }
  proto.clear_attribute();
  captures_.push_back(std::move(captured));
  return ok_status();
}

Status GraphBuilder::add_initializer(onnx::TensorProto& proto, const RawRange& raw) {
  const std::string name = std::move(*proto.mutable_name());
  proto.clear_name();
  HT_ASSIGN(const ValueId id, mention(name));
  HT_TRY(define(id, kInitializer));
  HT_ASSIGN(Tensor tensor, take_tensor(proto, options_, name, raw));
  Value& value = graph_.value(id);
  value.dtype = tensor.dtype();
  value.shape = SymShape::of(tensor.dims());
  value.constant = std::move(tensor);
  if (proto.ByteSizeLong() > 0) value.tensor_opaque = proto.SerializePartialAsString();
  initializers_.push_back(id);
  return ok_status();
}

Status GraphBuilder::add_inputs(onnx::GraphProto& rest) {
  std::vector<bool> seen(graph_.values.size(), false);
  for (auto& proto : *rest.mutable_input()) {
    HT_ASSIGN(const ValueId id, mention(proto.name()));
    HT_TRY(define(id, kInput));
    seen.resize(graph_.values.size(), false);
    if (seen[static_cast<size_t>(id)])
      return bad("The graph lists the input " + quoted(proto.name()) + " twice.", proto.name());
    seen[static_cast<size_t>(id)] = true;
    HT_TRY(take_value_info(proto, graph_.value(id)));
    (graph_.value(id).is_constant() ? graph_.initializer_inputs : graph_.inputs).push_back(id);
    list(id);
  }
  return ok_status();
}

Status GraphBuilder::add_value_infos(onnx::GraphProto& rest) {
  for (auto& proto : *rest.mutable_value_info()) {
    if (proto.name().empty()) continue;
    HT_ASSIGN(const ValueId id, mention(proto.name()));
    HT_TRY(take_value_info(proto, graph_.value(id)));
    graph_.value(id).declared = true;
    list(id);
  }
  return ok_status();
}

Status GraphBuilder::add_outputs(onnx::GraphProto& rest) {
  for (auto& proto : *rest.mutable_output()) {
    if (proto.name().empty()) return bad("An output of the graph has no name.", graph_.name);
    HT_ASSIGN(const ValueId id, mention(proto.name()));
    HT_TRY(take_value_info(proto, graph_.value(id)));
    graph_.outputs.push_back(id);
    list(id);
  }
  return ok_status();
}

// A name that this graph reads but does not define comes from outside, where there is an outside.
Status GraphBuilder::resolve(ValueId id, const std::string& reader) {
  if (id == kNoValue || origins_[static_cast<size_t>(id)] != kNowhere) return ok_status();
  Value& value = graph_.value(id);
  if (depth_ == 0) {
    return Error{ErrorCode::kInvalidModel,
                 reader + " reads " + quoted(value.name) + ", which no node, input or initializer provides.",
                 printable(value.name),
                 "The file is damaged, or its weights are missing: export the model again with its weights."};
  }
  value.from_outer_scope = true;
  return ok_status();
}

Status GraphBuilder::resolve_names() {
  for (size_t n = 0; n < graph_.nodes.size(); ++n) {
    const std::string reader = "Node " + quoted(node_label(graph_, graph_.nodes[n]));
    for (const ValueId id : graph_.nodes[n].inputs) HT_TRY(resolve(id, reader));
    for (const ValueId id : captures_[n]) HT_TRY(resolve(id, "A subgraph of " + reader));
  }
  for (const ValueId id : graph_.outputs) HT_TRY(resolve(id, "The list of outputs"));
  return ok_status();
}

void GraphBuilder::list(ValueId id) {
  listed_.resize(graph_.values.size(), false);
  if (!listed_[static_cast<size_t>(id)]) order_.push_back(id);
  listed_[static_cast<size_t>(id)] = true;
}

// Numbers values in the order in which the file lists them, so that writing keeps its order.
void GraphBuilder::renumber() {
  for (ValueId id = 0; id < static_cast<ValueId>(graph_.values.size()); ++id) list(id);
  std::vector<ValueId> fresh(graph_.values.size());
  std::vector<Value> values;
  values.reserve(order_.size());
  for (const ValueId id : order_) {
    fresh[static_cast<size_t>(id)] = static_cast<ValueId>(values.size());
    values.push_back(std::move(graph_.value(id)));
  }
  graph_.values = std::move(values);
  auto apply = [&](std::vector<ValueId>& ids) {
    for (ValueId& id : ids) {
      if (id != kNoValue) id = fresh[static_cast<size_t>(id)];
    }
  };
  for (Node& node : graph_.nodes) apply(node.inputs), apply(node.outputs);
  apply(graph_.inputs);
  apply(graph_.outputs);
  apply(graph_.initializer_inputs);
}

Result<Graph> GraphBuilder::finish(onnx::GraphProto& rest) {
  graph_.name = std::move(*rest.mutable_name());
  graph_.doc = std::move(*rest.mutable_doc_string());
  for (auto& node : *rest.mutable_node()) HT_TRY(add_node(std::move(node)));
  for (auto& tensor : *rest.mutable_initializer()) HT_TRY(add_initializer(tensor));
  HT_TRY(add_inputs(rest));
  for (const ValueId id : initializers_) list(id);
  HT_TRY(add_value_infos(rest));
  HT_TRY(add_outputs(rest));
  HT_TRY(resolve_names());
  renumber();
  rest.clear_name();
  rest.clear_doc_string();
  rest.clear_node();
  rest.clear_initializer();
  rest.clear_input();
  rest.clear_value_info();
  rest.clear_output();
  if (rest.ByteSizeLong() > 0) graph_.opaque = rest.SerializePartialAsString();
  HT_TRY(sort_topologically(graph_));
  return std::move(graph_);
}

}  // namespace halftone
