// QuantizeLinear and DequantizeLinear nodes, named after what they quantize.
#include "core/passes/quantize/linear_nodes.h"

namespace halftone {

ScaleAndZero LinearNodes::add_params(const std::string& base, const QuantParams& params) {
  const Dims dims = params.per_tensor() ? Dims{} : Dims{static_cast<int64_t>(params.scale.size())};
  ScaleAndZero ids;
  ids.scale = names_.add_constant(base + "_scale", Tensor::of<float>(dims, params.scale));
  if (params.dtype == DType::kInt8) ids.zero = zero_point<int8_t>(dims, params.zero_point);
  if (params.dtype == DType::kUint8) ids.zero = zero_point<uint8_t>(dims, params.zero_point);
  return ids;
}

// Most zero points are alike (0, or a vector of zeros): one constant serves all of them.
template <typename T>
ValueId LinearNodes::zero_point(const Dims& dims, const std::vector<int32_t>& values) {
  const std::vector<T> exact(values.begin(), values.end());
  Tensor tensor = Tensor::of<T>(dims, exact);
  for (ValueId id : zero_points_) {
    if (graph_.value(id).constant.identical(tensor)) return id;
  }
  zero_points_.push_back(names_.add_constant("zero_point", std::move(tensor)));
  return zero_points_.back();
}

void LinearNodes::add_node(const std::string& op_type, const std::string& base, ValueId from,
                           const ScaleAndZero& params, int64_t axis, ValueId to) {
  Node node;
  node.op_type = op_type;
  node.name = names_.take_node_name(base + "_" + op_type);
  node.inputs = {from, params.scale};
  if (params.zero != kNoValue) node.inputs.push_back(params.zero);
  node.outputs = {to};
  if (axis >= 0) node.attributes["axis"] = Attribute(axis);
  nodes_.push_back(std::move(node));
}

ValueId LinearNodes::find_stored(ValueId source, const QuantParams& params) const {
  for (const Stored& stored : stored_) {
    if (stored.source == source && stored.params == params) return stored.dequantized;
  }
  return kNoValue;
}

ValueId LinearNodes::store(ValueId source, Tensor integers, const QuantParams& params) {
  const std::string name = base(source);
  const SymShape shape = SymShape::of(integers.dims());
  const ValueId constant = names_.add_constant(name + "_quantized", std::move(integers));
  const ValueId result = names_.add_value(name + "_dequantized", DType::kFloat, shape);
  add_node("DequantizeLinear", name, constant, add_params(name, params), params.axis, result);
  stored_.push_back({source, result, params});
  return result;
}

}  // namespace halftone
