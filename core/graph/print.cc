// A graph as text, one line per node, for tests and debugging.
#include "core/base/number_text.h"
#include "core/graph/edit.h"

namespace halftone {
namespace {

std::string join(const Graph& graph, const std::vector<ValueId>& ids) {
  std::string out;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out += ", ";
    out += ids[i] == kNoValue ? "_" : "%" + graph.value(ids[i]).name;
  }
  return out;
}

struct PrintPayload {
  std::string operator()(std::monostate) const { return "<opaque>"; }
  std::string operator()(int64_t v) const { return std::to_string(v); }
  std::string operator()(float v) const { return number_text(v); }
  std::string operator()(const std::string& v) const { return '"' + v + '"'; }
  std::string operator()(const Tensor& v) const {
    return "<" + std::string(dtype_name(v.dtype())) + " " + to_string(v.dims()) + ">";
  }
  std::string operator()(const GraphPtr& v) const { return v ? "<graph " + v->name + ">" : "<graph>"; }
  template <typename T>
  std::string operator()(const std::vector<T>& v) const {
    std::string out = "[";
    for (size_t i = 0; i < v.size(); ++i) out += (i > 0 ? ", " : "") + (*this)(v[i]);
    return out + "]";
  }
};

std::string print_attributes(const Attributes& attributes) {
  if (attributes.empty()) return "";
  std::string out = " {";
  const char* separator = "";
  for (const auto& [key, attribute] : attributes) {
    out += separator + key + "=" + std::visit(PrintPayload{}, attribute.value);
    separator = ", ";
  }
  return out + "}";
}

}  // namespace

std::string print(const Graph& graph) {
  std::string out = "(" + join(graph, graph.inputs) + ")\n";
  for (const Node& node : graph.nodes) {
    if (node.removed) continue;
    const std::string op = node.domain.empty() ? node.op_type : node.domain + "::" + node.op_type;
    out += "  " + join(graph, node.outputs) + " = " + op + "(" + join(graph, node.inputs) + ")" +
           print_attributes(node.attributes) + "\n";
  }
  return out + "return " + join(graph, graph.outputs) + "\n";
}

}  // namespace halftone
