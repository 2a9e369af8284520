// Before:     y = Op(Transpose(a), Transpose(b), c)     (both to channels-first)
// After:      y = Transpose(Op(a, b, Transpose(c)))
// Conditions: Op works element by element, or along one axis (Concat); at least one operand is such a Transpose; any
//             other is a single element, a constant that broadcasts, or has y's rank and is transposed too (of rank 3
//             fewer than those that are).
// Formula:    permuting all operands permutes the result; Concat's axis is permuted along.
#include <algorithm>

#include "core/compile/layout.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/evaluate.h"

namespace halftone {
namespace {

enum class Operand { kKeep, kConstant, kTranspose, kRefuse };

Operand operand_kind(const RewriteContext& context, ValueId id, int64_t rank) {
  const Value& value = context.graph.value(id);
  if (value.is_constant()) {
    if (value.constant.size() == 1) return Operand::kKeep;
    return value.constant.rank() <= rank ? Operand::kConstant : Operand::kRefuse;
  }
  if (!value.shape.has_rank()) return Operand::kRefuse;
  if (value.shape.rank() == 0) return Operand::kKeep;
  return value.shape.rank() == rank ? Operand::kTranspose : Operand::kRefuse;
}

// The constant with axes of one in front, its axes permuted.
Result<ValueId> permuted_constant(Graph& graph, ValueId id, int64_t rank) {
  const Value value = graph.value(id);
  Dims dims(static_cast<size_t>(rank) - value.constant.dims().size(), 1);
  dims.insert(dims.end(), value.constant.dims().begin(), value.constant.dims().end());
  const OpDef* transpose = find_op("", "Transpose", 13);
  Node node;
  node.op_type = "Transpose";
  node.outputs = {0};
  node.attributes["perm"] = Attribute(to_channels_last(rank));
  const Tensor input = value.constant.reshaped(dims);
  HT_ASSIGN(const std::vector<Tensor> outputs, evaluate_node(*transpose, node, 13, std::span(&input, 1)));
  const ValueId made = graph.add_constant(value.name + "_channels_last", outputs[0]);
  graph.value(made).quant = value.quant;
  return made;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const auto node = [&]() -> Node& { return graph.nodes[static_cast<size_t>(context.node)]; };
  const LayoutKind kind = layout_kind(graph, node());
  if (kind != LayoutKind::kElementwise && kind != LayoutKind::kAxis) return false;
  const SymShape& shape = graph.value(node().outputs[0]).shape;
  if (!shape.has_rank() || shape.rank() < 3) return false;
  const int64_t rank = shape.rank();
  int64_t given = 0, needed = 0;  // transposes that go and that come
  for (ValueId id : node().inputs) {
    if (id == kNoValue) continue;
    const Operand operand = operand_kind(context, id, rank);
    if (operand == Operand::kRefuse) return false;
    if (channels_last_source(context, id) != kNoValue) {
      ++given;
    } else if (operand == Operand::kTranspose) {
      ++needed;
    }
  }
  // Of three axes the permutation is its own inverse: one that comes would look like one to sink, and so on forever.
  if (given == 0 || (rank == 3 && needed >= given)) return false;
  const size_t count = node().inputs.size();
  for (size_t i = 0; i < count; ++i) {
    const ValueId id = node().inputs[i];
    if (id == kNoValue) continue;
    const Operand operand = operand_kind(context, id, rank);
    if (operand == Operand::kKeep) continue;
    if (operand == Operand::kTranspose) {
      const ValueId last = make_channels_last(context, id);
      node().inputs[i] = last;
      continue;
    }
    auto made = permuted_constant(graph, id, rank);
    if (!made.ok()) return false;  // operands are independent: those permuted before go with the node
    node().inputs[i] = *made;
  }
  if (kind == LayoutKind::kAxis) {
    const int64_t axis = node().int_attr("axis", 1), from_front = axis < 0 ? axis + rank : axis;
    const auto perm = to_channels_last(rank);
    const auto at = std::find(perm.begin(), perm.end(), from_front) - perm.begin();
    node().attributes["axis"] = Attribute(static_cast<int64_t>(at));
  }
  give_channels_last(context, context.node);
  return true;
}

}  // namespace

const RewriteRule kSinkTranspose = {"sink_transpose", "Moves transposes behind operators that do not mind the layout.",
                                    apply};

}  // namespace halftone
