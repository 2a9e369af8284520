// Before:     u = Sigmoid(x), y = Mul(x, u)          (any chain of integer operators that work byte by byte)
// After:      y = halftone.Table(x)
// Conditions: integer nodes with 8-bit parameters per tensor. A unary one behind another that nobody else reads; or
// Add,
//             Sub and Mul whose operands both come from the same x, or from x and a constant of one element.
// Formula:    table[b] = Q(op(DQ(table_a[b]), DQ(table_b[b]))): what the nodes would give for each of the 256 bytes, so
//             no result changes, and the tensors between are neither written nor read.
#include <algorithm>
#include <vector>

#include "core/compile/match.h"
#include "core/compile/node_facts.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/int8_elementwise.h"
#include "core/ops/int8_linear.h"

namespace halftone {
namespace {

// A value as a function of another one's bytes.
struct Traced {
  ValueId root;
  ByteTable table;
};

bool is_table(const Node& node) { return node.domain == kInternalDomain && node.op_type == kTableOp; }

// One integer input and a table of its own.
bool is_unary(const RewriteContext& context, const Node& node) {
  if (node.removed || !is_integer_node(node) || node.outputs.size() != 1) return false;
  if (is_table(node)) return true;
  const OpDef* op = find_op(node.domain, node.op_type, context.opset);
  return op != nullptr && op->run_int8 == run_int8_table;
}

bool is_binary(const Node& node) {
  return is_integer_node(node) && node.inputs.size() == 2 && !node.has("axis") &&
         (is_op(node, "Add") || is_op(node, "Sub") || is_op(node, "Mul"));
}

std::optional<ByteTable> tabulate(const RewriteContext& context, const Node& node,
                                  std::span<const ByteTable* const> codes) {
  if (is_table(node)) {
    ByteTable table;
    const uint8_t* own = node.tensor_attr(kTableAttr)->bytes();
    for (size_t i = 0; i < table.size(); ++i) table[i] = own[(*codes[0])[i]];
    return table;
  }
  const NodeFacts facts(context.graph, node, context.opset, true);
  if (!is_int8_per_tensor(facts.output_quant(0))) return std::nullopt;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] != nullptr && !is_int8_per_tensor(facts.input_quant(i))) return std::nullopt;
  }
  auto table = tabulate_int8(facts, codes);
  if (!table.ok()) return std::nullopt;
  return *table;
}

// The value one table back; nullopt where it is no unary node's output.
std::optional<Traced> trace(const RewriteContext& context, ValueId id) {
  const Node* node = producer(context, id);
  if (node == nullptr || !is_unary(context, *node)) return std::nullopt;
  std::vector<const ByteTable*> codes(node->inputs.size(), nullptr);
  codes[0] = &kEveryByte;
  const auto table = tabulate(context, *node, codes);
  if (!table) return std::nullopt;
  return Traced{node->inputs[0], *table};
}

// Both operands as functions of the same value.
std::optional<std::pair<Traced, Traced>> same_root(const RewriteContext& context, ValueId a, ValueId b) {
  const Traced own_a{a, kEveryByte}, own_b{b, kEveryByte};
  if (a == b) return std::pair{own_a, own_b};
  const auto back_a = trace(context, a), back_b = trace(context, b);
  if (back_b && back_b->root == a) return std::pair{own_a, *back_b};
  if (back_a && back_a->root == b) return std::pair{*back_a, own_b};
  if (back_a && back_b && back_a->root == back_b->root) return std::pair{*back_a, *back_b};
  return std::nullopt;
}

std::optional<Traced> fused_binary(const RewriteContext& context, const Node& node) {
  const Graph& graph = context.graph;
  for (size_t i = 0; i < 2; ++i) {
    const Value& other = graph.value(node.inputs[1 - i]);
    if (!other.is_constant()) continue;
    if (other.constant.size() != 1 || other.constant.rank() > graph.value(node.inputs[i]).shape.rank()) {
      return std::nullopt;
    }
    const ByteTable* codes[2] = {nullptr, nullptr};
    codes[i] = &kEveryByte;
    const auto table = tabulate(context, node, codes);
    return table ? std::optional(Traced{node.inputs[i], *table}) : std::nullopt;
  }
  const auto both = same_root(context, node.inputs[0], node.inputs[1]);
  if (!both) return std::nullopt;
  const ByteTable* codes[2] = {&both->first.table, &both->second.table};
  const auto table = tabulate(context, node, codes);
  return table ? std::optional(Traced{both->first.root, *table}) : std::nullopt;
}

std::optional<Traced> fused_unary(const RewriteContext& context, const Node& node) {
  if (only_consumer(context, node.inputs[0]) != context.node) return std::nullopt;
  const auto before = trace(context, node.inputs[0]);
  if (!before) return std::nullopt;
  std::vector<const ByteTable*> codes(node.inputs.size(), nullptr);
  codes[0] = &before->table;
  const auto table = tabulate(context, node, codes);
  return table ? std::optional(Traced{before->root, *table}) : std::nullopt;
}

bool apply(RewriteContext& context) {
  Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  std::optional<Traced> fused;
  if (is_binary(node)) {
    fused = fused_binary(context, node);
  } else if (is_unary(context, node)) {
    fused = fused_unary(context, node);
  }
  if (!fused) return false;
  node.domain = kInternalDomain;
  node.op_type = kTableOp;
  node.inputs = {fused->root};
  node.attributes.clear();
  node.attributes[std::string(kIntegerAttr)] = Attribute(int64_t{1});
  node.attributes[std::string(kTableAttr)] =
      Attribute(Tensor::of<uint8_t>({256}, std::span<const uint8_t>(fused->table)));
  return true;
}

}  // namespace

const RewriteRule kFuseTables = {"fuse_tables", "Makes one table of integer operators that work byte by byte.", apply};

}  // namespace halftone
