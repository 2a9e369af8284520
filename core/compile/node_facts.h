// What an operator is told when it prepares (PrepareContext): constants, types, shapes and quantization of a
// node's inputs and outputs. Filled from a graph; integer lowering fills in what the node would become.
#pragma once

#include <utility>
#include <vector>

#include "core/ops/op_def.h"

namespace halftone {

class NodeFacts final : public PrepareContext {
 public:
  // Facts of the node as it stands. `integer`: quantization of its values is part of them.
  NodeFacts(const Graph& graph, const Node& node, int64_t opset, bool integer);

  // As if input i were `id` with these parameters.
  void set_input(size_t i, const Graph& graph, ValueId id, const QuantParams& quant);
  void set_output(size_t i, const QuantParams& quant);

  const Node& node() const override { return node_; }
  int64_t opset() const override { return opset_; }
  const Tensor* constant(size_t input) const override;
  const QuantParams* input_quant(size_t i) const override;
  const QuantParams* output_quant(size_t i) const override;
  DType input_dtype(size_t i) const override;
  const SymShape& input_shape(size_t i) const override;
  void keeps(size_t input, PackedForm form) override { kept.emplace_back(input, std::move(form)); }

  std::vector<std::pair<size_t, PackedForm>> kept;  // what keeps() was told

 private:
  struct Fact {
    const Value* value = nullptr;
    const QuantParams* quant = nullptr;
  };
  const Fact& fact(const std::vector<Fact>& facts, size_t i) const;

  const Node& node_;
  int64_t opset_;
  std::vector<Fact> inputs_, outputs_;
};

}  // namespace halftone
