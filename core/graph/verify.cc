// Every invariant of a Graph, checked after reading and after every pass.
#include <string_view>
#include <unordered_set>

#include "core/graph/edit.h"

namespace halftone {
namespace {

class Verifier {
 public:
  Verifier(const Graph& graph, ErrorCode code, const Verifier* outer)
      : graph_(graph), code_(code), outer_(outer), defined_(graph.values.size(), 0) {}

  Status run() {
    HT_TRY(names());
    HT_TRY(sources());
    for (const Node& node : graph_.nodes) HT_TRY(check_node(node));
    for (ValueId id : graph_.outputs) {
      if (!in_range(id)) return error("a graph output points nowhere", graph_.name);
      if (!defined(id)) return error("graph output \"" + name(id) + "\" is not produced by any node", name(id));
    }
    return ok_status();
  }

 private:
  Error error(std::string message, std::string where) const {
    return Error{code_, std::move(message), std::move(where),
                 code_ == ErrorCode::kInternal ? "this is a mistake of Halftone's: please report it"
                                               : "the file breaks the ONNX specification: export it again"};
  }

  bool in_range(ValueId id) const { return id >= 0 && static_cast<size_t>(id) < graph_.values.size(); }
  bool defined(ValueId id) const { return defined_[static_cast<size_t>(id)] != 0; }
  void define(ValueId id) { defined_[static_cast<size_t>(id)] = 1; }
  const std::string& name(ValueId id) const { return graph_.value(id).name; }

  bool visible(std::string_view wanted) const {
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      if (defined_[v] && graph_.values[v].name == wanted) return true;
    }
    return outer_ != nullptr && outer_->visible(wanted);
  }

  Status names() const {
    std::unordered_set<std::string_view> seen;
    for (const Value& v : graph_.values) {
      if (v.name.empty()) return error("a value has no name", graph_.name);
      if (!seen.insert(v.name).second) return error("two values are called \"" + v.name + "\"", v.name);
    }
    return ok_status();
  }

  // Inputs, constants and captured values are there before the first node.
  Status sources() {
    for (ValueId id : graph_.inputs) {
      if (!in_range(id)) return error("a graph input points nowhere", graph_.name);
      if (graph_.value(id).is_constant())
        return error("\"" + name(id) + "\" is both an input and a constant", name(id));
      define(id);
    }
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const Value& value = graph_.values[v];
      if (value.is_constant()) {
        HT_TRY(check_constant(value));
        defined_[v] = 1;
      }
      if (value.from_outer_scope) {
        if (outer_ != nullptr && !outer_->visible(value.name)) {
          return error("subgraph uses \"" + value.name + "\", which no enclosing graph has", value.name);
        }
        defined_[v] = 1;
      }
    }
    return ok_status();
  }

  Status check_constant(const Value& value) const {
    if (value.dtype != DType::kUndefined && value.dtype != value.constant.dtype()) {
      return error("constant \"" + value.name + "\" is " + std::string(dtype_name(value.constant.dtype())) +
                       ", but declared " + std::string(dtype_name(value.dtype)),
                   value.name);
    }
    if (!value.shape.accepts(value.constant.dims())) {
      return error("constant \"" + value.name + "\" has shape " + to_string(value.constant.dims()) +
                       ", but is declared " + value.shape.to_string(),
                   value.name);
    }
    return ok_status();
  }

  Status check_node(const Node& node) {
    const std::string label = node_label(graph_, node);
    if (node.removed) return error("a removed node is still in the graph", label);
    if (node.op_type.empty()) return error("a node has no operator", label);
    for (ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      if (!in_range(id)) return error("an input of the node points nowhere", label);
      if (!defined(id)) return error("input \"" + name(id) + "\" of the node does not exist before it", label);
    }
    HT_TRY(check_subgraphs(node));
    for (ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      if (!in_range(id)) return error("an output of the node points nowhere", label);
      if (defined(id)) return error("\"" + name(id) + "\" is produced twice", label);
      define(id);
    }
    return ok_status();
  }

  Status check_subgraphs(const Node& node) const {
    for (const auto& [key, attribute] : node.attributes) {
      if (const auto* one = std::get_if<GraphPtr>(&attribute.value); one && *one) {
        HT_TRY(Verifier(**one, code_, this).run());
      } else if (const auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
        for (const GraphPtr& g : *many) {
          if (g) HT_TRY(Verifier(*g, code_, this).run());
        }
      }
    }
    return ok_status();
  }

  const Graph& graph_;
  ErrorCode code_;
  const Verifier* outer_;
  std::vector<char> defined_;
};

}  // namespace

Status verify(const Graph& graph, ErrorCode code) { return Verifier(graph, code, nullptr).run(); }

}  // namespace halftone
