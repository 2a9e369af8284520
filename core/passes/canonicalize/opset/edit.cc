// What adapters can do with their node; the contract is in adapter.h.
#include "core/graph/edit.h"

#include <algorithm>

#include "core/passes/canonicalize/opset/adapter.h"
#include "core/tensor/convert.h"

namespace halftone {

std::optional<int64_t> OpsetEdit::rank(ValueId id) const {
  if (id == kNoValue || !graph_.value(id).shape.has_rank()) return std::nullopt;
  return graph_.value(id).shape.rank();
}

std::optional<Dims> OpsetEdit::dims(ValueId id) const {
  if (id == kNoValue) return std::nullopt;
  return graph_.value(id).shape.concrete();
}

DType OpsetEdit::dtype(ValueId id) const { return id == kNoValue ? DType::kUndefined : graph_.value(id).dtype; }

Tensor OpsetEdit::constant(ValueId id) const {
  if (id == kNoValue) return {};
  if (graph_.value(id).is_constant()) return graph_.value(id).constant;
  for (const Node& n : graph_.nodes) {
    if (n.removed || n.op_type != "Constant" || n.output(0) != id) continue;
    const Tensor* value = n.tensor_attr("value");
    return value != nullptr ? *value : Tensor();
  }
  return {};
}

// Subgraphs read by name: a value of that name which they take from outside counts as a use.
bool OpsetEdit::is_used(ValueId id) const {
  if (id == kNoValue) return false;
  const UseMap uses(graph_);
  return !uses.uses(id).empty();
}

std::string OpsetEdit::name_for(std::string_view what) const {
  const Node& n = graph_.nodes[static_cast<size_t>(index_)];
  for (const ValueId id : n.outputs) {
    if (id != kNoValue) return graph_.value(id).name + "_" + std::string(what);
  }
  return n.op_type + "_" + std::string(what);
}

ValueId OpsetEdit::add_constant(std::string_view what, Tensor tensor) {
  const std::string name = name_for(what);
  if (!in_function_) return graph_.add_constant(name, std::move(tensor));
  Node constant;
  constant.op_type = "Constant";
  constant.name = graph_.unique_node_name(name);
  const ValueId output = graph_.add_value(name, tensor.dtype(), SymShape::of(tensor.dims()));
  constant.outputs = {output};
  constant.attributes.emplace("value", Attribute(std::move(tensor)));
  graph_.nodes.push_back(std::move(constant));
  return output;
}

ValueId OpsetEdit::add_ints(std::string_view what, std::span<const int64_t> values) {
  return add_constant(what, Tensor::of<int64_t>({static_cast<int64_t>(values.size())}, values));
}

ValueId OpsetEdit::add_number(std::string_view what, float value, DType dtype) {
  auto converted = convert(Tensor::scalar(value), is_float(dtype) ? dtype : DType::kFloat);
  HT_CHECK(converted.ok());
  return add_constant(what, *std::move(converted));
}

ValueId OpsetEdit::add_node(std::string_view op, std::string_view what, std::vector<ValueId> inputs,
                            Attributes attributes) {
  const ValueId output = graph_.add_value(name_for(what));
  add_node_to(output, op, std::move(inputs), std::move(attributes));
  return output;
}

void OpsetEdit::add_node_to(ValueId output, std::string_view op, std::vector<ValueId> inputs, Attributes attributes) {
  Node added;
  added.op_type = op;
  added.name = graph_.unique_node_name(name_for(op));
  added.inputs = std::move(inputs);
  added.outputs = {output};
  added.attributes = std::move(attributes);
  graph_.nodes.push_back(std::move(added));
}

ValueId OpsetEdit::detach_output(std::string_view what) {
  const ValueId old = node().outputs.at(0);
  const ValueId fresh = graph_.add_value(name_for(what), graph_.value(old).dtype);
  node().outputs[0] = fresh;
  return fresh;
}

void OpsetEdit::set_input(size_t slot, ValueId id) {
  Node& n = node();
  if (n.inputs.size() <= slot) n.inputs.resize(slot + 1, kNoValue);
  n.inputs[slot] = id;
}

void OpsetEdit::ints_to_input(std::string_view key, size_t slot) {
  if (!node().has(key)) return;
  const std::vector<int64_t> values = node().ints_attr(key);
  set_input(slot, add_ints(key, values));
  node().attributes.erase(node().attributes.find(key));
}

Error OpsetEdit::cannot(std::string why) const {
  const Node& n = graph_.nodes[static_cast<size_t>(index_)];
  return {ErrorCode::kUnsupportedOperator,
          n.op_type + " cannot be converted to opset " + std::to_string(to_) + ": " + std::move(why),
          node_label(graph_, n), "Export the model with opset " + std::to_string(to_) + " or newer."};
}

}  // namespace halftone
