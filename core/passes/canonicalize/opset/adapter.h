// What the opset adapters are made of: a table row names an operator and the version whose rules its nodes are to
// follow from then on; the function rewrites one node. Adapters may look at constants and known ranks, add nodes and
// constants, and replace their node; raise_opset() sorts and cleans up behind them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"

namespace halftone {

// One node under conversion to version `to`.
class OpsetEdit {
 public:
  OpsetEdit(Graph& graph, int32_t index, int64_t to, bool in_function)
      : graph_(graph), index_(index), to_(to), in_function_(in_function) {}

  // Only until the next call that adds a node.
  Node& node() { return graph_.nodes[static_cast<size_t>(index_)]; }
  Graph& graph() { return graph_; }

  // Rank and dtype where known.
  std::optional<int64_t> rank(ValueId id) const;
  std::optional<Dims> dims(ValueId id) const;
  DType dtype(ValueId id) const;
  // Contents of an initializer or of a Constant node; an undefined tensor where not known.
  Tensor constant(ValueId id) const;
  bool is_used(ValueId id) const;

  // New values are named after the node's first output: "<output>_<what>".
  ValueId add_constant(std::string_view what, Tensor tensor);
  ValueId add_ints(std::string_view what, std::span<const int64_t> values);
  // A scalar of `dtype`, which may be any floating point type (kUndefined counts as float).
  ValueId add_number(std::string_view what, float value, DType dtype);
  // Appends a node of one output and returns that.
  ValueId add_node(std::string_view op, std::string_view what, std::vector<ValueId> inputs, Attributes attributes = {});
  // The node writes to a new value from now on; returns it. The caller makes the old output from that with
  // `add_node_to`.
  ValueId detach_output(std::string_view what);
  void add_node_to(ValueId output, std::string_view op, std::vector<ValueId> inputs, Attributes attributes = {});

  // Moves a list of integers from attribute `key` to input `slot` (earlier missing inputs become empty).
  void ints_to_input(std::string_view key, size_t slot);
  void set_input(size_t slot, ValueId id);

  // kUnsupportedOperator naming node, operator and version.
  Error cannot(std::string why) const;

 private:
  std::string name_for(std::string_view what) const;

  Graph& graph_;
  int32_t index_;
  int64_t to_;
  bool in_function_;  // function bodies have no initializers: constants become Constant nodes
};

using AdaptFn = Status (*)(OpsetEdit&);

struct OpsetAdapter {
  std::string_view op;
  int64_t to;
  AdaptFn adapt;
};

// The tables, one per file of this folder.
std::span<const OpsetAdapter> axes_adapters();
std::span<const OpsetAdapter> broadcast_adapters();
std::span<const OpsetAdapter> input_adapters();
std::span<const OpsetAdapter> legacy_adapters();
std::span<const OpsetAdapter> normalization_adapters();
std::span<const OpsetAdapter> resize_adapters();
std::span<const OpsetAdapter> softmax_adapters();

// The adapter for (op, to); nullptr: none.
const OpsetAdapter* find_adapter(std::string_view op, int64_t to);

// Whether operator `op` of ai.onnx changed at version `to` in a way that leaves every older node valid and its
// meaning the same (more types, new optional attributes and inputs).
bool carries_over(std::string_view op, int64_t to);
// Whether a new version of `op` begins at `to`.
bool changed_at(std::string_view op, int64_t to);

}  // namespace halftone
