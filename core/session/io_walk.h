// Walking from a graph's inputs and outputs over nodes that only pass things on, for describe_io.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/graph/edit.h"

namespace halftone {

// True where `text` holds one of the words, in any case of letters.
bool mentions(std::string_view text, std::initializer_list<std::string_view> words);

class IoWalk {
 public:
  explicit IoWalk(const Graph& graph) : graph_(graph), uses_(graph) {}

  // The nodes that do something with the value: behind Cast, Transpose, Pad, Reshape and their like.
  std::vector<const Node*> readers(ValueId id) const;
  // The node that makes the value: before Identity, Reshape, DequantizeLinear and their like. nullptr: an input.
  const Node* maker(ValueId id) const;
  const Node* producer(ValueId id) const;
  // Elements of the constant at the node's input, at most 4096 of them; empty where there is none.
  std::vector<double> constant(const Node& node, size_t input) const;
  // Whether the constant at the node's input holds int8.
  bool is_int8(const Node& node, size_t input) const;
  // The node is linear in its first input with constant weights (Conv, Gemm, MatMul ...), and their rank.
  std::optional<int64_t> weight_rank(const Node& node) const;

 private:
  void collect(ValueId id, int depth, std::vector<const Node*>& found) const;

  const Graph& graph_;
  UseMap uses_;
};

}  // namespace halftone
