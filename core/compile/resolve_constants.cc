// Constant nodes as initializers: exporters of some frameworks keep all weights in such nodes.
#include "core/compile/resolve_constants.h"

namespace halftone {

void resolve_constants(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (node.removed || !node.domain.empty() || node.op_type != "Constant" || node.output(0) == kNoValue) continue;
    Tensor tensor;
    if (const Tensor* value = node.tensor_attr("value")) {
      tensor = *value;
    } else if (node.has("value_float")) {
      tensor = Tensor::scalar<float>(node.float_attr("value_float", 0));
    } else if (node.has("value_int")) {
      tensor = Tensor::scalar<int64_t>(node.int_attr("value_int", 0));
    } else if (node.has("value_floats")) {
      const auto values = node.floats_attr("value_floats");
      tensor = Tensor::of<float>({static_cast<int64_t>(values.size())}, values);
    } else if (node.has("value_ints")) {
      const auto values = node.ints_attr("value_ints");
      tensor = Tensor::of<int64_t>({static_cast<int64_t>(values.size())}, values);
    } else {
      continue;
    }
    if (!tensor.defined()) continue;
    Value& value = graph.value(node.outputs[0]);
    value.dtype = tensor.dtype();
    value.shape = SymShape::of(tensor.dims());
    value.constant = std::move(tensor);
    node.removed = true;
  }
}

}  // namespace halftone
