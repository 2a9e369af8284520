// RunContext of the executor: connects one step of a program with the buffers.
#pragma once

#include "core/runtime/buffers.h"

namespace halftone {

class StepRun final : public RunContext {
 public:
  StepRun(const Program& program, const Step& step, Buffers& buffers)
      : program_(program), step_(step), node_(program.graph.nodes[static_cast<size_t>(step.node)]), buffers_(buffers) {}

  const Node& node() const override { return node_; }
  int64_t opset() const override { return program_.opset(node_.domain); }
  bool has_input(size_t i) const override { return node_.input(i) != kNoValue; }
  size_t input_count() const override { return node_.inputs.size(); }
  size_t output_count() const override { return node_.outputs.size(); }
  bool wants_output(size_t i) const override { return node_.output(i) != kNoValue; }
  const View& input(size_t i) const override;
  Result<MutView> output(size_t i, DType dtype, std::span<const int64_t> dims) override;
  Status output_alias(size_t i, size_t j, std::span<const int64_t> dims) override;
  Result<void*> scratch(int64_t bytes) override { return buffers_.scratch().take(bytes); }
  const OpState* state() const override { return step_.state.get(); }
  const QuantParams* input_quant(size_t i) const override { return quant(node_.input(i)); }
  const QuantParams* output_quant(size_t i) const override { return quant(node_.output(i)); }

 private:
  const QuantParams* quant(ValueId id) const;

  const Program& program_;
  const Step& step_;
  const Node& node_;
  Buffers& buffers_;
};

}  // namespace halftone
