#include "tests/core/ops/integer_case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "core/base/rng.h"
#include "core/kernels/quant/quantize.h"
#include "core/ops/evaluate.h"

namespace halftone::testing {
namespace {

Node make_node(const IntegerCase& c) {
  Node node;
  node.op_type = c.op;
  node.attributes = c.attributes;
  for (size_t i = 0; i < c.inputs.size(); ++i) {
    node.inputs.push_back(c.inputs[i].tensor.defined() ? static_cast<ValueId>(i) : kNoValue);
  }
  node.outputs = {static_cast<ValueId>(c.inputs.size())};
  return node;
}

class Prepare final : public PrepareContext {
 public:
  Prepare(const IntegerCase& c, const Node& node) : c_(c), node_(node) {
    for (const IntegerInput& in : c.inputs) shapes_.push_back(SymShape::of(in.tensor.dims()));
  }
  const Node& node() const override { return node_; }
  int64_t opset() const override { return c_.opset; }
  const Tensor* constant(size_t i) const override {
    return i < c_.inputs.size() && c_.inputs[i].constant ? &c_.inputs[i].tensor : nullptr;
  }
  const QuantParams* input_quant(size_t i) const override {
    return i < c_.inputs.size() && c_.inputs[i].quant ? &*c_.inputs[i].quant : nullptr;
  }
  const QuantParams* output_quant(size_t i) const override { return i == 0 ? &c_.output : nullptr; }
  DType input_dtype(size_t i) const override { return c_.inputs[i].tensor.dtype(); }
  const SymShape& input_shape(size_t i) const override { return shapes_[i]; }

 private:
  const IntegerCase& c_;
  const Node& node_;
  std::vector<SymShape> shapes_;
};

class Run final : public RunContext {
 public:
  Run(const IntegerCase& c, const Node& node, const OpState* state) : c_(c), node_(node), state_(state) {
    for (const IntegerInput& in : c.inputs) views_.push_back(in.tensor.defined() ? in.tensor.view() : View());
  }
  const Node& node() const override { return node_; }
  int64_t opset() const override { return c_.opset; }
  bool has_input(size_t i) const override { return i < c_.inputs.size() && c_.inputs[i].tensor.defined(); }
  size_t input_count() const override { return c_.inputs.size(); }
  size_t output_count() const override { return 1; }
  bool wants_output(size_t i) const override { return i == 0; }
  const View& input(size_t i) const override { return views_[i]; }
  Result<MutView> output(size_t, DType dtype, std::span<const int64_t> dims) override {
    HT_ASSIGN(result, Tensor::allocate(dtype, {dims.begin(), dims.end()}));
    return result.mutable_view();
  }
  Status output_alias(size_t, size_t j, std::span<const int64_t> dims) override {
    result = c_.inputs[j].tensor.reshaped({dims.begin(), dims.end()});
    return ok_status();
  }
  Result<void*> scratch(int64_t bytes) override {
    HT_ASSIGN(Tensor block, Tensor::allocate(DType::kUint8, {bytes}));
    scratch_.push_back(std::move(block));
    return static_cast<void*>(scratch_.back().mutable_bytes());
  }
  const OpState* state() const override { return state_; }
  const QuantParams* input_quant(size_t i) const override {
    return i < c_.inputs.size() && c_.inputs[i].quant ? &*c_.inputs[i].quant : nullptr;
  }
  const QuantParams* output_quant(size_t i) const override { return i == 0 ? &c_.output : nullptr; }

  Tensor result;

 private:
  const IntegerCase& c_;
  const Node& node_;
  const OpState* state_;
  std::vector<View> views_;
  std::vector<Tensor> scratch_;
};

// Parameter index of element i.
size_t parameter(const QuantParams& q, const Dims& dims, int64_t i) {
  if (q.scale.size() == 1) return 0;
  int64_t inner = 1;
  for (size_t d = static_cast<size_t>(q.axis) + 1; d < dims.size(); ++d) inner *= dims[d];
  return static_cast<size_t>(i / inner % dims[static_cast<size_t>(q.axis)]);
}

int64_t code_at(const Tensor& t, int64_t i) {
  if (t.dtype() == DType::kInt32) return t.data<int32_t>()[static_cast<size_t>(i)];
  const DTypeInfo& info = dtype_info(t.dtype());
  return packed_get(t.bytes(), i, info.bits, info.kind == DKind::kSigned);
}

Tensor dequantized(const IntegerInput& in) {
  if (!in.quant || !in.tensor.defined()) return in.tensor;
  std::vector<float> values;
  for (int64_t i = 0; i < in.tensor.size(); ++i) {
    const size_t p = parameter(*in.quant, in.tensor.dims(), i);
    values.push_back(static_cast<float>(code_at(in.tensor, i) - in.quant->zero_point[p]) * in.quant->scale[p]);
  }
  return Tensor::of<float>(in.tensor.dims(), std::span<const float>(values));
}

}  // namespace

bool integer_applies(const IntegerCase& c) {
  const OpDef* op = find_op("", c.op, c.opset);
  if (op == nullptr || op->run_int8 == nullptr) return false;
  const Node node = make_node(c);
  return op->int8_applies == nullptr || op->int8_applies(Prepare(c, node));
}

Tensor run_integer(const IntegerCase& c) {
  EXPECT_TRUE(integer_applies(c)) << c.op;
  if (!integer_applies(c)) return {};
  const OpDef& op = *find_op("", c.op, c.opset);
  const Node node = make_node(c);
  std::unique_ptr<OpState> state;
  if (op.prepare_int8 != nullptr) {
    Prepare prepare(c, node);
    auto prepared = op.prepare_int8(prepare);
    EXPECT_TRUE(prepared.ok());
    if (!prepared.ok()) return {};
    state = *std::move(prepared);
  }
  Run run(c, node, state.get());
  const Status done = op.run_int8(run);
  EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message);
  return done.ok() ? run.result : Tensor();
}

Tensor simulate(const IntegerCase& c) {
  std::vector<Tensor> inputs;
  for (const IntegerInput& in : c.inputs) inputs.push_back(dequantized(in));
  auto outputs = evaluate_node(*find_op("", c.op, c.opset), make_node(c), c.opset, inputs);
  EXPECT_TRUE(outputs.ok()) << (outputs.ok() ? "" : outputs.error().message);
  if (!outputs.ok()) return {};
  const Tensor& real = (*outputs)[0];
  auto codes = Tensor::allocate(c.output.dtype, real.dims());
  if (!codes.ok()) return {};
  const DTypeInfo& info = dtype_info(c.output.dtype);
  for (int64_t i = 0; i < real.size(); ++i) {
    codes->mutable_bytes()[i] = static_cast<uint8_t>(
        quantize_code(real.data<float>()[static_cast<size_t>(i)], c.output.scale[0], c.output.zero_point[0],
                      static_cast<int32_t>(info.lowest), static_cast<int32_t>(info.highest)));
  }
  return *std::move(codes);
}

QuantParams per_tensor(DType type, float scale, int32_t zero) { return {type, {scale}, {zero}, -1, 0}; }

QuantParams per_axis(DType type, std::vector<float> scale, int64_t axis) {
  std::vector<int32_t> zeros(scale.size(), 0);
  return {type, std::move(scale), std::move(zeros), axis, 0};
}

Tensor random_codes(DType type, Dims dims, uint64_t seed, int32_t low, int32_t high) {
  auto t = Tensor::allocate(type, std::move(dims));
  Rng rng(seed);
  for (int64_t i = 0; i < t->size(); ++i) {
    t->mutable_bytes()[i] =
        static_cast<uint8_t>(low + static_cast<int32_t>(rng.below(static_cast<uint32_t>(high - low + 1))));
  }
  return *std::move(t);
}

int64_t code_distance(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.dims() != b.dims() || !a.defined()) return 999;
  int64_t worst = 0;
  for (int64_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(code_at(a, i) - code_at(b, i)));
  return worst;
}

}  // namespace halftone::testing
