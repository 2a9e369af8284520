// Before:     int8 activations (or uint8 ones), as the model has them
// After:      the same real values as uint8 with zero point + 128 (or int8 with zero point - 128)
// Conditions: the machine's dot product takes the other kind directly (dot/operands.h). Activations per tensor that
// only
//             integer nodes, QuantizeLinear and DequantizeLinear make and read; where an operator needs equal
//             parameters on both sides, all of them or none. Outputs and taps stay.
// Formula:    scale * (q - z) = scale * ((q + 128) - (z + 128)): every integer moves by 128, no result changes.
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
    if (!is_quantizer(node) || !quant_params(graph, node)) each([&](size_t id) { groups.fix(id); });
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

void rewrite_zero_point(Graph& graph, Node& node, const QuantParams& params) {
  const Tensor zero = params.dtype == DType::kUint8
                          ? Tensor::scalar<uint8_t>(static_cast<uint8_t>(params.zero_point[0]))
                          : Tensor::scalar<int8_t>(static_cast<int8_t>(params.zero_point[0]));
  put_input(node, 2, graph.add_constant("zero_point", zero));
  node.attributes.erase("output_dtype");
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const DotKind dot = dot_kind();
  if (context.node != 0 || dot == DotKind::kNone) return false;
  const DType from = dot == DotKind::kSdot ? DType::kUint8 : DType::kInt8;
  Groups groups(graph.values.size());
  for (const Node& node : graph.nodes) {
    if (!node.removed) visit(graph, node, context.opset, groups);
  }
  for (const auto* ids : {&graph.inputs, &graph.outputs}) {
    for (ValueId id : *ids) groups.fix(static_cast<size_t>(id));
  }
  std::vector<bool> changed(graph.values.size(), false);
  for (size_t i = 0; i < graph.values.size(); ++i) {
    Value& value = graph.values[i];
    const bool activation = value.quant && value.dtype == from && value.quant->per_tensor() && !value.is_constant();
    if (!activation || context.uses.producer(static_cast<ValueId>(i)) < 0 || groups.fixed(i)) continue;
    value.dtype = value.quant->dtype = from == DType::kInt8 ? DType::kUint8 : DType::kInt8;
    value.quant->zero_point[0] += from == DType::kInt8 ? 128 : -128;
    changed[i] = true;
  }
  bool any = false;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    Node& node = graph.nodes[n];
    if (node.removed || !is_quantizer(node)) continue;
    const ValueId id = is_op(node, "QuantizeLinear") ? node.outputs[0] : node.inputs[0];
    if (static_cast<size_t>(id) >= changed.size() || !changed[static_cast<size_t>(id)]) continue;
    const QuantParams params = *graph.value(id).quant;
    rewrite_zero_point(graph, node, params);
  }
  for (size_t i = 0; i < changed.size(); ++i) {
    if (!changed[i]) continue;
    any = true;
    // Its name meant other integers.
    std::string name = graph.values[i].name + "_shifted";
    while (graph.find_value(name) != kNoValue) name += "_";
    graph.values[i].name = std::move(name);
  }
  return any;
}

}  // namespace

const RewriteRule kChooseSignedness = {
    "choose_signedness", "Keeps activations as the integers that this machine multiplies directly.", apply};

}  // namespace halftone
