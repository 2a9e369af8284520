// Makes nodes and constants for passes that put whole little graphs beside what a model has: names are made unique,
// values get a type and, where it is known, a shape. The pass decides where the nodes go.
#pragma once

#include <initializer_list>
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

struct IntAttribute {
  const char* key;
  int64_t value;
};
void set_attributes(Node& node, std::initializer_list<IntAttribute> attributes);

// Types and shapes of what is made are left to shape inference, which runs behind every pass.
class NewNodes {
 public:
  // The graph may lose its list of nodes meanwhile (its names are indexed now).
  explicit NewNodes(Graph& graph) : names_(graph) {}

  ValueId constant(const std::string& name, Tensor tensor) { return names_.add_constant(name, std::move(tensor)); }
  ValueId value(const std::string& name) { return names_.add_value(name); }
  // A node of ai.onnx with one output: a new value called <base>_<op_type>, which is returned. Absent inputs at the
  // end are left out.
  ValueId add(std::string_view op_type, const std::string& base, std::initializer_list<ValueId> inputs,
              std::initializer_list<IntAttribute> attributes = {});
  // The same into values that exist.
  Node& add_into(std::string_view op_type, const std::string& base, std::initializer_list<ValueId> inputs,
                 std::initializer_list<ValueId> outputs, std::initializer_list<IntAttribute> attributes = {});
  ValueId cast(const std::string& base, ValueId from, DType to);
  // Same elements under other dims.
  ValueId reshape(const std::string& base, ValueId from, const Dims& dims);
  void add(Node node) { nodes_.push_back(std::move(node)); }

  // What was made since the last call, in order.
  std::vector<Node> take() { return std::exchange(nodes_, {}); }

 private:
  NameIndex names_;
  std::vector<Node> nodes_;
};

}  // namespace halftone
