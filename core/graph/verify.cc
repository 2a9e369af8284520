// Every invariant of a Graph, checked after reading and after every pass. Subgraphs are checked where their node
// stands: they see what is defined before it.
#include <string_view>
#include <unordered_map>

#include "core/graph/edit.h"
#include "core/graph/subgraphs.h"

namespace halftone {
namespace {

class Verifier {
 public:
  Verifier(const Graph& graph, ErrorCode code, const Verifier* outer)
      : graph_(graph), code_(code), outer_(outer), defined_(graph.values.size(), 0) {}

  Status run() {
    HT_TRY(names());
    HT_TRY(inputs());
    HT_TRY(constants_and_captures());
    for (const Node& node : graph_.nodes) HT_TRY(check_node(node));
    for (const ValueId id : graph_.outputs) {
      if (!in_range(id)) return error("An output of the graph points nowhere.", graph_.name);
      if (!defined(id)) return error("No node produces the graph's output \"" + name(id) + "\".", name(id));
    }
    return ok_status();
  }

 private:
  Error error(std::string message, std::string where) const {
    return Error{code_, std::move(message), std::move(where),
                 code_ == ErrorCode::kInternal ? "This is a mistake of Halftone's: please report it."
                                               : "The file breaks the ONNX specification: export it again."};
  }

  bool in_range(ValueId id) const { return id >= 0 && static_cast<size_t>(id) < graph_.values.size(); }
  bool defined(ValueId id) const { return defined_[static_cast<size_t>(id)] != 0; }
  void define(ValueId id) { defined_[static_cast<size_t>(id)] = 1; }
  const std::string& name(ValueId id) const { return graph_.value(id).name; }

  // Defined so far, here or further out. Graphs in between need not list a name that they only pass on.
  bool visible(std::string_view wanted) const {
    const auto it = ids_.find(wanted);
    if (it != ids_.end() && defined(it->second)) return true;
    return outer_ != nullptr && outer_->visible(wanted);
  }

  Status names() {
    ids_.reserve(graph_.values.size());
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const std::string& name = graph_.values[v].name;
      if (name.empty()) return error("A value has no name.", graph_.name);
      if (!ids_.emplace(name, static_cast<ValueId>(v)).second) {
        return error("Two values are called \"" + name + "\".", name);
      }
    }
    return ok_status();
  }

  Status inputs() {
    for (const ValueId id : graph_.inputs) {
      if (!in_range(id)) return error("An input of the graph points nowhere.", graph_.name);
      if (graph_.value(id).is_constant()) {
        return error("\"" + name(id) + "\" is both an input and a constant.", name(id));
      }
      if (defined(id)) return error("The graph has the input \"" + name(id) + "\" twice.", name(id));
      define(id);
    }
    for (const ValueId id : graph_.initializer_inputs) {
      if (!in_range(id) || !graph_.value(id).is_constant()) {
        return error("An input that should have a default has none.", in_range(id) ? name(id) : graph_.name);
      }
    }
    return ok_status();
  }

  Status constants_and_captures() {
    for (size_t v = 0; v < graph_.values.size(); ++v) {
      const Value& value = graph_.values[v];
      if (value.is_constant()) HT_TRY(check_constant(value));
      if (value.from_outer_scope) {
        if (value.is_constant() || defined_[v]) {
          return error("\"" + value.name + "\" is taken from outside the graph, but defined in it too.", value.name);
        }
        if (outer_ == nullptr || !outer_->visible(value.name)) {
          return error("A subgraph uses \"" + value.name + "\", which no graph around it has by then.", value.name);
        }
      }
      if (value.is_constant() || value.from_outer_scope) defined_[v] = 1;
    }
    return ok_status();
  }

  Status check_constant(const Value& value) const {
    const Tensor& tensor = value.constant;
    if (value.dtype != DType::kUndefined && value.dtype != tensor.dtype()) {
      return error("The constant \"" + value.name + "\" is " + std::string(dtype_name(tensor.dtype())) +
                       ", but declared as " + std::string(dtype_name(value.dtype)) + ".",
                   value.name);
    }
    if (!value.shape.accepts(tensor.dims())) {
      return error("The constant \"" + value.name + "\" has the shape " + to_string(tensor.dims()) +
                       ", but is declared as " + value.shape.to_string() + ".",
                   value.name);
    }
    return ok_status();
  }

  Status check_node(const Node& node) {
    const auto bad = [&](std::string message) { return error(std::move(message), node_label(graph_, node)); };
    if (node.removed) return bad("A removed node is still in the graph.");
    if (node.op_type.empty()) return bad("A node has no operator.");
    for (const ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      if (!in_range(id)) return bad("An input of the node points nowhere.");
      if (!defined(id)) return bad("The node reads \"" + name(id) + "\", which does not exist before it.");
    }
    Status inner;
    for_each_subgraph(node, [&](const Graph& graph) {
      if (inner.ok()) inner = Verifier(graph, code_, this).run();
    });
    HT_TRY(std::move(inner));
    for (const ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      if (!in_range(id)) return bad("An output of the node points nowhere.");
      if (defined(id)) return bad("The node produces \"" + name(id) + "\", which is defined already.");
      define(id);
    }
    return ok_status();
  }

  const Graph& graph_;
  ErrorCode code_;
  const Verifier* outer_;
  std::vector<char> defined_;
  std::unordered_map<std::string_view, ValueId> ids_;
};

}  // namespace

Status verify(const Graph& graph, ErrorCode code) { return Verifier(graph, code, nullptr).run(); }

}  // namespace halftone
