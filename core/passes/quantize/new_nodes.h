// Makes nodes and constants for passes that put whole little graphs beside what a model has: names are made unique,
// values get a type and, where it is known, a shape. The pass decides where the nodes go.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/graph/graph.h"
#include "core/graph/names.h"

namespace halftone {

// What new values around `id` are named after: the last parts of its name. Exporters write whole paths, and a
// quantized graph repeats them a dozen times: in small models that was a third of the file.
std::string short_name(const Graph& graph, ValueId id);

class NewNodes {
 public:
  // The graph may lose its list of nodes meanwhile (its names are indexed now).
  explicit NewNodes(Graph& graph) : graph_(graph), names_(graph) {}

  ValueId constant(const std::string& name, Tensor tensor) { return names_.add_constant(name, std::move(tensor)); }
  ValueId value(const std::string& name, DType dtype, SymShape shape = {}) {
    return names_.add_value(name, dtype, std::move(shape));
  }
  // A node of ai.onnx with one output: a new value of this type called <base>_<op_type>. Returns that value.
  ValueId add(std::string_view op_type, const std::string& base, std::vector<ValueId> inputs, DType dtype,
              SymShape shape = {}, Attributes attributes = {});
  // The same into values that exist.
  Node& add_into(std::string_view op_type, const std::string& base, std::vector<ValueId> inputs,
                 std::vector<ValueId> outputs, Attributes attributes = {});
  void add(Node node) { nodes_.push_back(std::move(node)); }

  const std::vector<Node>& nodes() const { return nodes_; }
  // What was made since the last call, in order.
  std::vector<Node> take() { return std::exchange(nodes_, {}); }

 private:
  Graph& graph_;
  NameIndex names_;
  std::vector<Node> nodes_;
};

}  // namespace halftone
