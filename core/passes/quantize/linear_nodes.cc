// QuantizeLinear and DequantizeLinear nodes, named after what they quantize.
#include "core/passes/quantize/linear_nodes.h"

#include <algorithm>
#include <numeric>

#include "core/kernels/quant/quantize.h"

namespace halftone {

ScaleAndZero LinearNodes::add_params(const std::string& base, const QuantParams& params, const Dims& of) {
  Dims dims = params.per_tensor() ? Dims{} : Dims{static_cast<int64_t>(params.scale.size())};
  if (params.block_size > 0) {
    dims = of;
    int64_t& blocked = dims[static_cast<size_t>(params.axis)];
    blocked = (blocked + params.block_size - 1) / params.block_size;
  }
  ScaleAndZero ids;
  ids.scale = names_.add_constant(base + "_scale", Tensor::of<float>(dims, params.scale));
  if (params.dtype != DType::kInt32) ids.zero = zero_point(params.dtype, dims, params.zero_point);
  return ids;
}

// Most zero points are alike (0, or a vector of zeros): one constant serves all of them.
ValueId LinearNodes::zero_point(DType type, const Dims& dims, const std::vector<int32_t>& values) {
  // Numbers of a size that a scale tensor has already.
  Tensor tensor = *Tensor::allocate(type, dims);
  std::fill_n(tensor.mutable_bytes(), *packed_bytes(type, tensor.size()), uint8_t{0});
  for (size_t i = 0; i < values.size(); ++i) {
    packed_set(tensor.mutable_bytes(), static_cast<int64_t>(i), dtype_info(type).bits, values[i]);
  }
  for (ValueId id : zero_points_) {
    if (graph_.value(id).constant.identical(tensor)) return id;
  }
  zero_points_.push_back(names_.add_constant("zero_point", std::move(tensor)));
  return zero_points_.back();
}

Node& LinearNodes::add(const std::string& op_type, const std::string& base, std::vector<ValueId> inputs, ValueId to) {
  Node& node = nodes_.emplace_back();
  node.op_type = op_type;
  node.name = names_.take_node_name(base + "_" + op_type);
  node.inputs = std::move(inputs);
  node.outputs = {to};
  return node;
}

void LinearNodes::add_node(const std::string& op_type, const std::string& base, ValueId from, const ScaleAndZero& ids,
                           const QuantParams& params, ValueId to) {
  Node& node = add(op_type, base, {from, ids.scale}, to);
  if (ids.zero != kNoValue) node.inputs.push_back(ids.zero);
  if (!params.per_tensor()) node.attributes["axis"] = Attribute(params.axis);
  if (params.block_size > 0) node.attributes["block_size"] = Attribute(params.block_size);
}

ValueId LinearNodes::clip(const std::string& base, ValueId from, Range range) {
  const ValueId low = names_.add_constant(base + "_low", Tensor::scalar(range.low));
  const ValueId high = names_.add_constant(base + "_high", Tensor::scalar(range.high));
  const SymShape shape = graph_.value(from).shape;
  const ValueId to = names_.add_value(base + "_clipped", DType::kFloat, shape);
  add("Clip", base, {from, low, high}, to);
  return to;
}

ValueId LinearNodes::transpose(const std::string& base, ValueId from, size_t rank) {
  std::vector<int64_t> perm(rank);
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[rank - 1], perm[rank - 2]);
  const ValueId to = names_.add_value(base + "_turned", DType::kFloat, {});
  add("Transpose", base, {from}, to).attributes["perm"] = Attribute(std::move(perm));
  return to;
}

ValueId LinearNodes::find_stored(ValueId source, const QuantParams& params) const {
  for (const Stored& stored : stored_) {
    if (stored.source == source && stored.params == params) return stored.dequantized;
  }
  return kNoValue;
}

ValueId LinearNodes::store(ValueId source, Tensor integers, const QuantParams& params, bool turned) {
  const std::string name = base(source);
  const Dims dims = integers.dims();
  const SymShape shape = SymShape::of(dims);
  const ValueId constant = names_.add_constant(name + "_quantized", std::move(integers));
  ValueId result = names_.add_value(name + "_dequantized", DType::kFloat, shape);
  add_node("DequantizeLinear", name, constant, add_params(name, params, dims), params, result);
  if (turned) result = transpose(name, result, dims.size());
  stored_.push_back({source, result, params});
  return result;
}

}  // namespace halftone
