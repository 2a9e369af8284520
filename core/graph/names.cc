// Names of a graph in hash tables; the contract is in names.h.
#include "core/graph/names.h"

#include <unordered_set>

#include "core/graph/subgraphs.h"

namespace halftone {

NameIndex::NameIndex(Graph& graph) : graph_(graph) {
  values_.ids.reserve(graph.values.size());
  for (size_t i = 0; i < graph.values.size(); ++i) {
    values_.ids.emplace(graph.values[i].name, static_cast<ValueId>(i));
  }
  std::unordered_set<std::string_view> inner;
  collect_subgraph_names(graph, inner);
  for (const std::string_view name : inner) values_.ids.emplace(name, kNoValue);
  for (const Node& node : graph.nodes) {
    if (!node.removed) nodes_.ids.emplace(node.name, kNoValue);
  }
}

std::string NameIndex::Names::take(std::string_view base, ValueId id) {
  std::string name(base);
  if (ids.emplace(name, id).second) return name;
  int64_t& suffix = next.try_emplace(name, 1).first->second;
  do {
    name = std::string(base) + "_" + std::to_string(suffix++);
  } while (!ids.emplace(name, id).second);
  return name;
}

ValueId NameIndex::find_value(std::string_view name) const {
  const auto it = values_.ids.find(std::string(name));
  return it == values_.ids.end() ? kNoValue : it->second;
}

ValueId NameIndex::add_value(std::string_view base, DType dtype, SymShape shape) {
  const auto id = static_cast<ValueId>(graph_.values.size());
  Value& value = graph_.values.emplace_back();
  value.name = values_.take(base, id);
  value.dtype = dtype;
  value.shape = std::move(shape);
  return id;
}

ValueId NameIndex::add_constant(std::string_view base, Tensor tensor) {
  const ValueId id = add_value(base, tensor.dtype(), SymShape::of(tensor.dims()));
  graph_.value(id).constant = std::move(tensor);
  return id;
}

std::string NameIndex::take_node_name(std::string_view base) { return nodes_.take(base, kNoValue); }

}  // namespace halftone
