// Lookups and small edits of a Graph.
#include "core/graph/graph.h"

#include <string_view>
#include <unordered_set>

#include "core/graph/subgraphs.h"

namespace halftone {
namespace {

template <typename T>
const T* payload(const Node& node, std::string_view key) {
  const auto it = node.attributes.find(key);
  return it == node.attributes.end() ? nullptr : std::get_if<T>(&it->second.value);
}

template <typename T>
T payload_or(const Node& node, std::string_view key, T fallback) {
  const T* found = payload<T>(node, key);
  return found ? *found : std::move(fallback);
}

template <typename T>
const std::vector<T>& list_or_empty(const Node& node, std::string_view key) {
  static const std::vector<T> empty;
  const auto* found = payload<std::vector<T>>(node, key);
  return found ? *found : empty;
}

}  // namespace

int64_t Node::int_attr(std::string_view key, int64_t fallback) const { return payload_or(*this, key, fallback); }
float Node::float_attr(std::string_view key, float fallback) const { return payload_or(*this, key, fallback); }
std::string Node::string_attr(std::string_view key, std::string_view fallback) const {
  return payload_or(*this, key, std::string(fallback));
}
const std::vector<int64_t>& Node::ints_attr(std::string_view key) const { return list_or_empty<int64_t>(*this, key); }
const std::vector<float>& Node::floats_attr(std::string_view key) const { return list_or_empty<float>(*this, key); }
const Tensor* Node::tensor_attr(std::string_view key) const { return payload<Tensor>(*this, key); }
GraphPtr Node::graph_attr(std::string_view key) const { return payload_or(*this, key, GraphPtr()); }

ValueId Graph::find_value(std::string_view name) const {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].name == name) return static_cast<ValueId>(i);
  }
  return kNoValue;
}

namespace {

// "base", else "base_1", "base_2", ... whichever nobody in `taken` has.
template <typename Taken>
std::string unique_name(std::string_view base, const Taken& taken) {
  std::string name(base);
  for (int i = 1; taken(name); ++i) name = std::string(base) + "_" + std::to_string(i);
  return name;
}

}  // namespace

ValueId Graph::add_value(std::string_view base, DType dtype, SymShape shape) {
  Value v;
  std::unordered_set<std::string_view> inner;
  collect_subgraph_names(*this, inner);
  v.name = unique_name(base, [&](const std::string& n) { return find_value(n) != kNoValue || inner.contains(n); });
  v.dtype = dtype;
  v.shape = std::move(shape);
  values.push_back(std::move(v));
  return static_cast<ValueId>(values.size() - 1);
}

ValueId Graph::add_constant(std::string_view base, Tensor tensor) {
  const ValueId id = add_value(base, tensor.dtype(), SymShape::of(tensor.dims()));
  value(id).constant = std::move(tensor);
  return id;
}

std::string Graph::unique_node_name(std::string_view base) const {
  return unique_name(base, [&](const std::string& n) {
    for (const Node& node : nodes) {
      if (!node.removed && node.name == n) return true;
    }
    return false;
  });
}

int64_t Model::opset(std::string_view wanted) const {
  const auto it = opset_imports.find(wanted);
  return it == opset_imports.end() ? 0 : it->second;
}

std::string node_label(const Graph& graph, const Node& node) {
  if (!node.name.empty()) return node.name;
  for (ValueId id : node.outputs) {
    if (id >= 0 && static_cast<size_t>(id) < graph.values.size()) return node.op_type + " -> " + graph.value(id).name;
  }
  return node.op_type;
}

}  // namespace halftone
