// NameIndex: the names of a graph in hash tables, for whoever adds many values or nodes. Graph::find_value and
// Graph::add_value search linearly, which is right for a few; with this, adding n values takes time in n.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/graph/graph.h"

namespace halftone {

class NameIndex {
 public:
  // Indexes the names that the graph has now, those of its subgraphs included. The graph must outlive the index, and
  // names may meanwhile be added through the index only. Erased nodes' names count as free.
  explicit NameIndex(Graph& graph);

  // The value of this name in the graph itself; kNoValue if absent.
  ValueId find_value(std::string_view name) const;
  // As Graph::add_value and Graph::add_constant: "base", "base_1", ... whichever is free.
  ValueId add_value(std::string_view base, DType dtype = DType::kUndefined, SymShape shape = {});
  ValueId add_constant(std::string_view base, Tensor tensor);
  // A node name made from `base` that no node has; it is taken from now on.
  std::string take_node_name(std::string_view base);

 private:
  // Names with what they stand for: an id, kNoValue for names that are only taken.
  struct Names {
    std::unordered_map<std::string, ValueId> ids;
    std::unordered_map<std::string, int64_t> next;  // by base: the first suffix not tried yet
    std::string take(std::string_view base, ValueId id);
  };

  Graph& graph_;
  Names values_, nodes_;
};

}  // namespace halftone
