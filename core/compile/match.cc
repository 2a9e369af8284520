// Small questions that rewrite rules ask about a graph.
#include "core/compile/match.h"

#include <algorithm>

#include "core/ops/op_def.h"

namespace halftone {

bool is_op(const Node& node, std::string_view op_type) {
  return !node.removed && node.domain.empty() && node.op_type == op_type;
}

bool is_integer_node(const Node& node) { return node.has(kIntegerAttr); }

const Node* producer(const RewriteContext& context, ValueId id) {
  if (id == kNoValue) return nullptr;
  const int32_t index = context.uses.producer(id);
  if (index < 0) return nullptr;
  const Node& node = context.graph.nodes[static_cast<size_t>(index)];
  return node.removed ? nullptr : &node;
}

int32_t only_consumer(const RewriteContext& context, ValueId id) {
  if (id == kNoValue || !context.uses.single_use(id)) return -1;
  const Use& use = context.uses.uses(id).front();
  return use.input < 0 ? -1 : use.node;
}

bool is_model_output(const RewriteContext& context, ValueId id) {
  for (const Use& use : context.uses.uses(id)) {
    if (use.node < 0 && static_cast<size_t>(use.input) < context.model_outputs) return true;
  }
  return false;
}

const Tensor* constant_of(const Graph& graph, ValueId id) {
  if (id == kNoValue || !graph.value(id).is_constant()) return nullptr;
  return &graph.value(id).constant;
}

std::optional<std::vector<float>> float_constant(const Graph& graph, ValueId id) {
  const Tensor* tensor = constant_of(graph, id);
  if (tensor == nullptr || tensor->dtype() != DType::kFloat) return std::nullopt;
  const auto data = tensor->data<float>();
  return std::vector<float>(data.begin(), data.end());
}

std::optional<std::vector<int64_t>> int_constant(const Graph& graph, ValueId id) {
  const Tensor* tensor = constant_of(graph, id);
  if (tensor == nullptr || !is_integer(tensor->dtype())) return std::nullopt;
  auto ints = to_ints(*tensor);
  if (!ints.ok()) return std::nullopt;
  return *std::move(ints);
}

std::optional<std::vector<float>> per_channel_constant(const Tensor& tensor, int64_t rank, int64_t axis,
                                                       int64_t channels) {
  if (tensor.dtype() != DType::kFloat || tensor.rank() > rank || channels < 1) return std::nullopt;
  const int64_t lead = rank - tensor.rank();
  for (int64_t i = 0; i < tensor.rank(); ++i) {
    const int64_t dim = tensor.dims()[static_cast<size_t>(i)];
    if (dim != 1 && !(i + lead == axis && dim == channels)) return std::nullopt;
  }
  const auto data = tensor.data<float>();
  std::vector<float> values(static_cast<size_t>(channels));
  for (size_t c = 0; c < values.size(); ++c) values[c] = data[data.size() == 1 ? 0 : c];
  return values;
}

bool same_shape(const SymShape& a, const SymShape& b) {
  if (!a.has_rank() || !b.has_rank() || a.rank() != b.rank()) return false;
  for (int64_t i = 0; i < a.rank(); ++i) {
    if (!a[i].same(b[i])) return false;
  }
  return true;
}

void put_input(Node& node, size_t index, ValueId id) {
  if (node.inputs.size() <= index) node.inputs.resize(index + 1, kNoValue);
  node.inputs[index] = id;
}

namespace {

void move_names(Graph& graph, ValueId from, ValueId to) {
  Value& gone = graph.value(from);
  auto& names = graph.value(to).stands_for;
  if (std::find(names.begin(), names.end(), gone.name) == names.end()) names.push_back(gone.name);
  for (std::string& name : gone.stands_for) names.push_back(std::move(name));
  gone.stands_for.clear();
  auto& first = graph.value(to).stands_for_first;
  for (std::string& name : gone.stands_for_first) first.push_back(std::move(name));
  gone.stands_for_first.clear();
}

}  // namespace

void take_over(Graph& graph, ValueId from, ValueId to) {
  replace_uses(graph, from, to);
  move_names(graph, from, to);
}

void put_stand_in(RewriteContext& context, ValueId from, ValueId to) {
  auto& outputs = context.graph.outputs;
  for (size_t i = context.model_outputs; i < outputs.size(); ++i) {
    if (outputs[i] == from) outputs[i] = to;
  }
  move_names(context.graph, from, to);
}

}  // namespace halftone
