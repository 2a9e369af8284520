// Hands inferred shapes to the row's cost function.
#include "core/ops/node_macs.h"

#include <vector>

#include "core/ops/op_def.h"

namespace halftone {

int64_t node_macs(const Model& model, const Graph& graph, const Node& node) {
  const OpDef* op = find_op(node.domain, node.op_type, model.opset(node.domain));
  if (op == nullptr || op->cost == nullptr) return 0;
  const auto shapes_of = [&](const std::vector<ValueId>& ids) {
    std::vector<SymShape> shapes;
    for (ValueId id : ids) {
      if (id == kNoValue) {
        shapes.emplace_back();
      } else {
        const Value& value = graph.value(id);
        shapes.push_back(value.is_constant() ? SymShape::of(value.constant.dims()) : value.shape);
      }
    }
    return shapes;
  };
  const std::vector<SymShape> inputs = shapes_of(node.inputs), outputs = shapes_of(node.outputs);
  return op->cost({node, inputs, outputs}).macs;
}

}  // namespace halftone
