// Before:     y = Op(x, w), with x, w and y float16 or bfloat16
// After:      y = Cast(Op(Cast(x), w)), with constants in float32; a Cast that turned a float32 value into x is passed
// over Conditions: Op has a kernel and no graphs inside; every type that it gives follows from what it is given.
// Formula:    the same numbers, rounded where the model goes in and out instead of after every operator.
// Reference:  kernels are written for float32, which engines compute with anyway: rounding each result would only cost.
#include <algorithm>

#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/half.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

Attributes to_type(DType type) { return {{"to", Attribute(static_cast<int64_t>(type))}}; }

bool names_its_type(const Node& node) {
  return is_op(node, "CastLike") || is_op(node, "BitCast") ||
         std::any_of(node.attributes.begin(), node.attributes.end(), [](const auto& item) {
           return item.first == "to" || item.first == "dtype" || item.first == "output_dtype" ||
                  std::holds_alternative<GraphPtr>(item.second.value);
         });
}

bool has_kernel(const RewriteContext& context, const Node& node) {
  return find_op(node.domain, node.op_type, node.domain.empty() ? context.opset : 1) != nullptr;
}

ValueId add_cast(Graph& graph, ValueId from, ValueId to, DType type) {
  Node cast;
  cast.op_type = "Cast";
  cast.inputs = {from};
  cast.outputs = {to};
  cast.attributes = to_type(type);
  graph.nodes.push_back(std::move(cast));
  return to;
}

// The value in float32: what it was cast from, its constant converted, or a new Cast of it. kNoValue: out of memory.
ValueId in_float(RewriteContext& context, ValueId id) {
  Graph& graph = context.graph;
  if (const Tensor* constant = constant_of(graph, id)) {
    auto wide = convert(*constant, DType::kFloat);
    return wide.ok() ? graph.add_constant(graph.value(id).name, *std::move(wide)) : kNoValue;
  }
  if (const Node* from = producer(context, id); from != nullptr && is_op(*from, "Cast")) {
    if (graph.value(from->inputs[0]).dtype == DType::kFloat) return from->inputs[0];
  }
  for (const Use& use : context.uses.uses(id)) {
    if (use.node < 0) continue;
    const Node& user = graph.nodes[static_cast<size_t>(use.node)];
    if (is_op(user, "Cast") && graph.value(user.outputs[0]).dtype == DType::kFloat) return user.outputs[0];
  }
  const ValueId wide = graph.add_value(graph.value(id).name, DType::kFloat, graph.value(id).shape);
  return add_cast(graph, id, wide, DType::kFloat);
}

// A Cast of what was cast from float32 reads the float32 itself.
bool skip_cast(RewriteContext& context, Node& cast) {
  const Graph& graph = context.graph;
  if (cast.input(0) == kNoValue || !is_half(graph.value(cast.inputs[0]).dtype)) return false;
  const Node* from = producer(context, cast.inputs[0]);
  if (from == nullptr || !is_op(*from, "Cast") || graph.value(from->inputs[0]).dtype != DType::kFloat) return false;
  cast.inputs[0] = from->inputs[0];
  return true;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const auto index = static_cast<size_t>(context.node);
  const Node before = graph.nodes[index];
  const auto half = [&](ValueId id) { return id != kNoValue && is_half(graph.value(id).dtype); };
  if (before.removed) return false;
  if (is_op(before, "Cast")) return skip_cast(context, graph.nodes[index]);
  if (names_its_type(before) || !has_kernel(context, before)) return false;
  if (std::none_of(before.inputs.begin(), before.inputs.end(), half)) return false;
  std::vector<ValueId> inputs = before.inputs;
  for (ValueId& id : inputs) {
    if (half(id) && (id = in_float(context, id)) == kNoValue) return false;
  }
  graph.nodes[index].inputs = std::move(inputs);
  for (size_t i = 0; i < before.outputs.size(); ++i) {
    const ValueId given = before.outputs[i];
    if (!half(given)) continue;
    const ValueId wide = graph.add_value(graph.value(given).name, DType::kFloat, graph.value(given).shape);
    graph.nodes[index].outputs[i] = wide;
    put_stand_in(context, given, wide);
    add_cast(graph, wide, given, graph.value(given).dtype);
  }
  return true;
}

}  // namespace

const RewriteRule kComputeInFloat = {
    "compute_in_float",
    "Computes in float32 what a model has in float16 or bfloat16, rounding where it goes in and out.", apply};

}  // namespace halftone
