// Nodes, values and constants with unique names.
#include "core/passes/quantize/new_nodes.h"

namespace halftone {

std::string short_name(const Graph& graph, ValueId id) {
  constexpr size_t kLongest = 32;
  const std::string& name = graph.value(id).name;
  if (name.size() <= kLongest) return name;
  const size_t from = name.size() - kLongest;
  const size_t separator = name.find_first_of("/.", from - 1);
  const bool found = separator != std::string::npos && separator + 1 < name.size();
  return name.substr(found ? separator + 1 : from);
}

ValueId NewNodes::add(std::string_view op_type, const std::string& base, std::vector<ValueId> inputs, DType dtype,
                      SymShape shape, Attributes attributes) {
  const ValueId output = value(base + "_" + std::string(op_type), dtype, std::move(shape));
  add_into(op_type, base, std::move(inputs), {output}, std::move(attributes));
  return output;
}

Node& NewNodes::add_into(std::string_view op_type, const std::string& base, std::vector<ValueId> inputs,
                         std::vector<ValueId> outputs, Attributes attributes) {
  Node node;
  node.op_type = op_type;
  node.name = names_.take_node_name(base + "_" + std::string(op_type));
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  node.attributes = std::move(attributes);
  nodes_.push_back(std::move(node));
  return nodes_.back();
}

}  // namespace halftone
