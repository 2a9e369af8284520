// Before:     int8 activations (or uint8 ones), as the model has them
// After:      the same real values as uint8 with zero point + 128 (or int8 with zero point - 128)
// Conditions: the machine's dot product takes the other kind directly (dot/operands.h). Activations per tensor that
//             only integer nodes make and read, and quantizers with the same parameters; where an operator needs
//             equal parameters on both sides, all of them or none. Inputs, outputs, taps, constants and what graphs
//             inside of nodes see stay.
// Formula:    scale * (q - z) = scale * ((q + 128) - (z + 128)): every integer moves by 128, no result changes.
#include "core/compile/rewrites/choose_signedness.h"

#include <algorithm>
#include <numeric>

#include "core/compile/match.h"
#include "core/compile/quant_match.h"
#include "core/compile/rewrites/rules.h"
#include "core/kernels/dot/dot_probe.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

// Sets of values that must keep equal parameters (union-find).
class Groups {
 public:
  explicit Groups(size_t n) : parent_(n), fixed_(n, false) { std::iota(parent_.begin(), parent_.end(), 0); }
  size_t find(size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(size_t a, size_t b) {
    a = find(a);
    b = find(b);
    parent_[b] = a;
    fixed_[a] = fixed_[a] || fixed_[b];
  }
  void fix(size_t i) { fixed_[find(i)] = true; }
  bool fixed(size_t i) { return fixed_[find(i)]; }

 private:
  std::vector<size_t> parent_;
  std::vector<bool> fixed_;
};

bool is_quantizer(const Node& node) { return is_op(node, "QuantizeLinear") || is_op(node, "DequantizeLinear"); }

// The integers of a quantizer.
ValueId integers_of(const Node& node) { return is_op(node, "QuantizeLinear") ? node.output(0) : node.input(0); }

// A quantizer that takes the integers for what the graph takes them for. Another one reads or writes them as they are.
bool agrees(const Graph& graph, const Node& node) {
  const auto params = quant_params(graph, node);
  return params && graph.value(integers_of(node)).quant == params;
}

// What a node says about the values it touches.
void visit(const Graph& graph, const Node& node, int64_t opset, Groups& groups) {
  const auto each = [&](auto&& f) {
    for (const auto* ids : {&node.inputs, &node.outputs}) {
      for (ValueId id : *ids) {
        if (id != kNoValue) f(static_cast<size_t>(id));
      }
    }
  };
  if (!is_integer_node(node)) {
    // Scale and zero point of a quantizer are no activations.
    if (!is_quantizer(node) || !agrees(graph, node)) each([&](size_t id) { groups.fix(id); });
    return;
  }
  const OpDef* op = find_op(node.domain, node.op_type, opset);
  if (op == nullptr || op->quant.kind != QuantKind::kPassThrough) return;
  std::optional<size_t> first;
  each([&](size_t id) {
    if (!graph.values[id].quant) return;
    if (first) groups.join(*first, id);
    first = first.value_or(id);
  });
}

// Who else sees a value: the caller, graphs inside of nodes. Constants keep their integers.
bool is_fixed(const RewriteContext& context, ValueId id) {
  const auto uses = context.uses.uses(id);
  return context.uses.producer(id) < 0 || context.graph.value(id).is_constant() ||
         std::any_of(uses.begin(), uses.end(), [](const Use& use) { return use.node < 0 || use.input < 0; });
}

Groups find_groups(const RewriteContext& context) {
  const Graph& graph = context.graph;
  Groups groups(graph.values.size());
  for (size_t i = 0; i < graph.values.size(); ++i) {
    if (is_fixed(context, static_cast<ValueId>(i))) groups.fix(i);
  }
  for (const Node& node : graph.nodes) {
    if (!node.removed) visit(graph, node, context.opset, groups);
  }
  return groups;
}

void shift(Graph& graph, ValueId id) {
  Value& value = graph.value(id);
  const bool up = value.dtype == DType::kInt8;
  value.dtype = value.quant->dtype = up ? DType::kUint8 : DType::kInt8;
  value.quant->zero_point[0] += up ? 128 : -128;
  // Its name meant other integers.
  std::string name = value.name + "_shifted";
  while (graph.find_value(name) != kNoValue) name += "_";
  value.name = std::move(name);
}

void rewrite_zero_point(Graph& graph, Node& node) {
  const QuantParams params = *graph.value(integers_of(node)).quant;
  const Tensor zero = params.dtype == DType::kUint8
                          ? Tensor::scalar<uint8_t>(static_cast<uint8_t>(params.zero_point[0]))
                          : Tensor::scalar<int8_t>(static_cast<int8_t>(params.zero_point[0]));
  put_input(node, 2, graph.add_constant("zero_point", zero));
  if (is_op(node, "QuantizeLinear")) node.attributes.erase("output_dtype");
}

bool apply(RewriteContext& context) {
  const DotKind dot = dot_kind();
  if (context.node != 0 || dot == DotKind::kNone) return false;
  return shift_activations(context, dot == DotKind::kSdot ? DType::kUint8 : DType::kInt8);
}

}  // namespace

bool shift_activations(RewriteContext& context, DType from) {
  Graph& graph = context.graph;
  Groups groups = find_groups(context);
  std::vector<bool> changed(graph.values.size(), false);
  for (size_t i = 0; i < changed.size(); ++i) {
    const Value& value = graph.values[i];
    changed[i] = value.quant && value.dtype == from && value.quant->per_tensor() && !groups.fixed(i);
    if (changed[i]) shift(graph, static_cast<ValueId>(i));
  }
  for (Node& node : graph.nodes) {
    if (node.removed || !is_quantizer(node) || integers_of(node) == kNoValue) continue;
    if (changed[static_cast<size_t>(integers_of(node))]) rewrite_zero_point(graph, node);
  }
  return std::find(changed.begin(), changed.end(), true) != changed.end();
}

const RewriteRule kChooseSignedness = {
    "choose_signedness", "Keeps activations as the integers that this machine multiplies directly.", apply};

}  // namespace halftone
