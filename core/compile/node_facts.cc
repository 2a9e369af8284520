// What an operator is told when it prepares.
#include "core/compile/node_facts.h"

namespace halftone {

NodeFacts::NodeFacts(const Graph& graph, const Node& node, int64_t opset, bool integer) : node_(node), opset_(opset) {
  const auto facts = [&](const std::vector<ValueId>& ids) {
    std::vector<Fact> all(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == kNoValue) continue;
      all[i].value = &graph.value(ids[i]);
      if (integer && all[i].value->quant) all[i].quant = &*all[i].value->quant;
    }
    return all;
  };
  inputs_ = facts(node.inputs);
  outputs_ = facts(node.outputs);
}

void NodeFacts::set_input(size_t i, const Graph& graph, ValueId id, const QuantParams& quant) {
  inputs_[i] = {&graph.value(id), &quant};
}

void NodeFacts::set_output(size_t i, const QuantParams& quant) { outputs_[i].quant = &quant; }

const NodeFacts::Fact& NodeFacts::fact(const std::vector<Fact>& facts, size_t i) const {
  static constexpr Fact kNone;
  return i < facts.size() ? facts[i] : kNone;
}

const Tensor* NodeFacts::constant(size_t input) const {
  const Value* value = fact(inputs_, input).value;
  return value != nullptr && value->is_constant() ? &value->constant : nullptr;
}

const QuantParams* NodeFacts::input_quant(size_t i) const { return fact(inputs_, i).quant; }
const QuantParams* NodeFacts::output_quant(size_t i) const { return fact(outputs_, i).quant; }

DType NodeFacts::input_dtype(size_t i) const {
  const Value* value = fact(inputs_, i).value;
  return value == nullptr ? DType::kUndefined : value->dtype;
}

const SymShape& NodeFacts::input_shape(size_t i) const {
  static const SymShape kUnknown;
  const Value* value = fact(inputs_, i).value;
  return value == nullptr ? kUnknown : value->shape;
}

}  // namespace halftone
