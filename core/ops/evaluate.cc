// A RunContext over owned tensors; see the header.
#include "core/ops/evaluate.h"

#include <string>
#include <utility>

#include "core/ops/infer_util.h"

namespace halftone {
namespace {

class EvaluatePrepare final : public PrepareContext {
 public:
  EvaluatePrepare(const Node& node, int64_t opset, std::span<const Tensor> inputs)
      : node_(node), opset_(opset), inputs_(inputs) {
    for (const Tensor& t : inputs) shapes_.push_back(t.defined() ? SymShape::of(t.dims()) : SymShape());
  }
  const Node& node() const override { return node_; }
  int64_t opset() const override { return opset_; }
  const Tensor* constant(size_t i) const override {
    return i < inputs_.size() && inputs_[i].defined() ? &inputs_[i] : nullptr;
  }
  const QuantParams* input_quant(size_t) const override { return nullptr; }
  const QuantParams* output_quant(size_t) const override { return nullptr; }
  DType input_dtype(size_t i) const override { return i < inputs_.size() ? inputs_[i].dtype() : DType::kUndefined; }
  const SymShape& input_shape(size_t i) const override { return i < shapes_.size() ? shapes_[i] : absent_; }

 private:
  const Node& node_;
  int64_t opset_;
  std::span<const Tensor> inputs_;
  std::vector<SymShape> shapes_;
  SymShape absent_;
};

class EvaluateContext final : public RunContext {
 public:
  EvaluateContext(const Node& node, int64_t opset, std::span<const Tensor> inputs, const OpState* state,
                  int64_t max_output_bytes)
      : outputs(node.outputs.size()),
        node_(node),
        opset_(opset),
        tensors_(inputs),
        state_(state),
        max_output_bytes_(max_output_bytes) {
    for (const Tensor& t : inputs) views_.push_back(t.defined() ? t.view() : View());
  }

  const Node& node() const override { return node_; }
  int64_t opset() const override { return opset_; }
  bool has_input(size_t i) const override { return i < tensors_.size() && tensors_[i].defined(); }
  size_t input_count() const override { return tensors_.size(); }
  size_t output_count() const override { return node_.outputs.size(); }
  bool wants_output(size_t i) const override { return node_.output(i) != kNoValue; }
  const View& input(size_t i) const override {
    HT_CHECK(has_input(i));
    return views_[i];
  }

  Result<MutView> output(size_t i, DType dtype, std::span<const int64_t> dims) override {
    HT_CHECK(i < outputs.size() && !outputs[i].defined());
    auto count = element_count(dims);
    auto bytes = count && dtype != DType::kString ? packed_bytes(dtype, *count) : count;
    if (!bytes || *bytes > max_output_bytes_) {
      return Error{ErrorCode::kOutOfMemory, "an output of shape " + to_string(dims) + " is too large", {}, {}};
    }
    if (dtype == DType::kString) {
      outputs[i] = Tensor::strings({dims.begin(), dims.end()}, std::vector<std::string>(static_cast<size_t>(*count)));
    } else {
      HT_ASSIGN(outputs[i], Tensor::allocate(dtype, {dims.begin(), dims.end()}));
    }
    return outputs[i].mutable_view();
  }

  Status output_alias(size_t i, size_t j, std::span<const int64_t> dims) override {
    HT_CHECK(i < outputs.size() && has_input(j) && element_count(dims) == tensors_[j].size());
    outputs[i] = tensors_[j].reshaped({dims.begin(), dims.end()});
    return ok_status();
  }

  Result<void*> scratch(int64_t bytes) override {
    HT_ASSIGN(Tensor block, Tensor::allocate(DType::kUint8, {bytes}, "scratch"));
    scratch_.push_back(std::move(block));
    return static_cast<void*>(scratch_.back().mutable_bytes());
  }

  const OpState* state() const override { return state_; }
  const QuantParams* input_quant(size_t) const override { return nullptr; }
  const QuantParams* output_quant(size_t) const override { return nullptr; }

  std::vector<Tensor> outputs;

 private:
  const Node& node_;
  int64_t opset_;
  std::span<const Tensor> tensors_;
  std::vector<View> views_;
  std::vector<Tensor> scratch_;
  const OpState* state_;
  int64_t max_output_bytes_;
};

}  // namespace

Result<std::vector<Tensor>> evaluate_node(const OpDef& op, const Node& node, int64_t opset,
                                          std::span<const Tensor> inputs, const EvaluateOptions& options) {
  if (op.run == nullptr) return unsupported("operator " + node.op_type + " has no kernel");
  std::unique_ptr<OpState> state;
  if (op.prepare != nullptr) {
    EvaluatePrepare prepare(node, opset, inputs);
    HT_ASSIGN(state, op.prepare(prepare));
  }
  EvaluateContext ctx(node, opset, inputs, state.get(), options.max_output_bytes);
  HT_TRY(op.run(ctx));
  return std::move(ctx.outputs);
}

}  // namespace halftone
