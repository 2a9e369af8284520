// RunContext of the executor: connects one step of a program with the buffers.
#pragma once

#include "core/runtime/buffers.h"
#include "core/runtime/executor.h"

namespace halftone {

// Executors of a step's bodies, in their order, made when first needed.
using BodyExecutors = std::vector<std::unique_ptr<Executor>>;

class StepRun final : public RunContext {
 public:
  StepRun(const Program& program, const Step& step, Buffers& buffers, StepMemo& memo, BodyExecutors& bodies)
      : program_(program),
        step_(step),
        node_(program.graph.nodes[static_cast<size_t>(step.node)]),
        buffers_(buffers),
        memo_(memo),
        bodies_(bodies) {}

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
  std::unique_ptr<Memo>& memos() override;
  bool is_constant(size_t i) const override { return program_.graph.value(node_.inputs[i]).is_constant(); }
  Result<std::vector<Tensor>> run_subgraph(std::string_view attribute, std::span<const Tensor> inputs) override;
  Result<Tensor> take_input(size_t i) override { return buffers_.take(node_.inputs[i]); }
  Status give_output(size_t i, Tensor tensor) override;

 private:
  const QuantParams* quant(ValueId id) const;
  template <typename Put>
  void for_each_size(Put&& put) const;

  const Program& program_;
  const Step& step_;
  const Node& node_;
  Buffers& buffers_;
  StepMemo& memo_;
  bool checked_ = false;  // that memo_ is for these inputs
  BodyExecutors& bodies_;
};

}  // namespace halftone
