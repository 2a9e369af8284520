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

void set_attributes(Node& node, std::initializer_list<IntAttribute> attributes) {
  for (const IntAttribute& attribute : attributes) node.attributes[attribute.key].value = attribute.value;
}

ValueId NewNodes::add(std::string_view op_type, const std::string& base, std::initializer_list<ValueId> inputs,
                      std::initializer_list<IntAttribute> attributes) {
  const ValueId output = value(base + "_" + std::string(op_type));
  add_into(op_type, base, inputs, {output}, attributes);
  return output;
}

Node& NewNodes::add_into(std::string_view op_type, const std::string& base, std::initializer_list<ValueId> inputs,
                         std::initializer_list<ValueId> outputs, std::initializer_list<IntAttribute> attributes) {
  Node& node = nodes_.emplace_back();
  node.op_type = op_type;
  node.name = names_.take_node_name(base + "_" + node.op_type);
  node.inputs = inputs;
  while (!node.inputs.empty() && node.inputs.back() == kNoValue) node.inputs.pop_back();
  node.outputs = outputs;
  set_attributes(node, attributes);
  return node;
}

ValueId NewNodes::cast(const std::string& base, ValueId from, DType to) {
  return add("Cast", base, {from}, {{"to", static_cast<int64_t>(to)}});
}

ValueId NewNodes::reshape(const std::string& base, ValueId from, const Dims& dims) {
  const ValueId shape = constant(base + "_shape", Tensor::of<int64_t>({static_cast<int64_t>(dims.size())}, dims));
  return add("Reshape", base, {from, shape});
}

}  // namespace halftone
