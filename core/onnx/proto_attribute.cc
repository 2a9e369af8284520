// AttributeProto -> Attribute; the contract is in proto_attribute.h.
#include "core/onnx/proto_attribute.h"

#include "core/onnx/proto_graph.h"
#include "core/onnx/proto_tensor.h"
#include "core/onnx/text.h"

namespace halftone {
namespace {

using Kind = onnx::AttributeProto;

// Files from before IR version 2 carry no type: what is filled in tells. UNDEFINED when nothing or several are.
Kind::AttributeType kind_of(const Kind& p) {
  if (p.type() != Kind::UNDEFINED) return p.type();
  if (!p.unknown_fields().empty()) return Kind::UNDEFINED;  // perhaps a type that is newer than we are
  const std::pair<bool, Kind::AttributeType> filled[] = {{p.has_f(), Kind::FLOAT},
                                                         {p.has_i(), Kind::INT},
                                                         {p.has_s(), Kind::STRING},
                                                         {p.has_t(), Kind::TENSOR},
                                                         {p.has_g(), Kind::GRAPH},
                                                         {p.floats_size() > 0, Kind::FLOATS},
                                                         {p.ints_size() > 0, Kind::INTS},
                                                         {p.strings_size() > 0, Kind::STRINGS},
                                                         {p.tensors_size() > 0, Kind::TENSORS},
                                                         {p.graphs_size() > 0, Kind::GRAPHS}};
  Kind::AttributeType found = Kind::UNDEFINED;
  for (const auto& [is, kind] : filled) {
    if (is && found != Kind::UNDEFINED) return Kind::UNDEFINED;
    if (is) found = kind;
  }
  return found;
}

struct Taker {
  const ReadOptions& options;
  int depth;
  std::string_view node;
  std::string label;  // "attribute 'value' of node 'Constant_3'"

  Error bad(std::string message) const {
    return {ErrorCode::kInvalidModel, "The " + label + " " + std::move(message), printable(node),
            "The file is damaged, or was written by a tool that does not follow ONNX."};
  }

  Result<Tensor> tensor(onnx::TensorProto& proto) const { return take_tensor(proto, options, label); }

  Result<GraphPtr> graph(onnx::GraphProto& proto) const {
    if (depth + 1 > kMaxGraphDepth) {
      return bad("nests subgraphs more than " + std::to_string(kMaxGraphDepth) + " deep.");
    }
    GraphBuilder builder(options, depth + 1);
    HT_ASSIGN(Graph graph, builder.finish(proto));
    return GraphPtr(std::make_shared<const Graph>(std::move(graph)));
  }

  Result<Attribute::Payload> tensors(Kind& proto) const {
    std::vector<Tensor> out;
    for (auto& t : *proto.mutable_tensors()) {
      HT_ASSIGN(Tensor taken, tensor(t));
      out.push_back(std::move(taken));
    }
    bool left = false;
    for (const auto& t : proto.tensors()) left = left || t.ByteSizeLong() > 0;
    if (!left) proto.clear_tensors();
    return Attribute::Payload(std::move(out));
  }

  Result<Attribute::Payload> graphs(Kind& proto) const {
    std::vector<GraphPtr> out;
    for (auto& g : *proto.mutable_graphs()) {
      HT_ASSIGN(GraphPtr taken, graph(g));
      out.push_back(std::move(taken));
    }
    proto.clear_graphs();
    return Attribute::Payload(std::move(out));
  }

  Result<Attribute::Payload> payload(Kind& proto, Kind::AttributeType kind) const;
};

Result<Attribute::Payload> Taker::payload(Kind& proto, Kind::AttributeType kind) const {
  Attribute::Payload out;
  switch (kind) {
    case Kind::FLOAT:
      out = proto.f(), proto.clear_f();
      break;
    case Kind::INT:
      out = int64_t{proto.i()}, proto.clear_i();
      break;
    case Kind::STRING:
      out = std::move(*proto.mutable_s()), proto.clear_s();
      break;
    case Kind::FLOATS:
      out = std::vector<float>(proto.floats().begin(), proto.floats().end()), proto.clear_floats();
      break;
    case Kind::INTS:
      out = std::vector<int64_t>(proto.ints().begin(), proto.ints().end()), proto.clear_ints();
      break;
    case Kind::STRINGS:
      out = std::vector<std::string>(proto.strings().begin(), proto.strings().end()), proto.clear_strings();
      break;
    case Kind::TENSOR: {
      if (!proto.has_t()) return bad("is said to be a tensor but holds none.");
      HT_ASSIGN(out, tensor(*proto.mutable_t()));
      if (proto.t().ByteSizeLong() == 0) proto.clear_t();
      break;
    }
    case Kind::GRAPH: {
      if (!proto.has_g()) return bad("is said to be a graph but holds none.");
      HT_ASSIGN(out, graph(*proto.mutable_g()));
      proto.clear_g();
      break;
    }
    case Kind::TENSORS:
      return tensors(proto);
    case Kind::GRAPHS:
      return graphs(proto);
    default:
      break;
  }
  return out;
}

}  // namespace

Result<Attribute> take_attribute(onnx::AttributeProto& proto, const ReadOptions& options, int depth,
                                 std::string_view node) {
  const Taker taker{options, depth, node, "attribute " + quoted(proto.name()) + " of " + quoted(node)};
  if (!valid_utf8(proto.name()) || !valid_utf8(proto.ref_attr_name()))
    return taker.bad("has a name that is not UTF-8.");
  if (proto.name().empty()) return taker.bad("has no name.");
  Attribute attribute;
  attribute.ref_name = std::move(*proto.mutable_ref_attr_name());
  attribute.doc = std::move(*proto.mutable_doc_string());
  proto.clear_name();
  proto.clear_ref_attr_name();
  proto.clear_doc_string();
  const auto kind = kind_of(proto);
  if (attribute.ref_name.empty()) {
    HT_ASSIGN(attribute.value, taker.payload(proto, kind));
    if (attribute.value.index() != 0) proto.clear_type();
  }
  if (proto.ByteSizeLong() > 0) attribute.opaque = proto.SerializePartialAsString();
  return attribute;
}

}  // namespace halftone
