// ModelGraph: nodes, values and attributes as Json for drawing. Large attributes are described, not copied.
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/ops/node_macs.h"
#include "core/session/describe.h"

namespace halftone {
namespace {

constexpr size_t kMaxListed = 64;  // elements of a list attribute that are shown

template <typename List>
Json list_json(const List& list) {
  Json::Array out;
  for (size_t i = 0; i < list.size() && i < kMaxListed; ++i) out.push_back(list[i]);
  return out;
}

Json tensor_json(const Tensor& tensor) {
  return Json::Object{{"type", dtype_name(tensor.dtype())}, {"dims", list_json(tensor.dims())}};
}

Json subgraph_json(const GraphPtr& graph) {
  return Json::Object{{"graph", graph ? Json(graph->name) : Json()},
                      {"nodes", graph ? Json(static_cast<int64_t>(graph->nodes.size())) : Json()}};
}

struct PayloadToJson {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(int64_t v) const { return v; }
  Json operator()(float v) const { return v; }
  Json operator()(const std::string& v) const { return v; }
  Json operator()(const Tensor& v) const { return tensor_json(v); }
  Json operator()(const GraphPtr& v) const { return subgraph_json(v); }
  Json operator()(const std::vector<int64_t>& v) const { return list_json(v); }
  Json operator()(const std::vector<float>& v) const { return list_json(v); }
  Json operator()(const std::vector<std::string>& v) const { return list_json(v); }
  Json operator()(const std::vector<Tensor>& v) const {
    Json::Array out;
    for (const Tensor& t : v) out.push_back(tensor_json(t));
    return out;
  }
  Json operator()(const std::vector<GraphPtr>& v) const {
    Json::Array out;
    for (const GraphPtr& g : v) out.push_back(subgraph_json(g));
    return out;
  }
};

Json names_json(const Graph& graph, const std::vector<ValueId>& ids) {
  Json::Array out;
  for (ValueId id : ids) out.push_back(id == kNoValue ? Json() : Json(graph.value(id).name));
  return out;
}

// Bytes of a value of known type and shape; 0 otherwise.
int64_t value_bytes(const Value& value) {
  if (value.is_constant()) return value.constant.byte_size();
  const auto dims = value.shape.concrete();
  if (!dims || value.dtype == DType::kUndefined || value.dtype == DType::kString) return 0;
  const auto count = element_count(*dims);
  return count ? packed_bytes(value.dtype, *count).value_or(0) : 0;
}

}  // namespace

Json describe_graph(const Model& model) {
  const Graph& graph = model.graph;
  Json::Array nodes, values;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    Json attributes = Json::object();
    for (const auto& [key, attribute] : node.attributes) {
      attributes.set(key, std::visit(PayloadToJson{}, attribute.value));
    }
    nodes.push_back(Json::Object{{"id", static_cast<int64_t>(i)},
                                 {"name", node_label(graph, node)},
                                 {"op", node.op_type},
                                 {"domain", node.domain},
                                 {"inputs", names_json(graph, node.inputs)},
                                 {"outputs", names_json(graph, node.outputs)},
                                 {"attributes", std::move(attributes)},
                                 {"macs", node_macs(model, graph, node)}});
  }
  std::vector<Json> quants = describe_quant(graph);
  for (size_t i = 0; i < graph.values.size(); ++i) {
    const Value& value = graph.values[i];
    Json entry = value_json(value);
    entry.set("constant", value.is_constant());
    entry.set("bytes", value_bytes(value));
    if (!quants[i].is_null()) entry.set("quant", std::move(quants[i]));
    values.push_back(std::move(entry));
  }
  return Json::Object{{"nodes", std::move(nodes)}, {"values", std::move(values)}};
}

}  // namespace halftone
